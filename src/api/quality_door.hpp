#pragma once

#include "api/routes.hpp"

#include <memory>

namespace headroom::api {

/// `/api/v1/data-quality` and `/api/v1/data-quality/findings`.
void add_quality(net::HttpServer& server, const std::shared_ptr<const Door>& door);

}  // namespace headroom::api
