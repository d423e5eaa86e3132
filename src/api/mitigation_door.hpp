#pragma once

#include "api/idempotency.hpp"
#include "api/routes.hpp"

#include <memory>

namespace headroom::api {

/// POST /agent/mitigate: what to do about the risks of a scenario.
void add_mitigation(net::HttpServer& server, const std::shared_ptr<const Door>& door,
                    const std::shared_ptr<Idempotency>& once);

}  // namespace headroom::api
