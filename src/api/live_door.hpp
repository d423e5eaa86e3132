#pragma once

#include "api/routes.hpp"

#include <memory>

namespace headroom::api {

/// `/ws` and SSE `/api/v1/stream`: every audit entry, in order, without gap or double, from where the reader
/// stopped. `/ws/state`: header and loads of all feeders once a second, the newest only.
void add_live(net::HttpServer& server, const std::shared_ptr<const Door>& door);

}  // namespace headroom::api
