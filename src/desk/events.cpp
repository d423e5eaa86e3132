#include "desk/events.hpp"

#include "core/reflect_json.hpp"
#include "desk/amounts.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace headroom::desk {
namespace {

constexpr std::size_t replays_max = 1000;

Result<void> check_state(const std::string& state) {
    if (state.empty() || state == "all" || state == "open" || state == "over" ||
        agents::parse_event_state(state)) {
        return {};
    }
    return Error{
        Errc::invalid,
        "state must be open, over, all, proposed, approved, armed, notified, active, completed, failed "
        "or cancelled",
        "/state"};
}

bool is_in(const agents::EventRecord& record, const std::string& state) {
    if (state.empty() || state == "all") {
        return true;
    }
    if (state == "open" || state == "over") {
        return agents::is_over(record.state) == (state == "over");
    }
    return agents::to_string(record.state) == state;
}

std::optional<double> largest(const std::vector<double>& values) {
    std::optional<double> out;
    for (const double value : values) {
        if (std::isfinite(value)) {
            out = std::max(out.value_or(value), value);
        }
    }
    return out ? known_kw(*out) : std::nullopt;
}

std::string part_name(const std::string& decision) {
    return decision == "risk.raise"          ? "raise"
           : decision == "flex.plan"         ? "plan"
           : decision == "settlement.settle" ? "settlement"
           : decision == "guard.check"       ? "guard"
                                             : decision;
}

/// "<ms of detection>.<event id>"
std::optional<std::pair<UtcTime, std::string>> read_cursor(std::string_view cursor) {
    const std::size_t dot = cursor.find('.');
    std::int64_t ms = 0;
    const auto [end, fault] =
        std::from_chars(cursor.data(), cursor.data() + std::min(dot, cursor.size()), ms);
    if (dot == std::string_view::npos || fault != std::errc{} || end != cursor.data() + dot) {
        return std::nullopt;
    }
    return std::pair{UtcTime{milliseconds{ms}}, std::string(cursor.substr(dot + 1))};
}

}  // namespace

EventSummaryAnswer EventDesk::summary(const agents::EventRecord& record) const {
    const risk::Overload& overload = record.overload;
    EventSummaryAnswer out{.event_id = record.id().value,
                           .feeder_id = overload.feeder,
                           .phase = std::string(grid::to_string(overload.limit.phase)),
                           .state = std::string(agents::to_string(record.state)),
                           .cause = std::string(risk::to_string(overload.cause)),
                           .level = std::string(risk::to_string(overload.level)),
                           .start = overload.start,
                           .end = overload.end,
                           .detected_at = overload.detected_at,
                           .required_kw = kw_of(record.required),
                           .contracted_kw = kw_of(record.contracted),
                           .shortfall_kw = kw_of(record.shortfall),
                           .delivered_kw = kw_of(record.delivered),
                           .delivered_kwh = kwh_of(record.delivered_energy.value),
                           .cost_gbp = gbp_of(record.cost.value),
                           .statement_gbp = static_cast<double>(record.statement_pence) / 100.0,
                           .outcome = record.outcome,
                           .note = record.note,
                           .alarmed = record.alarmed,
                           .authority = record.authority,
                           .plan_sha256 = record.plan_sha256,
                           .waits_for_approval = parts_.orchestration.waits_for_approval(record.id()),
                           .limit_kw = overload.limit.value,
                           .limit = to_answer(overload.limit)};
    const telemetry::PointKey key{overload.feeder, overload.limit.quantity, overload.limit.phase};
    const telemetry::PointRef point = parts_.registry.find(key.point_id, key.quantity, key.phase);
    if (point == telemetry::no_point || parts_.clock.now() < overload.start) {
        return out;
    }
    out.peak_with_kw = largest(parts_.minutes.means_kw(point, overload.start, overload.end));
    const std::optional<store::SeriesBlock> twin =
        parts_.without ? parts_.without(key, overload.start, overload.end) : std::nullopt;
    if (twin) {
        out.peak_without_kw = largest({twin->values.begin(), twin->values.end()});
    }
    return out;
}

