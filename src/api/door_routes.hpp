#pragma once

#include "api/idempotency.hpp"
#include "api/operation.hpp"
#include "api/routes.hpp"

#include <memory>
#include <utility>

namespace headroom::api {

/// Adds routes whose handlers are functions of the door and the request. Writes take an Idempotency-Key.
class DoorRoutes {
  public:
    DoorRoutes(net::HttpServer& server, std::shared_ptr<const Door> door, std::shared_ptr<Idempotency> once)
        : server_(server), door_(std::move(door)), once_(std::move(once)) {}

    template <class Handler>
    void read(const char* pattern, Handler handler, const Operation& operation) const {
        server_.route("GET", pattern, bound(handler), operation.options());
    }
    template <class Handler>
    void write(const char* method, const char* pattern, Handler handler, Operation operation,
               bool can_dry_run = true) const {
        server_.route(method, pattern, observed(once_, bound(handler)),
                      operation.writes(can_dry_run).options());
    }

  private:
    template <class Handler>
    [[nodiscard]] net::Handler bound(Handler handler) const {
        return [door = door_, handler](net::Request request) { return handler(door, std::move(request)); };
    }

    net::HttpServer& server_;
    std::shared_ptr<const Door> door_;
    std::shared_ptr<Idempotency> once_;
};

}  // namespace headroom::api
