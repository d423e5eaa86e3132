#pragma once

#include "api/routes.hpp"

#include <memory>

namespace headroom::api {

/// `GET /api/v1/feeds`.
void add_feeds(net::HttpServer& server, const std::shared_ptr<const Door>& door);

}  // namespace headroom::api
