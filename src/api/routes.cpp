#include "api/routes.hpp"

#include "api/events_door.hpp"
#include "api/feeders_door.hpp"
#include "api/live_door.hpp"
#include "api/readings_door.hpp"
#include "api/request.hpp"
#include "api/static_files.hpp"

#include <memory>
#include <string>
#include <utility>

namespace headroom::api {
namespace {

net::RouteOptions role(std::string name) {
    net::RouteOptions options;
    options.role = std::move(name);
    return options;
}

Awaitable<net::Response> stop(const Door& door, net::Request request) {
    const Result<json::Value> parsed = object_body(request);
    if (!parsed) {
        co_return net::problem_of(parsed.error(), request.path);
    }
    Caller caller = caller_of(request, parsed->text("/reason"));
    std::string area = parsed->text("/area");
    const bool stopped = parsed->boolean("/stopped", true);
    const Result<void> done = co_await door.desk().stop_all(std::move(area), stopped, std::move(caller));
    co_return done ? net::json_response(200, json::Object{{"stopped", stopped}})
                   : net::problem_of(done.error(), request.path);
}

Awaitable<net::Response> set_feeder(const Door& door, net::Request request) {
    const Result<json::Value> parsed = object_body(request);
    if (!parsed) {
        co_return net::problem_of(parsed.error(), request.path);
    }
    Caller caller = caller_of(request, parsed->text("/reason"));
    std::string state = parsed->text("/state", "normal");
    const bool held = parsed->boolean("/held");
    const Result<void> done = co_await door.desk().set_feeder(request.path_parameter("id"), std::move(state),
                                                              held, std::move(caller));
    co_return done
        ? net::json_response(200, json::Object{{"feeder_id", request.path_parameter("id")}, {"held", held}})
        : net::problem_of(done.error(), request.path);
}

void add_health(net::HttpServer& server, const std::shared_ptr<const Door>& door) {
    server.route(
        "GET", "/health",
        [door](net::Request) -> Awaitable<net::Response> {
            co_return net::json_response(door->desk().is_healthy() ? 200 : 503, door->desk().health());
        },
        role("none"));
    server.route(
        "GET", "/livez",
        [](net::Request) -> Awaitable<net::Response> {
            co_return net::json_response(200, json::Object{{"status", "alive"}});
        },
        role("none"));
    server.route(
        "GET", "/readyz",
        [door](net::Request) -> Awaitable<net::Response> {
            const bool ready = door->is_ready();
            co_return net::json_response(ready ? 200 : 503,
                                         json::Object{{"status", ready ? "ready" : "not ready"}});
        },
        role("none"));
    server.route(
        "GET", "/metrics",
        [door](net::Request) -> Awaitable<net::Response> {
            door->refresh_metrics();
            net::Response response;
            response.content_type = "text/plain; version=0.0.4; charset=utf-8";
            response.body = door->metrics.prometheus_text();
            co_return response;
        },
        role("viewer"));
}

void add_beckn(net::HttpServer& server, const std::shared_ptr<const Door>& door) {
    // Peers prove themselves by signature, not by role.
    for (const std::string action : {"search", "select", "init", "confirm", "status", "update", "cancel"}) {
        server.route(
            "POST", "/beckn/on_" + action,
            [door, action](net::Request request) -> Awaitable<net::Response> {
                return door->market().on_callback("on_" + action, std::move(request));
            },
            role("peer"));
    }
    server.route(
        "GET", "/beckn/health",
        [door](net::Request) -> Awaitable<net::Response> { co_return door->market().health(); },
        role("none"));
}

}  // namespace

void add_routes(net::HttpServer& server, Door given) {
    const auto door = std::make_shared<const Door>(std::move(given));
    add_pages(server);
    add_health(server, door);
    add_beckn(server, door);
    add_readings(server, *door);
    add_feeders(server, door);
    add_events(server, door);
    add_live(server, door);
    server.route(
        "GET", "/agents/status",
        [door](net::Request) -> Awaitable<net::Response> {
            co_return net::json_response(200, door->desk().agents_status());
        },
        role("viewer"));
    server.route(
        "GET", "/api/v1/state",
        [door](net::Request) -> Awaitable<net::Response> {
            co_return net::json_response(200, door->desk().state());
        },
        role("viewer"));
    server.route(
        "POST", "/api/v1/stop", [door](net::Request request) { return stop(*door, std::move(request)); },
        role("operator"));
    server.route(
        "POST", "/api/v1/feeders/{id}/state",
        [door](net::Request request) { return set_feeder(*door, std::move(request)); }, role("engineer"));
}

}  // namespace headroom::api
