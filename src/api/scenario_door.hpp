#pragma once

#include "api/idempotency.hpp"
#include "api/routes.hpp"

#include <memory>

namespace headroom::api {

/// Scenarios: the contract's POST /scenario/run, the list, runs with progress and cancel, two runs side by
/// side.
void add_scenarios(net::HttpServer& server, const std::shared_ptr<const Door>& door,
                   const std::shared_ptr<Idempotency>& once);

}  // namespace headroom::api
