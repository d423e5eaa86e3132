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

/// Events, their plans, contracts and replays.
class EventDesk {
  public:
    EventDesk(const Parts& parts, Worker& worker) : parts_(parts), reader_(parts.journal, worker) {}

    /// Newest first. Errors: `invalid` for an unknown state or cursor.
    [[nodiscard]] Result<Page<EventSummaryAnswer>> list(const EventQuery& query) const;
    [[nodiscard]] Result<Page<OverloadAnswer>> overloads(const EventQuery& query) const;
    [[nodiscard]] EventSummaryAnswer summary(const agents::EventRecord& record) const;
    /// Errors: `not_found`; `corrupt` when the log does not read back.
    Awaitable<Result<json::Object>> detail(EventId id);

    /// Of one event, or of all, newest event first and each event's newest plan first; only those in `state`
    /// when it is not empty. Errors: as `list`, `not_found`.
    Awaitable<Result<Page<PlanAnswer>>> plans(EventId event, std::string state, PageRequest page);
    /// `<event_id>.<round>`. Errors: `not_found`.
    Awaitable<Result<PlanAnswer>> plan(std::string plan_id);
    Awaitable<Result<Page<ContractAnswer>>> orders(EventId event, PageRequest page);
    /// Makes every decision of the event again and keeps the answer for its page. Errors: `not_found`,
    /// `corrupt`.
    Awaitable<Result<ReplayAnswer>> replay(EventId id);

  private:
    struct Key {
        UtcTime detected_at{};
        std::string id;
        auto operator<=>(const Key&) const = default;
    };
    [[nodiscard]] Result<std::vector<Key>> select(const EventQuery& query) const;
    [[nodiscard]] PlanContext context_of(const agents::EventRecord& record) const;
    Awaitable<Result<std::vector<PlanAnswer>>> plans_of(agents::EventRecord record);

    const Parts& parts_;
    EventReader reader_;
    std::map<std::string, ReplayAnswer> replays_;
};

}  // namespace headroom::desk
