#pragma once

#include "flex/schedule_plan.hpp"

#include <string>
#include <vector>

namespace headroom::flex {

// What a schedule means, in the words of its answer.

[[nodiscard]] double gbp(MicroPounds amount);
[[nodiscard]] std::vector<double> kilowatts(const std::vector<std::int64_t>& power_w);

/// The DERs that are used, by id, each with its reason.
[[nodiscard]] std::vector<PlanAction> actions(const PlanRequest& request, const PreparedPlan& prepared,
                                              const Schedule& schedule);
/// Slots and DERs whose limits the plan runs into; `price` is what relief is worth by slot, µ£ a watt.
[[nodiscard]] std::vector<PlanBinding> binding_limits(const PlanRequest& request,
                                                      const PreparedPlan& prepared, const Schedule& schedule,
                                                      const std::vector<double>& price);
/// What would have to give for the whole need to be covered; empty when it is.
[[nodiscard]] std::vector<std::string> what_would_help(const PlanRequest& request,
                                                       const PreparedPlan& prepared,
                                                       const Schedule& schedule);
/// For every DER that is used, the largest relief first: who would stand in.
[[nodiscard]] std::vector<PlanReserve> reserve_list(const PlanRequest& request, const PreparedPlan& prepared,
                                                    const Schedule& schedule);

}  // namespace headroom::flex
