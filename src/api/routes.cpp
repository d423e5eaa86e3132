#include "api/routes.hpp"

#include "api/readings_door.hpp"

#include <fmt/format.h>

#include <charconv>
#include <deque>
#include <memory>
#include <string>
#include <utility>

namespace headroom::api {
namespace {

constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

net::RouteOptions role(std::string name) {
    net::RouteOptions options;
    options.role = std::move(name);
    return options;
}

net::Response page_response(const PageFile& file) {
    net::Response response;
    response.content_type = file.content_type;
    response.body = file.bytes;
    response.headers.set("Content-Security-Policy", std::string(page_policy));
    response.headers.set("Cache-Control", "no-cache");
    response.headers.set("Vary", "Accept");
    return response;
}

json::Object service_description() {
    return json::Object{{"message", "Headroom is running"},
                        {"service", "headroom"},
                        {"version", HEADROOM_VERSION},
                        {"description", "Demand-flexibility control room for distribution system operators"},
                        {"status", "running"},
                        {"docs", "/"},
                        {"health", "/health"},
                        {"endpoints", json::Object{{"state", "/api/v1/state"},
                                                   {"events", "/api/v1/events"},
                                                   {"stream", "/api/v1/stream"},
                                                   {"readings", "/api/v1/readings"},
                                                   {"metrics", "/metrics"}}}};
}

bool wants_html(const net::Request& request) {
    const std::string_view accept = request.headers.get("Accept");
    return accept.find("text/html") != std::string_view::npos;
}

/// Who calls. On loopback the demo works without users, as a marked person.
Caller caller_of(const net::Request& request, std::string reason) {
    Caller caller = request.caller.value_or(Caller{
        .id = "demo-user", .kind = "user", .role = "admin", .ip = request.remote_address, .reason = ""});
    caller.reason = std::move(reason);
    return caller;
}

/// The entries of the stream, as they come, to one reader.
class Feed : public std::enable_shared_from_this<Feed> {
  public:
    explicit Feed(const asio::any_io_executor& executor) : wake_(executor) {}

    void push(const desk::StreamEntry& entry) {
        constexpr std::size_t waiting_max = 4096;
        if (waiting_.size() >= waiting_max) {
            over_ = true;  // a reader that slow starts again with Last-Event-ID
        } else {
            waiting_.push_back(entry);
        }
        wake_.cancel();
    }
    void end() {
        over_ = true;
        wake_.cancel();
    }
    [[nodiscard]] bool is_over() const { return over_; }
    std::deque<desk::StreamEntry> take() { return std::exchange(waiting_, {}); }
    /// Until something has come, the end, or it is time for a sign of life.
    Awaitable<void> wait() {
        if (waiting_.empty() && !over_) {
            wake_.expires_after(std::chrono::seconds{15});
            auto token = asio::as_tuple(asio::use_awaitable);
            co_await wake_.async_wait(token);
        }
    }

