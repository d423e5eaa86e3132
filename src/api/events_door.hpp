#pragma once

#include "api/routes.hpp"

#include <memory>

namespace headroom::api {

/// Events, overloads, plans, orders and what may be done about them.
void add_events(net::HttpServer& server, const std::shared_ptr<const Door>& door);

}  // namespace headroom::api
