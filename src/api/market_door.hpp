#pragma once

#include "api/idempotency.hpp"
#include "api/routes.hpp"

#include <memory>

namespace headroom::api {

/// Orders that a person gives outside of any overload: POST /beckn/execute and /beckn/execute-journey.
void add_market(net::HttpServer& server, const std::shared_ptr<const Door>& door,
                const std::shared_ptr<Idempotency>& once);

}  // namespace headroom::api
