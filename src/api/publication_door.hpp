#pragma once

#include "agents/catalog_publisher.hpp"
#include "net/http_server.hpp"

#include <functional>
#include <vector>

namespace headroom::api {

/// GET /api/v1/publications, where our catalogues stand at discovery services, and POST
/// /beckn/catalog/on_publish, where a service says what became of one. `publishers` is looked at, at each
/// request; one for each service.
void add_publications(net::HttpServer& server,
                      std::function<std::vector<agents::CatalogPublisher*>()> publishers);

}  // namespace headroom::api
