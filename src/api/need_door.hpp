#pragma once

#include "agents/need_market.hpp"
#include "api/idempotency.hpp"
#include "grid/network.hpp"
#include "net/http_server.hpp"

#include <functional>
#include <memory>

namespace headroom::api {

/// What the routes of needs look at, at each request: they are set before it is built, and answer 503 until
/// then.
struct NeedDoor {
    std::function<agents::NeedMarket*()> needs;
    std::function<const grid::Network&()> network;
    std::function<UtcTime()> now;  ///< domain time
};

/// The operator's own needs: /api/v1/needs, and the Beckn requests of aggregators, POST /beckn/search …
void add_needs(net::HttpServer& server, NeedDoor door, const std::shared_ptr<Idempotency>& once);

}  // namespace headroom::api
