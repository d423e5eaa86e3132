#pragma once

#include "api/routes.hpp"

#include <memory>

namespace headroom::api {

/// The site's rulebooks: documents, search, passages.
void add_knowledge(net::HttpServer& server, const std::shared_ptr<const Door>& door);

}  // namespace headroom::api
