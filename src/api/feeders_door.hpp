#pragma once

#include "api/routes.hpp"

#include <memory>

namespace headroom::api {

/// Status, feeders, substations, points and sources.
void add_feeders(net::HttpServer& server, const std::shared_ptr<const Door>& door);

}  // namespace headroom::api
