#pragma once

#include "core/json.hpp"
#include "net/http_server.hpp"

#include <vector>

namespace headroom::api {

/// The OpenAPI 3.1 document of these routes: what each says of itself, with its role as `x-role`. Paths,
/// methods and schemas are sorted, so that the same routes give the same bytes.
[[nodiscard]] json::Object openapi_document(const std::vector<net::RouteInfo>& routes);

/// `GET /openapi.json` and `GET /docs`, of every route that is set when they are asked.
void add_openapi(net::HttpServer& server);

}  // namespace headroom::api
