#pragma once

#include "agents/contingency.hpp"
#include "agents/grid_monitoring.hpp"
#include "agents/retraining.hpp"
#include "flex/rules.hpp"
#include "net/http_server.hpp"

#include <functional>
#include <memory>

namespace headroom::agents {
class RecordStore;
}

namespace headroom::app {

/// What the shelf of a control room is made from; all of it outlives the shelf.
struct ContingencyWiring {
    asio::any_io_executor executor;
    DomainClock& clock;
    agents::Journal& journal;
    agents::FlexOrchestration& orchestration;
    const grid::Network& network;
    const telemetry::PointRegistry& registry;
    const monitor::Monitor& monitor;
    const agents::GridMonitoring& monitoring;
    const agents::Retraining& retraining;
};
/// `quantile_ppm`: at which loads are taken, that of alarms. `rules`: the operator's, may be nullptr.
[[nodiscard]] std::unique_ptr<agents::Contingency> open_contingency(const ContingencyWiring& wiring,
                                                                    std::int64_t quantile_ppm,
                                                                    const dispatch::guard::GuardRules& guard,
                                                                    const flex::RuleBook* rules,
                                                                    bool has_market);

/// The routes of the shelf. `shelf` answers nullptr until it is built.
void add_contingency_routes(net::HttpServer& server, std::function<agents::Contingency*()> shelf,
                            std::function<agents::RecordStore&()> records, WallClock& wall);

}  // namespace headroom::app
