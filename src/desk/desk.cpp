#include "desk/desk.hpp"

#include "core/digest.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

namespace headroom::desk {
namespace {

constexpr std::size_t recent_max = 2000;
constexpr double constrained_share = 0.0;

double kw(Watts power) {
    return static_cast<double>(power.value) / 1000.0;
}
double gbp(MicroPounds amount) {
    return static_cast<double>(amount.value) / 1e6;
}

json::Value finite_or_null(double value) {
    return std::isfinite(value) ? json::Value(value) : json::Value();
}

json::Value period_json(UtcTime instant) {
    const SettlementPeriod period = settlement_period(instant);
    return json::Object{{"date", format_date(period.date)}, {"number", period.number}};
}

/// A feeder's tightest phase.
struct Tightest {
    grid::Phase phase = grid::Phase::sum;
    monitor::PointView view;
    double headroom_kw = 0.0;
};

}  // namespace

Desk::Desk(Parts parts, Mode mode) : parts_(std::move(parts)), mode_(std::move(mode)) {
    parts_.journal.on_entry([this](const audit::Entry& entry) { on_entry(entry); });
}

void Desk::on_entry(const audit::Entry& entry) {
    std::string text = describe(entry);
    if (text.empty()) {
        return;
    }
    recent_.push_back({entry.seq, entry.ts, entry.type, entry.corr, std::move(text)});
    if (recent_.size() > recent_max) {
        recent_.pop_front();
    }
    // A listener may take itself off the list while it is called.
    const auto listeners = listeners_;
    for (const auto& [number, listener] : listeners) {
        listener(recent_.back());
    }
}

std::vector<StreamEntry> Desk::stream_since(std::uint64_t since, std::size_t limit) const {
    std::vector<StreamEntry> entries;
    for (const StreamEntry& entry : recent_) {
        if (entry.seq > since || since == 0) {
            entries.push_back(entry);
        }
    }
    if (entries.size() > limit) {
        entries.erase(entries.begin(), entries.end() - static_cast<std::ptrdiff_t>(limit));
    }
    return entries;
}

std::uint64_t Desk::subscribe(std::function<void(const StreamEntry&)> listener) {
    listeners_.emplace(++last_listener_, std::move(listener));
    return last_listener_;
}

void Desk::unsubscribe(std::uint64_t number) {
    listeners_.erase(number);
}

json::Object Desk::event_summary(const agents::EventRecord& record) const {
    return json::Object{
        {"event_id", record.id().value},
        {"feeder_id", record.overload.feeder},
        {"phase", std::string(grid::to_string(record.overload.limit.phase))},
        {"state", std::string(agents::to_string(record.state))},
        {"cause", std::string(risk::to_string(record.overload.cause))},
        {"level", std::string(risk::to_string(record.overload.level))},
        {"start", format_utc(record.overload.start)},
        {"end", format_utc(record.overload.end)},
        {"detected_at", format_utc(record.overload.detected_at)},
        {"required_kw", kw(record.required)},
        {"contracted_kw", kw(record.contracted)},
        {"shortfall_kw", kw(record.shortfall)},
        {"delivered_kw", kw(record.delivered)},
        {"delivered_kwh", static_cast<double>(record.delivered_energy.value) / 1000.0},
        {"cost_gbp", gbp(record.cost)},
        {"statement_gbp", static_cast<double>(record.statement_pence) / 100.0},
        {"outcome", record.outcome},
        {"note", record.note},
        {"alarmed", record.alarmed},
        {"authority", record.authority},
        {"plan_sha256", record.plan_sha256},
    };
}

json::Object Desk::state() const {
    json::Array feeders;
    std::vector<std::pair<double, json::Object>> rows;
    std::int64_t constrained = 0;
    std::int64_t below_10 = 0;
    std::int64_t below_25 = 0;
    std::int64_t normal = 0;
    std::int64_t unknown = 0;
    for (const grid::Feeder& feeder : parts_.network.feeders()) {
        std::optional<Tightest> tightest;
        for (const grid::Phase phase :
             {grid::Phase::l1, grid::Phase::l2, grid::Phase::l3, grid::Phase::sum}) {
            const telemetry::PointRef point =
                parts_.registry.find(feeder.id.value, grid::Quantity::p_kw, phase);
            if (point == telemetry::no_point) {
                continue;
            }
            const monitor::PointView view = parts_.monitor.view(point);
            if (!std::isfinite(view.load_kw) || !std::isfinite(view.limit_kw) || view.limit_kw <= 0.0) {
                continue;
            }
            const double headroom_kw = view.limit_kw - view.load_kw;
            if (!tightest || headroom_kw / view.limit_kw < tightest->headroom_kw / tightest->view.limit_kw) {
                tightest = Tightest{phase, view, headroom_kw};
            }
        }
        if (!tightest) {
            unknown += 1;
            continue;
        }
        const double share = tightest->headroom_kw / tightest->view.limit_kw;
        (share < constrained_share ? constrained
         : share < 0.10            ? below_10
         : share < 0.25            ? below_25
                                   : normal) += 1;
        rows.emplace_back(share, json::Object{{"feeder_id", feeder.id.value},
                                              {"name", feeder.name},
                                              {"phase", std::string(grid::to_string(tightest->phase))},
                                              {"load_kw", tightest->view.load_kw},
                                              {"limit_kw", tightest->view.limit_kw},
                                              {"headroom_kw", tightest->headroom_kw},
                                              {"at", format_utc(tightest->view.at)},
                                              {"source", parts_.registry.source(tightest->view.source)}});
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [share, row] : rows) {
        feeders.emplace_back(std::move(row));
    }
    json::Array events;
    std::vector<agents::EventRecord> records = parts_.orchestration.events();
    std::stable_sort(records.begin(), records.end(), [](const auto& a, const auto& b) {
        return a.overload.detected_at > b.overload.detected_at;
    });
    for (const agents::EventRecord& record : records) {
        events.emplace_back(event_summary(record));
    }
    const monitor::IngestCount& totals = parts_.monitoring.totals();
    std::uint64_t quarantined = 0;
    for (const std::uint64_t count : totals.quarantined) {
        quarantined += count;
    }
    const UtcTime now = parts_.clock.now();
    return json::Object{
        {"mode", json::Object{{"simulated", mode_.simulated},
                              {"seed", mode_.seed},
                              {"authority", mode_.authority},
                              {"speed", mode_.speed},
                              {"control_path", mode_.control_path}}},
        {"now", format_utc(now)},
        {"wall_now", format_utc(parts_.wall.now())},
        {"settlement_period", period_json(now)},
        {"feeders", std::move(feeders)},
        {"counts", json::Object{{"constrained", constrained},
                                {"below_10_percent", below_10},
                                {"below_25_percent", below_25},
                                {"normal", normal},
                                {"unknown", unknown}}},
        {"events", std::move(events)},
        {"readings", json::Object{{"accepted", totals.accepted},
                                  {"duplicates", totals.duplicates},
                                  {"conflicts", totals.conflicts},
                                  {"quarantined", quarantined}}},
        {"audit", json::Object{{"size", parts_.journal.log().durable_size()},
                               {"root", to_hex(parts_.journal.log().root())},
                               {"healthy", parts_.journal.healthy()}}},
    };
}

Result<json::Object> Desk::event(const EventId& id) const {
    const std::optional<agents::EventRecord> record = parts_.orchestration.event(id);
    if (!record) {
        return Error{Errc::not_found, "no event " + id.value};
    }
    json::Object out = event_summary(*record);
    const json::Value whole = agents::to_json(*record);
    out.set("clock", *whole.get("clock"));
    out.set("assignments", *whole.get("assignments"));
    out.set("overload", *whole.get("overload"));
    json::Array messages;
    for (const agents::MessageTrace& trace : parts_.market.trace(id)) {
        messages.emplace_back(json::Object{{"action", trace.action},
                                           {"provider", trace.provider},
                                           {"latency_ms", finite_or_null(trace.latency_ms)},
                                           {"signature_ok", trace.signature_ok},
                                           {"outcome", trace.outcome}});
    }
    out.set("messages", std::move(messages));
    return out;
}

bool Desk::is_healthy() const {
    return parts_.journal.healthy();
}

json::Object Desk::health() const {
    return json::Object{
        {"status", is_healthy() ? "healthy" : "degraded"},
        {"timestamp", format_utc(parts_.wall.now())},
        {"version", HEADROOM_VERSION},
        {"agents_online", 5},
        {"checks",
         json::Object{{"audit", parts_.journal.healthy() ? "ok" : "takes no entries: nothing new is started"},
                      {"readings", parts_.monitoring.totals().accepted > 0 ? "ok" : "none yet"}}},
    };
}

json::Object Desk::agents_status() const {
    json::Object agents;
    for (const agents::AgentStatus& status : {parts_.monitoring.status(), parts_.orchestration.status()}) {
        agents.set(status.name, json::Object{{"name", status.name},
                                             {"status", status.status},
                                             {"last_updated", format_utc(status.last_updated)},
                                             {"metrics", status.metrics}});
    }
    return json::Object{{"timestamp", format_utc(parts_.wall.now())}, {"agents", std::move(agents)}};
}

Awaitable<Result<void>> Desk::approve(EventId event, std::string plan_sha256, Caller caller) {
    return parts_.orchestration.approve(std::move(event), std::move(plan_sha256), std::move(caller));
}

Awaitable<Result<void>> Desk::reject(EventId event, std::string plan_sha256, Caller caller) {
    return parts_.orchestration.reject(std::move(event), std::move(plan_sha256), std::move(caller));
}

Awaitable<Result<void>> Desk::stop_all(std::string area, bool stopped, Caller caller) {
    return parts_.orchestration.stop_all(std::move(area), stopped, std::move(caller));
}

Awaitable<Result<void>> Desk::set_feeder(std::string feeder, std::string state, bool held, Caller caller) {
    const std::optional<grid::OperationalState> parsed = grid::parse_operational_state(state);
    if (!parsed) {
        co_return Error{Errc::invalid, "'" + state + "' is no operational state", "/state"};
    }
    grid::StateEntry entry{.state = *parsed,
                           .since = parts_.clock.now(),
                           .source = "desk",
                           .person = caller.id,
                           .held_by_engineer = held};
    co_return co_await parts_.orchestration.set_state(std::move(feeder), std::move(entry), std::move(caller));
}

}  // namespace headroom::desk
