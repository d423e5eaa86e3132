#pragma once

#include "api/routes.hpp"
#include "desk/planning.hpp"

#include <memory>

namespace headroom::api {

class Idempotency;

/// Events, overloads, plans, orders and what may be done about them. `handed_in` keeps the plans that were
/// made by POST /api/v1/plans.
void add_events(net::HttpServer& server, const std::shared_ptr<const Door>& door,
                const std::shared_ptr<Idempotency>& once, const std::shared_ptr<desk::Planning>& handed_in);

}  // namespace headroom::api
