#pragma once

#include "api/routes.hpp"

#include <memory>

namespace headroom::api {

class Idempotency;

/// Events, overloads, orders and what may be done about them. Their plans are in plans_door.
void add_events(net::HttpServer& server, const std::shared_ptr<const Door>& door,
                const std::shared_ptr<Idempotency>& once);

}  // namespace headroom::api
