#include "app/trust_wiring.hpp"

#include <array>
#include <string>
#include <utility>

namespace headroom::app {
namespace {

/// What a load does when relief ends: it comes back within the hour.
constexpr milliseconds after_relief = hours{1};

/// Relief runs on the feeder, is about to begin, or ended just now.
bool is_relieved(const agents::FlexOrchestration& orchestration, const grid::Network& network,
                 const std::string& feeder, UtcTime now) {
    bool is_found = false;
    orchestration.visit([&](const agents::EventRecord& record) {
        const bool is_near =
            now + period_length >= record.overload.start && now < record.overload.end + after_relief;
        is_found =
            is_found ||
            (is_near && !record.assignments.empty() &&
             (record.overload.feeder == feeder || network.is_supplied_by(feeder, record.overload.feeder)));
    });
    return is_found;
}

}  // namespace

Result<TrustParts> open_trust(const TrustFeeds& feeds) {
    TrustParts parts;
    parts.corrections = std::make_unique<agents::TrustCorrections>(feeds.registry);
    parts.monitoring = std::make_unique<agents::TrustMonitoring>(agents::TrustMonitoring::Parts{
        feeds.clock, feeds.network, feeds.registry, feeds.monitor, feeds.journal, *parts.corrections,
        [&orchestration = feeds.orchestration, &network = feeds.network, &clock = feeds.clock](
            const std::string& feeder) { return is_relieved(orchestration, network, feeder, clock.now()); }});
    const Result<void> restored = parts.monitoring->restore(feeds.records);
    if (!restored) {
        return restored.error();
    }
    feeds.monitoring.on_ingest(
        [&corrections = *parts.corrections](std::span<const telemetry::Reading> readings,
                                            std::vector<telemetry::Reading>& scratch) {
            return corrections.apply(readings, scratch);
        });
    feeds.monitoring.on_doubt(
        [&trust = *parts.monitoring](const std::string& feeder) { return trust.doubt_of(feeder); });
    feeds.series.add_collector(
        [&corrections = *parts.corrections](UtcTime now) { return corrections.collect(now); });
    return parts;
}

void hold_doubtful_deliveries(agents::AuditSettlement& settlement, agents::TrustMonitoring& trust,
                              const telemetry::PointRegistry& registry, const desk::RecentMinutes& minutes) {
    settlement.judge_by(
        {.is_held =
             [&trust](const agents::EventRecord& record, const agents::DeliveryDoubt& doubt) {
                 return trust.doubt_delivery(record.id().value, record.overload.feeder, doubt.evidence.meter,
                                             doubt.kind, doubt.evidence);
             },
         .minutes =
             [&registry, &minutes](const std::string& der, UtcTime from, UtcTime to) {
                 const telemetry::PointRef point = registry.find(der, grid::Quantity::p_kw, grid::Phase::sum);
                 return point == telemetry::no_point ? std::vector<double>{}
                                                     : minutes.means_kw(point, from, to);
             }});
    trust.on_dismissed([&settlement](const agents::TrustIncident& incident) {
        if (!incident.event.empty()) {
            settlement.settle_again(incident.event);
        }
    });
}

void refresh_trust_metrics(Metrics& metrics, const agents::TrustMonitoring& trust) {
    std::array<double, trust::incident_kinds> open{};
    for (const auto& [id, incident] : trust.incidents()) {
        open[static_cast<std::size_t>(incident.kind)] += incident.is_open() ? 1.0 : 0.0;
    }
    for (std::size_t kind = 0; kind < open.size(); ++kind) {
        metrics
            .gauge("headroom_trust_incidents_open", "Incidents about readings that are not over, by kind.",
                   {{"kind", std::string(trust::to_string(static_cast<trust::IncidentKind>(kind)))}})
            .set(open[kind]);
    }
    std::array<double, 3> places{};
    for (const agents::WatchedPlace& place : trust.places()) {
        places[static_cast<std::size_t>(place.state())] += 1.0;
    }
    for (std::size_t state = 0; state < places.size(); ++state) {
        metrics
            .gauge("headroom_trust_places", "Places that the trust layers look at, by how far they are.",
                   {{"state", std::string(agents::to_string(static_cast<agents::WatchState>(state)))}})
            .set(places[state]);
    }
    metrics.gauge("headroom_trust_corrections", "Corrections of meters in force.")
        .set(static_cast<double>(trust.corrections().size()));
}

}  // namespace headroom::app
