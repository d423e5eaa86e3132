#pragma once

#include "agents/grid_monitoring.hpp"
#include "agents/market.hpp"
#include "agents/record_store.hpp"
#include "api/session_door.hpp"
#include "core/metrics.hpp"
#include "desk/desk.hpp"
#include "net/http_server.hpp"
#include "telemetry/reading.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace headroom::desk {
class Feeds;
class Scenarios;
}  // namespace headroom::desk

namespace headroom::api {

/// What the HTTP door needs. All of it outlives the server; the agents are looked up at each request, because
/// routes are set before the agents are built.
struct Door {
    std::function<desk::Desk&()> desk;
    std::function<agents::GridMonitoring&()> monitoring;
    std::function<agents::Market&()> market;
    std::function<desk::Scenarios&()> scenarios;
    std::shared_ptr<const desk::Feeds> feeds;
    telemetry::PointRegistry& registry;
    Metrics& metrics;
    DomainClock& clock;
    WallClock& wall;
    std::function<agents::RecordStore&()> records;
    StillIn still_in{};                     ///< for connections that stay open; empty: whoever came in stays
    std::function<void()> refresh_metrics;  ///< called before metrics are printed
    /// Why requests should go elsewhere, a sentence each: before start, while stopping, while nothing can be
    /// written down. None: ready.
    std::function<std::vector<std::string>()> not_ready;
    std::function<bool()> is_stopping{};  ///< bodies are turned away; empty: never
};

/// The pages and their files, `/health`, `/livez`, `/readyz`, `/metrics`, `/agents/status`, `/api/v1/…`,
/// `/beckn/…`. Every route names the least role that may use it.
void add_routes(net::HttpServer& server, Door door);

}  // namespace headroom::api
