#pragma once

#include "api/idempotency.hpp"
#include "api/routes.hpp"

#include <memory>

namespace headroom::api {

/// `POST /api/v1/grid/reload` `{reason}`: reads the grid file again and puts it in force, answered with what
/// changed; with `dry_run` what would.
void add_grid(net::HttpServer& server, const std::shared_ptr<const Door>& door,
              const std::shared_ptr<Idempotency>& once);

}  // namespace headroom::api
