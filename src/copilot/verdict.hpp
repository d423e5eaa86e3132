#pragma once

#include "copilot/plan_prompt.hpp"
#include "copilot/proposal.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::copilot {

/// Why the deterministic plan stands.
enum class Reason : std::uint8_t {
    none,  ///< it does not: the proposal was accepted
    llm_timeout,
    llm_schema,
    llm_infeasible,
    llm_worse,
    llm_breaker_open,
    llm_disabled,
    llm_unavailable,  ///< no connection, a refused key, an answer that is none after all tries
    llm_budget,       ///< the day's tokens are used up
};
[[nodiscard]] std::string_view to_string(Reason reason);

/// The guards, in their order. Each has its own counter.
enum class Guard : std::uint8_t { schema, ids, semantics, rules, physics, cost };
[[nodiscard]] std::string_view to_string(Guard guard);

inline constexpr std::size_t violations_max = 20;

struct Judgement {
    Reason reason = Reason::llm_worse;
    std::optional<Guard> failed;  ///< the guard that refused
    std::vector<std::string>
        violations;  ///< fixed words, figures and pseudonyms: fit to go back to the model
    std::vector<flex::RuleBreak> rules_broken;  ///< in the operator's own words: not for the model
    std::optional<flex::FlexPlan> plan;         ///< the proposal as a plan; only when it was accepted
    std::int64_t objective_micro = 0;           ///< of the proposal, reckoned by us; 0 before it can be
    std::int64_t plan_objective_micro = 0;      ///< of the deterministic plan
    [[nodiscard]] bool is_accepted() const { return plan.has_value(); }
};

/// Judges a proposal: ids (only offers that were put to the model, this event), semantics (half-hours that
/// there are, each offer once in each, powers and energies that the offer has, runs and blocks), rules (the
/// operator's, and the order of the ladder, by `rule_breaks`), physics (no half-hour's need less covered than
/// the deterministic plan covers it, expected relief counted as always), cost (within the event's cap, and a
/// lower objective by our own reckoning). What is out of range is refused, never clamped. The deterministic
/// plan is untouched whatever comes. Pure.
[[nodiscard]] Judgement judge(const PlanQuestion& question, const Proposal& proposal,
                              const Pseudonyms& names);

/// What the choices of an accepted proposal come to under `input`, its powers, costs and shortfall reckoned
/// again: for replays. What it took over from the plan it was made beside stays. Pure. Errors: `invalid` when
/// the choices do not fit the input.
[[nodiscard]] Result<flex::FlexPlan> reckon_again(const flex::PlanInput& input,
                                                  const flex::FlexPlan& proposed);

/// The judgement of an answer that was no proposal.
[[nodiscard]] Judgement refuse_schema(const Error& why);

}  // namespace headroom::copilot
