#pragma once

#include "flex/schedule_plan.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace headroom::flex {

// From what a DER is by its nature to the limits that the solver knows.

/// Narrows the DERs' power, energy, times and reliability to what their kind allows: batteries to what is
/// stored above the reserve, vehicles to what is above 6 A and can be charged later in time, heat pumps to
/// the time until the room is at its floor, generators to fuel and travel.
void fold_physics(PlanRequest& request);

/// What other services have been promised, checked by the rules' primacy: largest power by slot, and a record
/// of every check. Empty: nothing is promised.
[[nodiscard]] std::vector<std::int64_t> free_power_w(const PlanRequest& request, const PlanDer& der,
                                                     const RuleBook* rules,
                                                     std::vector<PrimacyCheck>& checks);

/// A DER that takes more before the need: which load in which slots, and what it gains by it.
struct TakenBefore {
    std::vector<std::int64_t> load_w;  ///< by slot; empty: it cannot
    double energy_kwh = 0.0;           ///< more to give
    double run_minutes = 0.0;          ///< longer at a time
    std::int64_t cost = 0;             ///< µ£
    std::size_t first_free = 0;        ///< slot from which it may be active
};
[[nodiscard]] TakenBefore taken_before(const PlanRequest& request, const PlanDer& der);

/// Recharges the plan's batteries where room is left after everything else, and reckons their charge slot by
/// slot. What finds no room stays open and is told.
void plan_recharge(const PlanRequest& request, const PreparedPlan& prepared, const Schedule& schedule,
                   std::vector<PlanAction>& actions);

}  // namespace headroom::flex
