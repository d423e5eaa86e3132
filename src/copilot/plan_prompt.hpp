#pragma once

#include "copilot/chat.hpp"
#include "copilot/pseudonyms.hpp"
#include "core/result.hpp"
#include "flex/event_breaks.hpp"
#include "flex/flex_plan.hpp"
#include "flex/plan_problem.hpp"
#include "knowledge/rule_refs.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::copilot {

/// What may leave the site.
enum class Share : std::uint8_t {
    figures,  ///< figures, kinds and times under pseudonyms; no text that anybody wrote
    names,    ///< besides, names and passages of rulebooks, as data
};
[[nodiscard]] std::string_view to_string(Share share);

/// Offers put to a model: the cheapest, and those of the plan.
inline constexpr std::size_t offers_asked_max = 60;

/// What is asked about: the decision's input, the deterministic plan, and the problem that both are judged
/// by.
struct PlanQuestion {
    const flex::PlanInput& input;
    const flex::FlexPlan& plan;
    const flex::Problem& problem;
    const std::vector<knowledge::RuleRef>& rules;
    Share share = Share::figures;
    /// What the plan was decided from, the operator's rules among it; nothing: there are none to break.
    const flex::EventPlanInput* ruled = nullptr;
    /// By offer of `input`: in which turn it is asked; empty: all in one.
    std::vector<std::size_t> turns = {};
};

/// The offers that the model may choose, as indexes of `problem.candidates`, in the order of their names
/// "offer-1", "offer-2" …: the closed vocabulary. Pure.
[[nodiscard]] std::vector<std::size_t> offers_asked(const PlanQuestion& question);

/// The largest power of a candidate in each half-hour, in watts, rounded down to 100 W: what is put to the
/// model. Of a block, the power of its whole run that begins there, 0 where none can.
[[nodiscard]] std::vector<std::int64_t> powers_asked(const flex::Candidate& candidate, std::size_t slots);

/// Facts and plan as one JSON object: pseudonyms for every id, no coordinates, no names unless shared.
[[nodiscard]] json::Object plan_facts(const PlanQuestion& question, Pseudonyms& names);

/// The conversation that asks for a proposal. Untrusted text stands in the user's turn only, as JSON strings
/// of one data block; the one function offered has no effect.
[[nodiscard]] Chat plan_chat(const PlanQuestion& question, Pseudonyms& names);

/// The same with the answer and what is wrong with it: the one round of repair.
[[nodiscard]] Chat repair_chat(Chat chat, Turn answer, const std::vector<std::string>& violations);

}  // namespace headroom::copilot
