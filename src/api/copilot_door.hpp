#pragma once

#include "api/routes.hpp"

#include <memory>

namespace headroom::api {

/// The co-pilot's state, and questions in words.
void add_copilot(net::HttpServer& server, const std::shared_ptr<const Door>& door);

}  // namespace headroom::api
