#include "desk/events.hpp"

#include "core/reflect_json.hpp"
#include "desk/amounts.hpp"

#include <algorithm>
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
           : decision == "shelf.order"       ? "raise"
           : decision == "flex.plan"         ? "plan"
           : decision == "copilot.plan"      ? "plan"
           : decision == "settlement.settle" ? "settlement"
           : decision == "rules.commit"      ? "order"
           : decision == "guard.check"       ? "guard"
                                             : decision;
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
                           .seen_week_ahead = record.moment(agents::week_ahead_moment) != nullptr,
                           .review_at = record.review_at,
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

Result<std::vector<TimePlace>> EventDesk::places(const EventQuery& query) const {
    const Result<void> known = check_state(query.state);
    if (!known) {
        return known.error();
    }
    const std::optional<TimePlace> begin = TimePlace::read(query.page.cursor);
    if (!query.page.cursor.empty() && !begin) {
        return bad_cursor();
    }
    std::vector<TimePlace> keys;
    parts_.orchestration.visit([&](const agents::EventRecord& record) {
        const TimePlace key{record.overload.detected_at, record.id().value};
        const bool is_after = !begin || key < *begin;
        if (is_after && is_in(record, query.state) &&
            (query.feeder.empty() || record.overload.feeder == query.feeder)) {
            keys.push_back(key);
        }
    });
    std::sort(keys.begin(), keys.end(), std::greater<>{});
    return keys;
}

Result<Page<EventSummaryAnswer>> EventDesk::list(const EventQuery& query) const {
    const Result<std::vector<TimePlace>> keys = places(query);
    if (!keys) {
        return keys.error();
    }
    Page<EventSummaryAnswer> page;
    for (const TimePlace& key : *keys) {
        if (page.items.size() == query.page.limit) {
            page.next = TimePlace{page.items.back().detected_at, page.items.back().event_id}.cursor();
            break;
        }
        if (const std::optional<agents::EventRecord> record = parts_.orchestration.event(EventId{key.id})) {
            page.items.push_back(summary(*record));
        }
    }
    return page;
}

Result<Page<OverloadAnswer>> EventDesk::overloads(const EventQuery& query) const {
    const Result<std::vector<TimePlace>> keys = places(query);
    if (!keys) {
        return keys.error();
    }
    Page<OverloadAnswer> page;
    for (const TimePlace& key : *keys) {
        if (page.items.size() == query.page.limit) {
            page.next = TimePlace{page.items.back().detected_at, page.items.back().event_id}.cursor();
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
            .more_until = record.more_until,
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
    const json::Value first = headroom::to_json(summary(*record));
    json::Object out = *first.as_object();
    const json::Value rest = headroom::to_json(*parts);
    for (const auto& [key, value] : rest.as_object()->members()) {
        out.set(key, value);
    }
    co_return out;
}

Awaitable<Result<std::vector<PlanAnswer>>> EventDesk::plans(EventId event) {
    if (!parts_.orchestration.event(event)) {
        co_return Error{Errc::not_found, "no event " + event.value};
    }
    const Result<EventEvidence> evidence = co_await reader_.read(event.value);
    if (!evidence) {
        co_return evidence.error();
    }
    const std::optional<agents::EventRecord> record = parts_.orchestration.event(event);
    HEADROOM_ASSERT(record.has_value());  // events do not go
    co_return make_plans(evidence->entries, event.value, context_of(*record));
}

Awaitable<Result<WholePlan>> EventDesk::plan(EventId event, std::int64_t round) {
    if (!parts_.orchestration.event(event)) {
        co_return Error{Errc::not_found, "no event " + event.value};
    }
    const Result<EventEvidence> evidence = co_await reader_.read(event.value);
    if (!evidence) {
        co_return evidence.error();
    }
    const std::optional<agents::EventRecord> record = parts_.orchestration.event(event);
    HEADROOM_ASSERT(record.has_value());
    Result<std::vector<PlanAnswer>> plans = make_plans(evidence->entries, event.value, context_of(*record));
    if (!plans) {
        co_return plans.error();
    }
    const auto found = std::find_if(plans->begin(), plans->end(),
                                    [round](const PlanAnswer& plan) { return plan.round == round; });
    if (found == plans->end()) {
        co_return Error{Errc::not_found, "event " + event.value + " has no plan " + std::to_string(round)};
    }
    // Drawing deliveries takes a while with very many resources.
    auto job = [entries = evidence->entries, record = *record, round] {
        return make_plan_detail(entries, record, round);
    };
    Result<PlanDetailAnswer> detail = co_await reader_.worker().run(std::move(job));
    if (!detail) {
        co_return detail.error();
    }
    co_return WholePlan{std::move(*found), std::move(*detail)};
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
