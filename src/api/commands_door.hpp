#pragma once

#include "api/routes.hpp"

#include <memory>

namespace headroom::api {

class Idempotency;

/// Stop-all, element states and authority.
void add_commands(net::HttpServer& server, const std::shared_ptr<const Door>& door,
                  const std::shared_ptr<Idempotency>& once);

}  // namespace headroom::api
