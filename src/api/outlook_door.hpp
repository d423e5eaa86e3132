#pragma once

#include "net/http_server.hpp"

#include <functional>

namespace headroom::desk {
class OutlookDesk;
}

namespace headroom::api {

/// `GET /api/v1/feeders/{id}/outlook`. `look` is asked with each request.
void add_outlook(net::HttpServer& server, std::function<desk::OutlookDesk()> look);

}  // namespace headroom::api
