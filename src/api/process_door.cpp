#include "api/process_door.hpp"

#include "api/answer.hpp"
#include "api/process_metrics.hpp"

#include <string>
#include <utility>

namespace headroom::api {
namespace {

using Shared = std::shared_ptr<const Door>;

Awaitable<net::Response> health(Shared door, net::Request) {
    co_return net::json_response(door->desk().is_healthy() ? 200 : 503, door->desk().health());
}

Awaitable<net::Response> alive(Shared, net::Request) {
    co_return net::json_response(200, json::Object{{"status", "alive"}});
}

Awaitable<net::Response> ready(Shared door, net::Request) {
    json::Array reasons;
    for (std::string& reason : door->not_ready()) {
        reasons.emplace_back(std::move(reason));
    }
    const bool is_ready = reasons.empty();
    co_return net::json_response(
        is_ready ? 200 : 503,
        json::Object{{"status", is_ready ? "ready" : "not ready"}, {"reasons", std::move(reasons)}});
}

Awaitable<net::Response> metrics(Shared door, net::Request request) {
    door->refresh_metrics();
    const bool is_openmetrics =
        request.headers.get("Accept").find("application/openmetrics-text") != std::string_view::npos;
    net::Response response;
    response.headers.set("Vary", "Accept");
    if (is_openmetrics) {
        response.content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        response.body = door->metrics.openmetrics_text() + process_metrics(true) + "# EOF\n";
    } else {
        response.content_type = "text/plain; version=0.0.4; charset=utf-8";
        response.body = door->metrics.prometheus_text() + process_metrics(false);
    }
    co_return response;
}

Awaitable<net::Response> agents(Shared door, net::Request) {
    co_return net::json_response(200, door->desk().agents_status());
}

void add_beckn(net::HttpServer& server, const Shared& door) {
    // Peers prove themselves by signature, not by role. Search is discover in 2.0, rating is rate.
    for (const std::string action : {"search", "discover", "select", "init", "confirm", "status", "update",
                                     "cancel", "track", "support", "rating", "rate"}) {
        server.route(
            "POST", "/beckn/on_" + action,
            [door, action](net::Request request) -> Awaitable<net::Response> {
                return door->market().on_callback("on_" + action, std::move(request));
            },
            Operation("peer", "Beckn callback on_" + action)
                .about("Signed by the provider; the signature is checked over the bytes as they came.")
                .answers_like(200, "ACK or NACK of the protocol.", R"({"message":{"ack":{"status":"ACK"}}})")
                .fails({401, 413})
                .options());
    }
    server.route(
        "GET", "/beckn/health",
        [door](net::Request) -> Awaitable<net::Response> { co_return door->market().health(); },
        Operation("none", "Whether Beckn callbacks are served")
            .answers_json(200, "Who we are on the network.", json::Object{{"type", "object"}})
            .options());
}

}  // namespace

json::Object service_description() {
    return json::Object{{"message", "Headroom is running"},
                        {"service", "headroom"},
                        {"version", HEADROOM_VERSION},
                        {"description", "Demand-flexibility control room for distribution system operators"},
                        {"status", "running"},
                        {"docs", "/docs"},
                        {"health", "/health"},
                        {"endpoints", json::Object{{"status", "/api/v1/status"},
                                                   {"feeders", "/api/v1/feeders"},
                                                   {"events", "/api/v1/events"},
                                                   {"overloads", "/api/v1/overloads"},
                                                   {"plans", "/api/v1/plans"},
                                                   {"series", "/api/v1/series"},
                                                   {"readings", "/api/v1/readings"},
                                                   {"audit", "/api/v1/audit/checkpoint"},
                                                   {"stream", "/api/v1/stream"},
                                                   {"ws", "/ws"},
                                                   {"ws_state", "/ws/state"},
                                                   {"metrics", "/metrics"},
                                                   {"openapi", "/openapi.json"}}}};
}

void add_process(net::HttpServer& server, const Shared& door) {
    const auto get = [&](const char* pattern, auto handler, const Operation& operation) {
        server.route(
            "GET", pattern,
            [door, handler](net::Request request) { return handler(door, std::move(request)); },
            operation.options());
    };
    constexpr std::string_view healthy = R"({"status":"healthy","timestamp":"2027-01-14T17:30:00.000Z",
        "version":"0.1.0","agents_online":5,"checks":{"audit":"ok","readings":"ok"}})";
    get("/health", health,
        Operation("none", "Whether readings can be taken and decisions written down")
            .answers_like(200, "Able to serve.", healthy)
            .answers_like(503, "Degraded.", healthy));
    get("/livez", alive,
        Operation("none", "Whether the process runs").answers_like(200, "It does.", R"({"status":"alive"})"));
    get("/readyz", ready,
        Operation("none", "Whether requests may be sent here")
            .answers_like(200, "Ready.", R"({"status":"ready","reasons":[]})")
            .answers_like(503, "Not ready, and why.", R"({"status":"not ready","reasons":["stopping"]})"));
    get("/metrics", metrics,
        Operation("viewer", "Counters and gauges")
            .about("Prometheus text format, or OpenMetrics 1.0 when Accept names it.")
            .answers_text(200, "Metrics.", "text/plain")
            .answers_text(200, "Metrics.", "application/openmetrics-text"));
    get("/agents/status", agents,
        Operation("viewer", "What each agent is doing")
            .answers_json(
                200, "By name.",
                schema_like(*json::parse(R"({"timestamp":"2027-01-14T17:30:00.000Z","agents":{}})"))));
    add_beckn(server, door);
}

}  // namespace headroom::api
