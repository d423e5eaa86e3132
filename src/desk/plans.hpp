#pragma once

#include "desk/events.hpp"
#include "desk/planning.hpp"

#include <optional>
#include <string>

namespace headroom::desk {

struct PlanQuery {
    EventId event = {};                 ///< empty: of all
    std::string feeder = {};            ///< empty: of all
    std::string state = {};             ///< empty: any
    std::string kind = {};              ///< event, asked, or empty for both
    std::optional<UtcTime> since = {};  ///< planned at or after it, domain time
    PageRequest page = {};
};

/// Plans of events and plans that were handed in, newest first: an event's plans stand where it was detected,
/// newest round first. A page ends behind a whole event, so it may hold a few plans more than asked.
/// Errors: `invalid` naming the parameter, `not_found` for the event, `corrupt`.
Awaitable<Result<Page<PlanAnswer>>> list_plans(EventDesk& events, const Planning& asked, PlanQuery query);

/// `<event_id>.<round>`, or `P-…` of a plan that was handed in. Errors: `not_found`, `corrupt`.
Awaitable<Result<WholePlan>> find_plan(EventDesk& events, const Planning& asked, std::string plan_id);

/// A plan that was handed in, in the words of all plans. Pure.
[[nodiscard]] WholePlan whole_plan(const AskedPlan& asked);

/// The event and round of a plan's id; nothing for one that is none of an event's.
struct PlanPlace {
    EventId event;
    std::int64_t round = 0;
};
[[nodiscard]] std::optional<PlanPlace> place_of(std::string_view plan_id);

/// One object with the members of both.
[[nodiscard]] json::Object to_json(const WholePlan& plan);

}  // namespace headroom::desk