Result<std::vector<EventDesk::Key>> EventDesk::select(const EventQuery& query) const {
    const Result<void> known = check_state(query.state);
    if (!known) {
        return known.error();
    }
    const auto begin = read_cursor(query.page.cursor);
    if (!query.page.cursor.empty() && !begin) {
        return bad_cursor();
    }
    std::vector<Key> keys;
    parts_.orchestration.visit([&](const agents::EventRecord& record) {
        const Key key{record.overload.detected_at, record.id().value};
        const bool is_after = !begin || key < Key{begin->first, begin->second};
        if (is_after && is_in(record, query.state) &&
            (query.feeder.empty() || record.overload.feeder == query.feeder)) {
            keys.push_back(key);
        }
    });
    std::sort(keys.begin(), keys.end(), std::greater<>{});
    return keys;
}

Result<Page<EventSummaryAnswer>> EventDesk::list(const EventQuery& query) const {
    const Result<std::vector<Key>> keys = select(query);
    if (!keys) {
        return keys.error();
    }
    Page<EventSummaryAnswer> page;
    for (const Key& key : *keys) {
        if (page.items.size() == query.page.limit) {
            const EventSummaryAnswer& last = page.items.back();
            page.next = std::to_string(last.detected_at.time_since_epoch().count()) + "." + last.event_id;
            break;
        }
        if (const std::optional<agents::EventRecord> record = parts_.orchestration.event(EventId{key.id})) {
            page.items.push_back(summary(*record));
        }
    }
    return page;
}

Result<Page<OverloadAnswer>> EventDesk::overloads(const EventQuery& query) const {
    const Result<std::vector<Key>> keys = select(query);
    if (!keys) {
        return keys.error();
    }
    Page<OverloadAnswer> page;
    for (const Key& key : *keys) {
        if (page.items.size() == query.page.limit) {
            const OverloadAnswer& last = page.items.back();
            page.next = std::to_string(last.detected_at.time_since_epoch().count()) + "." + last.event_id;
            break;
        }
        if (const std::optional<agents::EventRecord> record = parts_.orchestration.event(EventId{key.id})) {
            page.items.push_back(to_answer(*record));
        }
    }
    return page;
}

PlanContext EventDesk::context_of(const agents::EventRecord& record) const {
    return {.state = record.state,
            .waits_for_approval = parts_.orchestration.waits_for_approval(record.id()),
            .window_end = record.overload.end,
            .approval_expires = parts_.orchestration.options().approval_expires};
}

Awaitable<Result<json::Object>> EventDesk::detail(EventId id) {
    if (!parts_.orchestration.event(id)) {
        co_return Error{Errc::not_found, "no event " + id.value};
    }
    const Result<EventEvidence> evidence = co_await reader_.read(id.value);
    if (!evidence) {
        co_return evidence.error();
    }
    // As it is now: it may have gone on while the log was read.
    const std::optional<agents::EventRecord> record = parts_.orchestration.event(id);
    HEADROOM_ASSERT(record.has_value());  // events do not go
    Result<EventPartsAnswer> parts =
        make_event_parts(*record, *evidence, context_of(*record), parts_.network);
    if (!parts) {
        co_return parts.error();
    }
    if (const auto replayed = replays_.find(id.value); replayed != replays_.end()) {
        parts->replay = replayed->second;
    }
    const json::Value first = to_json(summary(*record));
    json::Object out = *first.as_object();
    const json::Value rest = to_json(*parts);
    for (const auto& [key, value] : rest.as_object()->members()) {
        out.set(key, value);
    }
    co_return out;
}

Awaitable<Result<std::vector<PlanAnswer>>> EventDesk::plans_of(agents::EventRecord record) {
    const std::string id = record.id().value;
    const Result<EventEvidence> evidence = co_await reader_.read(id);
    if (!evidence) {
        co_return evidence.error();
    }
    co_return make_plans(evidence->entries, id, context_of(record));
}

