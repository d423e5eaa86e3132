#pragma once

#include "agents/audit_settlement.hpp"
#include "agents/flex_orchestration.hpp"
#include "agents/grid_monitoring.hpp"
#include "agents/trust_monitoring.hpp"
#include "core/metrics.hpp"
#include "desk/recent_minutes.hpp"

#include <memory>

namespace headroom::app {

/// The trust layers of a control room and the corrections that are in force.
struct TrustParts {
    std::unique_ptr<agents::TrustCorrections> corrections;
    std::unique_ptr<agents::TrustMonitoring> monitoring;
};

struct TrustFeeds {
    DomainClock& clock;
    const grid::Network& network;
    telemetry::PointRegistry& registry;
    monitor::Monitor& monitor;
    agents::Journal& journal;
    agents::SeriesStore& series;
    agents::GridMonitoring& monitoring;
    const agents::FlexOrchestration& orchestration;
    store::Records& records;
};

/// Takes up what a former run left and lets the monitor's door ask for corrections and doubts. All of `feeds`
/// outlives it. Errors: those of `TrustMonitoring::restore`.
[[nodiscard]] Result<TrustParts> open_trust(const TrustFeeds& feeds);

/// What is to be paid for a meter in doubt waits for a person; their decision makes a new statement.
void hold_doubtful_deliveries(agents::AuditSettlement& settlement, agents::TrustMonitoring& trust,
                              const telemetry::PointRegistry& registry, const desk::RecentMinutes& minutes);

/// Takes over incidents by kind, places by state and corrections, for `/metrics`.
void refresh_trust_metrics(Metrics& metrics, const agents::TrustMonitoring& trust);

}  // namespace headroom::app
