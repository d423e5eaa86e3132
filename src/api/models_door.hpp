#pragma once

#include "api/idempotency.hpp"
#include "api/routes.hpp"

#include <memory>

namespace headroom::api {

/// `/api/v1/models`: what forecasts are learnt by, and which serves.
void add_models(net::HttpServer& server, const std::shared_ptr<const Door>& door,
                const std::shared_ptr<Idempotency>& once);

}  // namespace headroom::api
