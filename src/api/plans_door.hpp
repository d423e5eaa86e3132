#pragma once

#include "api/routes.hpp"
#include "desk/plans.hpp"

#include <memory>

namespace headroom::api {

class Idempotency;

/// Plans of events and plans of what is handed in, and what is said about them.
void add_plans(net::HttpServer& server, const std::shared_ptr<const Door>& door,
               const std::shared_ptr<desk::Planning>& plans, const std::shared_ptr<Idempotency>& once);

}  // namespace headroom::api
