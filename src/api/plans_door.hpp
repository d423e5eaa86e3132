#pragma once

#include "api/routes.hpp"
#include "desk/planning.hpp"

#include <memory>

namespace headroom::api {

/// Plans of what is handed in. The plans of events, and what is said about them, are in events_door.
void add_plans(net::HttpServer& server, const std::shared_ptr<const Door>& door,
               const std::shared_ptr<desk::Planning>& plans);

}  // namespace headroom::api
