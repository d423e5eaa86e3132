#pragma once

#include "api/idempotency.hpp"
#include "api/routes.hpp"

#include <memory>

namespace headroom::api {

/// Programmes and enrolments: lists and commands.
void add_programmes(net::HttpServer& server, const std::shared_ptr<const Door>& door,
                    const std::shared_ptr<Idempotency>& once);

}  // namespace headroom::api
