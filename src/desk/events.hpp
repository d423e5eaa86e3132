#pragma once

#include "desk/event_answers.hpp"
#include "desk/event_detail.hpp"
#include "desk/event_evidence.hpp"
#include "desk/page.hpp"
#include "desk/parts.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace headroom::desk {

struct EventQuery {
    std::string state = {};  ///< an event's state, "open", "over", or empty for all
    std::string feeder = {};
    PageRequest page = {};
};

/// One plan and what stands beside it.
struct WholePlan {
    PlanAnswer plan;
    PlanDetailAnswer detail;
};

/// Events, their plans, contracts and replays.
class EventDesk {
  public:
    EventDesk(const Parts& parts, Worker& worker) : parts_(parts), reader_(parts.journal, worker) {}

    /// Where in time the events asked for stand, newest first, behind the page's cursor. Errors: as `list`.
    [[nodiscard]] Result<std::vector<TimePlace>> places(const EventQuery& query) const;
    /// Newest first. Errors: `invalid` for an unknown state or cursor.
    [[nodiscard]] Result<Page<EventSummaryAnswer>> list(const EventQuery& query) const;
    [[nodiscard]] Result<Page<OverloadAnswer>> overloads(const EventQuery& query) const;
    [[nodiscard]] EventSummaryAnswer summary(const agents::EventRecord& record) const;
    /// Errors: `not_found`; `corrupt` when the log does not read back.
    Awaitable<Result<json::Object>> detail(EventId id);

    /// The plans of one event, oldest first. Errors: `not_found`, `corrupt`.
    Awaitable<Result<std::vector<PlanAnswer>>> plans(EventId event);
    /// One of them with what stands beside it. Errors: as `plans`.
    Awaitable<Result<WholePlan>> plan(EventId event, std::int64_t round);
    Awaitable<Result<Page<ContractAnswer>>> orders(EventId event, PageRequest page);
    /// Makes every decision of the event again and keeps the answer for its page. Errors: `not_found`,
    /// `corrupt`.
    Awaitable<Result<ReplayAnswer>> replay(EventId id);

  private:
    [[nodiscard]] PlanContext context_of(const agents::EventRecord& record) const;

    const Parts& parts_;
    EventReader reader_;
    std::map<std::string, ReplayAnswer> replays_;
};

}  // namespace headroom::desk
