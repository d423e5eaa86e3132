#pragma once

#include "api/idempotency.hpp"
#include "desk/contingency.hpp"
#include "net/http_server.hpp"

#include <functional>
#include <memory>

namespace headroom::api {

/// What the routes of the shelf look at, at each request: they are set before it is built, and answer 503
/// until then.
struct ContingencyDoor {
    std::function<agents::Contingency*()> shelf;
};

/// The shelf: GET /api/v1/contingencies, one of them, and having a plan carried out that waits for a person.
void add_contingencies(net::HttpServer& server, ContingencyDoor door,
                       const std::shared_ptr<Idempotency>& once);

}  // namespace headroom::api
