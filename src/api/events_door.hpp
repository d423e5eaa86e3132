#pragma once

#include "api/routes.hpp"

#include <memory>

namespace headroom::api {

class Idempotency;

/// Events, overloads, plans, orders and what may be done about them.
void add_events(net::HttpServer& server, const std::shared_ptr<const Door>& door,
                const std::shared_ptr<Idempotency>& once);

}  // namespace headroom::api
