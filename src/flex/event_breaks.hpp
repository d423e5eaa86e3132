#pragma once

#include "flex/event_plan.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headroom::flex {

/// What of an event's input may be planned with: what rules, ladder and learnt latencies leave.
struct PermittedInput {
    PlanInput input;
    std::vector<std::size_t> turns;  ///< by offer of `input`, from 0 without gaps: in which it is asked
    bool takes_nothing = false;      ///< rung 1: nothing is bought
};
[[nodiscard]] PermittedInput permitted_input(const EventPlanInput& input);

/// A rule that a plan made by other means breaks.
struct RuleBreak {
    std::string rule = {};    ///< its id; "ladder" for the order, the time and the authority of its rungs
    std::string action = {};  ///< of the rule: never_ask, budget, prefer …; "ladder"; "latency"
    std::string provider = {};
    std::string offer = {};  ///< empty: the plan as a whole
    std::string detail = {};
};

/// Which of the operator's rules and of the ladder's order `proposed` breaks: who may not be asked, hours,
/// budgets, and offers of a later turn that are asked for what earlier turns cover in `standing`, the plan
/// that the same input gave (over all half-hours: it plans turn by turn, and when within the window an
/// earlier turn gives its energy may be chosen better). Empty when it breaks none. Pure.
[[nodiscard]] std::vector<RuleBreak> rule_breaks(const EventPlanInput& input, const FlexPlan& proposed,
                                                 const FlexPlan& standing);

/// With which probability `plan`, and what stands already, keep the load within the limit, by the draws of
/// the input's event, millionths; nothing where the input asks for none.
[[nodiscard]] std::optional<std::int64_t> certainty_ppm(const EventPlanInput& input, const FlexPlan& plan);

}  // namespace headroom::flex