Awaitable<Result<Page<PlanAnswer>>> EventDesk::plans(EventId event, std::string state, PageRequest request) {
    EventQuery query;
    query.page.cursor = request.cursor;
    if (state == "proposed") {
        query.state = "proposed";  // a plan that waits belongs to an event that waits
    }
    Result<std::vector<Key>> keys = select(query);
    if (!keys) {
        co_return keys.error();
    }
    if (!event.value.empty()) {
        if (!parts_.orchestration.event(event)) {
            co_return Error{Errc::not_found, "no event " + event.value, "/event"};
        }
        std::erase_if(*keys, [&](const Key& key) { return key.id != event.value; });
    }
    Page<PlanAnswer> page;
    for (std::size_t i = 0; i < keys->size(); ++i) {
        std::optional<agents::EventRecord> record = parts_.orchestration.event(EventId{(*keys)[i].id});
        if (!record) {
            continue;
        }
        Result<std::vector<PlanAnswer>> plans = co_await plans_of(std::move(*record));
        if (!plans) {
            co_return plans.error();
        }
        for (auto plan = plans->rbegin(); plan != plans->rend(); ++plan) {
            if (state.empty() || plan->state == state) {
                page.items.push_back(std::move(*plan));
            }
        }
        // A page ends behind a whole event, so it may hold a few plans more than asked.
        if (page.items.size() >= request.limit && i + 1 < keys->size()) {
            const Key& last = (*keys)[i];
            page.next = std::to_string(last.detected_at.time_since_epoch().count()) + "." + last.id;
            break;
        }
    }
    co_return page;
}

Awaitable<Result<PlanAnswer>> EventDesk::plan(std::string plan_id) {
    const std::size_t dot = plan_id.rfind('.');
    const EventId event{plan_id.substr(0, dot == std::string::npos ? 0 : dot)};
    std::optional<agents::EventRecord> record = parts_.orchestration.event(event);
    if (record) {
        Result<std::vector<PlanAnswer>> plans = co_await plans_of(std::move(*record));
        if (!plans) {
            co_return plans.error();
        }
        for (PlanAnswer& plan : *plans) {
            if (plan.plan_id == plan_id) {
                co_return std::move(plan);
            }
        }
    }
    co_return Error{Errc::not_found, "no plan " + plan_id};
}

Awaitable<Result<Page<ContractAnswer>>> EventDesk::orders(EventId event, PageRequest request) {
    auto read = [event = event.value, after = request.cursor,
                 limit = request.limit](store::Records& records) -> Result<std::vector<store::Record>> {
        if (event.empty()) {
            return records.list("contract", after, limit);
        }
        Result<std::vector<store::Record>> all = records.list_by_corr(event);
        if (all) {
            std::erase_if(*all, [&](const store::Record& record) {
                return record.kind != "contract" || (!after.empty() && record.id <= after);
            });
            std::sort(all->begin(), all->end(),
                      [](const store::Record& a, const store::Record& b) { return a.id < b.id; });
            all->resize(std::min(all->size(), limit));
        }
        return all;
    };
    const Result<std::vector<store::Record>> records = co_await parts_.journal.records().run(std::move(read));
    if (!records) {
        co_return records.error();
    }
    Page<ContractAnswer> page;
    for (const store::Record& record : *records) {
        Result<ContractAnswer> contract = contract_answer(record);
        if (!contract) {
            co_return contract.error();
        }
        page.items.push_back(std::move(*contract));
    }
    if (page.items.size() == request.limit) {
        page.next = page.items.back().transaction_id;
    }
    co_return page;
}

Awaitable<Result<ReplayAnswer>> EventDesk::replay(EventId id) {
    if (!parts_.orchestration.event(id)) {
        co_return Error{Errc::not_found, "no event " + id.value};
    }
    const Result<std::vector<ReplayedDecision>> decisions = co_await reader_.replay(id.value);
    if (!decisions) {
        co_return decisions.error();
    }
    ReplayAnswer out{.event_id = id.value, .same = !decisions->empty(), .at = parts_.wall.now()};
    for (const ReplayedDecision& decision : *decisions) {
        out.same = out.same && decision.same;
        out.parts.push_back({.name = part_name(decision.decision),
                             .same = decision.same,
                             .sha256_logged = decision.recorded_sha256,
                             .sha256_replayed = decision.replayed_sha256,
                             .seq = static_cast<std::int64_t>(decision.seq),
                             .detail = decision.detail});
    }
    if (replays_.size() >= replays_max) {
        replays_.erase(replays_.begin());
    }
    replays_.insert_or_assign(id.value, out);
    co_return out;
}

}  // namespace headroom::desk
