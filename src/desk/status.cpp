#include "desk/status.hpp"

#include "agents/contingency.hpp"
#include "core/digest.hpp"
#include "desk/amounts.hpp"

#include <algorithm>

namespace headroom::desk {
namespace {

json::Object mode_json(const Mode& mode) {
    json::Object out{{"simulated", mode.simulated},
                     {"seed", mode.seed},
                     {"speed", mode.speed},
                     {"authority", mode.authority},
                     {"control_path", mode.control_path},
                     {"story", json::Value()}};
    if (!mode.story_name.empty()) {
        out.set("story", json::Object{{"name", mode.story_name}, {"title", mode.story_title}});
    }
    return out;
}

/// Power that contracts promise now, armed or in use, in events that are not over.
struct Power {
    double armed_kw = 0.0;
    double active_kw = 0.0;
};

Power power_of(const Parts& parts) {
    Power power;
    parts.orchestration.visit([&power](const agents::EventRecord& record) {
        if (record.state == agents::EventState::armed) {
            power.armed_kw += kw_of(record.contracted);
        } else if (record.state == agents::EventState::notified ||
                   record.state == agents::EventState::active) {
            power.active_kw += kw_of(record.contracted);
        }
    });
    return power;
}

json::Object agent_json(const agents::AgentStatus& status) {
    return json::Object{
        {"name", status.name},
        {"status", status.status},
        {"last_updated",
         status.last_updated == UtcTime{} ? json::Value() : json::Value(format_utc(status.last_updated))},
        {"metrics", status.metrics}};
}

}  // namespace

json::Object status_json(const Parts& parts, const Mode& mode, FeederDesk& feeders) {
    const UtcTime now = parts.clock.now();
    const SettlementPeriod period = settlement_period(now);
    const HeadroomCounts& counts = feeders.counts();
    const monitor::IngestCount totals = parts.monitoring.totals();
    std::uint64_t quarantined = 0;
    for (const std::uint64_t count : totals.quarantined) {
        quarantined += count;
    }
    std::optional<UtcTime> newest;
    for (const FeederRow& row : feeders.rows()) {
        if (row.is_known) {
            newest = std::max(newest.value_or(row.at), row.at);
        }
    }
    json::Array areas;
    for (const std::string& area : parts.orchestration.stopped_areas()) {
        areas.emplace_back(area.empty() ? "everywhere" : area);
    }
    const Power power = power_of(parts);
    return json::Object{
        {"mode", mode_json(mode)},
        {"now", format_utc(now)},
        {"wall_now", format_utc(parts.wall.now())},
        {"settlement_period", json::Object{{"date", format_date(period.date)}, {"number", period.number}}},
        {"counts", json::Object{{"constrained", counts.constrained},
                                {"below_10_percent", counts.below_10_percent},
                                {"below_25_percent", counts.below_25_percent},
                                {"normal", counts.normal},
                                {"unknown", counts.unknown}}},
        {"armed_kw", rounded_kw(power.armed_kw)},
        {"active_kw", rounded_kw(power.active_kw)},
        {"open_events", static_cast<std::int64_t>(parts.orchestration.open_events())},
        {"readings", json::Object{{"accepted", totals.accepted},
                                  {"duplicates", totals.duplicates},
                                  {"conflicts", totals.conflicts},
                                  {"quarantined", quarantined}}},
        {"data_age_s", newest
                           ? json::Value(std::max(0.0, static_cast<double>((now - *newest).count()) / 1000.0))
                           : json::Value()},
        {"audit", json::Object{{"size", parts.journal.log().durable_size()},
                               {"root", to_hex(parts.journal.log().root())},
                               {"healthy", parts.journal.healthy()}}},
        {"stopped_areas", std::move(areas)},
        {"version", HEADROOM_VERSION},
    };
}

json::Object health_json(const Parts& parts) {
    const bool is_healthy = parts.journal.healthy();
    return json::Object{
        {"status", is_healthy ? "healthy" : "degraded"},
        {"timestamp", format_utc(parts.wall.now())},
        {"version", HEADROOM_VERSION},
        {"agents_online", parts.contingency != nullptr ? 6 : 5},
        {"checks", json::Object{{"audit", is_healthy ? "ok" : "takes no entries: nothing new is started"},
                                {"readings", parts.monitoring.totals().accepted > 0 ? "ok" : "none yet"}}},
    };
}

json::Object agents_json(const Parts& parts, const Activity& activity) {
    json::Object agents;
    const bool is_busy = parts.orchestration.open_events() > 0;
    for (const agents::AgentStatus& status :
         {parts.monitoring.status(), parts.orchestration.status(), activity.market(is_busy),
          activity.dispatch(is_busy), parts.settlement.status()}) {
        agents.set(status.name, agent_json(status));
    }
    if (parts.contingency != nullptr) {
        agents.set("contingency", agent_json(parts.contingency->status()));
    }
    return json::Object{{"timestamp", format_utc(parts.wall.now())}, {"agents", std::move(agents)}};
}

}  // namespace headroom::desk
