#pragma once

#include "api/routes.hpp"
#include "net/http_server.hpp"

#include <memory>

namespace headroom::api {

/// Loads over time and forecasts: `GET /api/v1/series`, `GET /api/v1/forecasts`.
void add_series(net::HttpServer& server, const std::shared_ptr<const Door>& door);

}  // namespace headroom::api