  private:
    asio::steady_timer wake_;
    std::deque<desk::StreamEntry> waiting_;
    bool over_ = false;
};

std::string sse_of(const desk::StreamEntry& entry) {
    const json::Object body{{"seq", entry.seq},
                            {"at", format_utc(entry.at)},
                            {"type", entry.type},
                            {"data", json::Object{{"event_id", entry.event}, {"text", entry.text}}}};
    return net::sse_event(json::write(body), {}, std::to_string(entry.seq));
}

std::uint64_t number_or(std::string_view text, std::uint64_t otherwise) {
    std::uint64_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    return fault == std::errc{} && end == text.data() + text.size() && !text.empty() ? value : otherwise;
}

Awaitable<void> stream_events(const Door& door, net::Request request, net::StreamWriter& writer) {
    net::Response head;
    head.content_type = "text/event-stream";
    head.headers.set("Cache-Control", "no-store");
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    const auto feed = std::make_shared<Feed>(executor);
    std::uint64_t since = number_or(request.headers.get("Last-Event-ID"), 0);
    since = number_or(request.parameter("since").value_or(""), since);
    for (const desk::StreamEntry& entry : door.desk().stream_since(since, 200)) {
        head.body += sse_of(entry);
    }
    head.body += net::sse_comment("open");
    const std::uint64_t number =
        door.desk().subscribe([feed](const desk::StreamEntry& entry) { feed->push(entry); });
    writer.on_close([feed] { feed->end(); });
    Result<void> written = co_await writer.start(std::move(head));
    while (written && !feed->is_over()) {
        co_await feed->wait();
        std::string bytes;
        for (const desk::StreamEntry& entry : feed->take()) {
            bytes += sse_of(entry);
        }
        if (bytes.empty()) {
            bytes = net::sse_comment("still here");
        }
        written = co_await writer.write(std::move(bytes));
    }
    door.desk().unsubscribe(number);
}

/// `{sha256, reason}` of an approval or rejection.
struct Judgement {
    std::string sha256;
    std::string reason;
};

Result<Judgement> read_judgement(const std::string& body) {
    const Result<json::Value> parsed = json::parse(body, {.bytes = 65536, .depth = 4});
    if (!parsed) {
        return parsed.error();
    }
    Judgement judgement{parsed->text("/sha256"), parsed->text("/reason")};
    if (judgement.sha256.empty()) {
        return Error{Errc::invalid, "the plan's sha256 is needed", "/sha256"};
    }
    if (judgement.reason.empty()) {
        return Error{Errc::invalid, "a reason is needed", "/reason"};
    }
    return judgement;
}

Awaitable<net::Response> judge(const Door& door, net::Request request, bool approve) {
    Result<Judgement> judgement = read_judgement(request.body);
    if (!judgement) {
        co_return net::problem_of(judgement.error(), request.path);
    }
    EventId event{request.path_parameter("id")};
    Caller caller = caller_of(request, std::move(judgement->reason));
    const Result<void> done =
        approve
            ? co_await door.desk().approve(std::move(event), std::move(judgement->sha256), std::move(caller))
            : co_await door.desk().reject(std::move(event), std::move(judgement->sha256), std::move(caller));
    co_return done ? net::json_response(200, json::Object{{"status", approve ? "approved" : "rejected"}})
                   : net::problem_of(done.error(), request.path);
}

Awaitable<net::Response> stop(const Door& door, net::Request request) {
    const Result<json::Value> parsed = json::parse(request.body, {.bytes = 65536, .depth = 4});
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
    const Result<json::Value> parsed = json::parse(request.body, {.bytes = 65536, .depth = 4});
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

void add_page(net::HttpServer& server) {
    server.route(
        "GET", "/",
        [](net::Request request) -> Awaitable<net::Response> {
            const PageFile* page = page_file("index.html");
            if (page != nullptr && wants_html(request)) {
                co_return page_response(*page);
            }
            net::Response response = net::json_response(200, service_description());
            response.headers.set("Vary", "Accept");
            co_return response;
        },
        role("viewer"));
    for (const std::string name : {"app.js", "style.css"}) {
        server.route(
            "GET", "/" + name,
            [name](net::Request request) -> Awaitable<net::Response> {
                const PageFile* page = page_file(name);
                co_return page != nullptr
                    ? page_response(*page)
                    : net::problem(404, "Not Found", "no page file " + name, {}, request.path);
            },
            role("viewer"));
    }
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
    add_page(server);
    add_health(server, door);
    add_beckn(server, door);
    add_readings(server, *door);
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
        "GET", "/api/v1/events",
        [door](net::Request) -> Awaitable<net::Response> {
            const json::Object state = door->desk().state();
            co_return net::json_response(200, json::Object{{"events", *state.find("events")}});
        },
        role("viewer"));
    server.route(
        "GET", "/api/v1/events/{id}",
        [door](net::Request request) -> Awaitable<net::Response> {
            const Result<json::Object> event = door->desk().event(EventId{request.path_parameter("id")});
            co_return event ? net::json_response(200, *event) : net::problem_of(event.error(), request.path);
        },
        role("viewer"));
    server.route(
        "POST", "/api/v1/events/{id}/approve",
        [door](net::Request request) { return judge(*door, std::move(request), true); }, role("approver"));
    server.route(
        "POST", "/api/v1/events/{id}/reject",
        [door](net::Request request) { return judge(*door, std::move(request), false); }, role("approver"));
    server.route(
        "POST", "/api/v1/stop", [door](net::Request request) { return stop(*door, std::move(request)); },
        role("operator"));
    server.route(
        "POST", "/api/v1/feeders/{id}/state",
        [door](net::Request request) { return set_feeder(*door, std::move(request)); }, role("engineer"));
    server.stream(
        "GET", "/api/v1/stream",
        [door](net::Request request, net::StreamWriter& writer) {
            return stream_events(*door, std::move(request), writer);
        },
        role("viewer"));
}

}  // namespace headroom::api
