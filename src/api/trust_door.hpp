#pragma once

#include "api/idempotency.hpp"
#include "api/routes.hpp"

#include <memory>

namespace headroom::api {

/// `/api/v1/trust`, its places, incidents and corrections.
void add_trust(net::HttpServer& server, const std::shared_ptr<const Door>& door,
               const std::shared_ptr<Idempotency>& once);

}  // namespace headroom::api
