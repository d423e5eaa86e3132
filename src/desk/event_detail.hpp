#pragma once

#include "agents/event_record.hpp"
#include "desk/event_answers.hpp"
#include "desk/event_evidence.hpp"
#include "desk/plan_detail_answers.hpp"
#include "flex/flex_plan.hpp"
#include "grid/network.hpp"

#include <optional>
#include <vector>

namespace headroom::desk {

[[nodiscard]] LimitAnswer to_answer(const grid::Limit& limit);
[[nodiscard]] OverloadAnswer to_answer(const agents::EventRecord& record);
/// Errors: `corrupt` for a record that does not read back.
[[nodiscard]] Result<ContractAnswer> contract_answer(const store::Record& record);

/// What stands besides the record when plans are told apart.
struct PlanContext {
    agents::EventState state = agents::EventState::proposed;
    bool waits_for_approval = false;
    UtcTime window_end{};
    std::optional<UtcTime> more_until = {};  ///< of a plan beside what is bought
    milliseconds approval_expires{};
};

/// Who is asked by a plan, with price and reason, in the plan's order. Pure.
[[nodiscard]] std::vector<PlanActionAnswer> action_answers(const flex::FlexPlan& plan);

/// The plans of an event and what became of each, oldest first. Pure. Errors: `corrupt`.
[[nodiscard]] Result<std::vector<PlanAnswer>> make_plans(
    const std::vector<std::shared_ptr<const EvidenceEntry>>& entries, const std::string& event,
    const PlanContext& context);

/// What stands beside one of these plans when it is looked at alone. Pure. Errors: `corrupt`; `not_found` for
/// a round that was not planned.
[[nodiscard]] Result<PlanDetailAnswer> make_plan_detail(
    const std::vector<std::shared_ptr<const EvidenceEntry>>& entries, const agents::EventRecord& record,
    std::int64_t round);

/// Everything of one event, from its record and the log. Pure. Errors: `corrupt`.
[[nodiscard]] Result<EventPartsAnswer> make_event_parts(const agents::EventRecord& record,
                                                        const EventEvidence& evidence,
                                                        const PlanContext& context,
                                                        const grid::Network& network);

}  // namespace headroom::desk
