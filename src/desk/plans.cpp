#include "desk/plans.hpp"

#include "core/reflect_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace headroom::desk {
namespace {

constexpr std::array<std::string_view, 8> states{"proposed",   "approved", "rejected", "authorised",
                                                 "superseded", "expired",  "shadow",   "dry_run"};

Result<void> check(const PlanQuery& query) {
    if (!query.state.empty() && std::find(states.begin(), states.end(), query.state) == states.end()) {
        return Error{Errc::invalid,
                     "state must be proposed, approved, rejected, authorised, superseded, expired, shadow or "
                     "dry_run",
                     "/state"};
    }
    if (!query.kind.empty() && query.kind != "event" && query.kind != "asked") {
        return Error{Errc::invalid, "kind must be event or asked", "/kind"};
    }
    return {};
}

bool fits(const PlanAnswer& plan, const PlanQuery& query) {
    return (query.state.empty() || plan.state == query.state) &&
           (query.feeder.empty() || plan.feeder_id == query.feeder) &&
           (!query.since || plan.planned_at >= *query.since);
}

/// Plans that were handed in and are asked for, as places in the list.
Result<std::vector<TimePlace>> asked_places(const Planning& asked, const PlanQuery& query) {
    std::vector<TimePlace> out;
    const bool is_wanted = query.kind != "event" && query.event.value.empty() &&
                           (query.state.empty() || query.state == "dry_run");
    const std::optional<TimePlace> begin = TimePlace::read(query.page.cursor);
    if (!query.page.cursor.empty() && !begin) {
        return bad_cursor();
    }
    for (const AskedPlan& each : asked.kept()) {
        TimePlace place{each.asked_at, each.plan.plan_id};
        if (is_wanted && (!begin || place < *begin)) {
            out.push_back(std::move(place));
        }
    }
    return out;
}

Result<std::vector<TimePlace>> event_places(const EventDesk& events, const PlanQuery& query) {
    if (query.kind == "asked" || query.state == "dry_run") {
        return std::vector<TimePlace>{};
    }
    EventQuery wanted{.feeder = query.feeder, .page = query.page};
    if (query.state == "proposed") {
        wanted.state = "open";  // before anything is bought, or beside what is
    }
    Result<std::vector<TimePlace>> places = events.places(wanted);
    if (places && !query.event.value.empty()) {
        std::erase_if(*places, [&query](const TimePlace& place) { return place.id != query.event.value; });
    }
    return places;
}

}  // namespace

std::optional<PlanPlace> place_of(std::string_view plan_id) {
    const std::size_t dot = plan_id.rfind('.');
    if (dot == std::string_view::npos) {
        return std::nullopt;
    }
    PlanPlace out{.event = EventId{std::string(plan_id.substr(0, dot))}};
    const char* const end = plan_id.data() + plan_id.size();
    const auto [read, fault] = std::from_chars(plan_id.data() + dot + 1, end, out.round);
    return fault == std::errc{} && read == end && out.round > 0 ? std::optional(std::move(out))
                                                                : std::nullopt;
}

json::Object to_json(const WholePlan& plan) {
    const json::Value first = headroom::to_json(plan.plan);
    json::Object out = *first.as_object();
    const json::Value rest = headroom::to_json(plan.detail);
    for (const auto& [key, value] : rest.as_object()->members()) {
        out.set(key, value);
    }
    return out;
}

Awaitable<Result<Page<PlanAnswer>>> list_plans(EventDesk& events, const Planning& asked, PlanQuery query) {
    const Result<void> sound = check(query);
    if (!sound) {
        co_return sound.error();
    }
    Result<std::vector<TimePlace>> places = event_places(events, query);
    Result<std::vector<TimePlace>> handed_in = asked_places(asked, query);
    if (!places || !handed_in) {
        co_return places ? handed_in.error() : places.error();
    }
    if (!query.event.value.empty() && query.page.cursor.empty() && places->empty() && query.kind.empty() &&
        query.state.empty() && query.feeder.empty()) {
        co_return Error{Errc::not_found, "no event " + query.event.value, "/event"};
    }
    places->insert(places->end(), handed_in->begin(), handed_in->end());
    std::sort(places->begin(), places->end(), std::greater<>{});
    Page<PlanAnswer> page;
    for (std::size_t i = 0; i < places->size(); ++i) {
        const TimePlace& place = (*places)[i];
        std::vector<PlanAnswer> found;
        if (place.id.starts_with("P-")) {
            if (const Result<AskedPlan> kept = asked.find(place.id)) {
                found.push_back(whole_plan(*kept).plan);
            }
        } else {
            EventId event{place.id};
            Result<std::vector<PlanAnswer>> plans = co_await events.plans(std::move(event));
            if (!plans) {
                co_return plans.error();
            }
            found = std::move(*plans);
        }
        for (auto plan = found.rbegin(); plan != found.rend(); ++plan) {
            if (fits(*plan, query)) {
                page.items.push_back(std::move(*plan));
            }
        }
        if (page.items.size() >= query.page.limit && i + 1 < places->size()) {
            page.next = place.cursor();
            break;
        }
    }
    co_return page;
}

Awaitable<Result<WholePlan>> find_plan(EventDesk& events, const Planning& asked, std::string plan_id) {
    if (plan_id.starts_with("P-")) {
        const Result<AskedPlan> kept = asked.find(plan_id);
        co_return kept ? Result<WholePlan>(whole_plan(*kept)) : kept.error();
    }
    std::optional<PlanPlace> place = place_of(plan_id);
    if (!place) {
        co_return Error{Errc::not_found,
                        "no plan " + plan_id + ": the ids are <event_id>.<round>, or P-… of one handed in"};
    }
    EventId event = std::move(place->event);
    co_return co_await events.plan(std::move(event), place->round);
}

}  // namespace headroom::desk
