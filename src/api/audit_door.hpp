#pragma once

#include "api/routes.hpp"

#include <memory>

namespace headroom::api {

/// Checkpoints, entries and proofs of the audit log.
void add_audit(net::HttpServer& server, const std::shared_ptr<const Door>& door);

}  // namespace headroom::api
