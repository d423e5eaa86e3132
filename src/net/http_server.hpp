#pragma once

#include "core/async.hpp"
#include "core/json.hpp"
#include "core/time.hpp"
#include "net/http.hpp"
#include "net/websocket.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::net {

/// Bounds of a server. Time limits are looked at by one sweep a few times a second, so they are met within
/// a quarter of the shortest of them.
struct ServerLimits {
    std::size_t header_bytes = 16UL * 1024;      ///< request line and fields; more is 431
    std::size_t body_bytes = 4UL * 1024 * 1024;  ///< unless the route says otherwise; more is 413
    std::size_t connections = 4096;              ///< more are answered 503 with Retry-After and closed
    milliseconds header_timeout =
        seconds{10};                          ///< from the first byte (or the connect) to the blank line; 408
    milliseconds body_timeout = seconds{30};  ///< a whole buffered body, or the next piece of an upload; 408
    milliseconds idle_timeout = seconds{75};  ///< between requests; the connection is closed
    milliseconds write_timeout = seconds{30};  ///< the peer takes none of an answer; the connection is closed
};

struct RouteOptions {
    std::string role;          ///< least role of the caller; checked by the hook `before`, not here
    std::size_t max_body = 0;  ///< 0: the server's `body_bytes`; uploads have no limit but this one
    std::vector<std::string> media_types;  ///< accepted Content-Types of a body; empty: any. Others are 415
    std::vector<std::string> protocols;    ///< WebSocket subprotocols, best first
    WebSocketLimits websocket;             ///< of a WebSocket route
    // What OpenAPI says of the route, beside its role.
    bool is_documented = true;  ///< false for files of the pages, whose names change with each build
    std::string summary;        ///< a line, never empty
    json::Object operation;     ///< parameters, requestBody, responses … (OpenAPI 3.1 Operation Object)
    json::Object schemas;       ///< what the operation refers to below #/components/schemas/
};

enum class RouteKind { plain, upload, stream, websocket };

/// What is served where; also what OpenAPI and the test of roles read.
struct RouteInfo {
    std::string method;   ///< "GET"; WebSocket routes are GET
    std::string pattern;  ///< "/api/v1/feeders/{id}"; "{rest...}" at the end takes the remaining segments
    RouteKind kind = RouteKind::plain;
    RouteOptions options;
};

/// The body of an upload, piece by piece: memory stays that of one piece however long the body is.
class BodyReader {
  public:
    virtual ~BodyReader() = default;
    /// The next piece, at most 64 KiB, valid until the next call; empty at the end of the body. The peer is
    /// slowed down by TCP while nobody calls.
    /// Errors: `invalid` when the body is longer than the route allows or its framing is broken, `timeout`
    /// when the peer stalls, `unavailable` when it went away.
    virtual Awaitable<Result<std::string_view>> read_some() = 0;
    /// Content-Length, when the peer gave one.
    [[nodiscard]] virtual std::optional<std::uint64_t> length() const = 0;
};

/// An answer that is written as it comes into being: server-sent events, exports.
class StreamWriter {
  public:
    virtual ~StreamWriter() = default;
    /// Sends status and header; `head.body` is the first piece. Once, before any `write`.
    virtual Awaitable<Result<void>> start(Response head) = 0;
    /// Goes on when the operating system has taken the bytes, so a slow peer slows its writer.
    /// Errors: `unavailable` when the peer went away, took nothing for `write_timeout`, or the server drains.
    virtual Awaitable<Result<void>> write(std::string bytes) = 0;
    /// An ordinary answer instead of a stream, for a request that is refused.
    virtual Awaitable<Result<void>> respond(Response response) = 0;
    [[nodiscard]] virtual bool closed() const = 0;
    /// Called once, when the peer goes away or the server drains; at once when that is already so. Wakes a
    /// handler that waits for something to tell.
    virtual void on_close(std::function<void()> action) = 0;
};

using Handler = std::function<Awaitable<Response>(Request)>;
using UploadHandler = std::function<Awaitable<Response>(Request, BodyReader&)>;
using StreamHandler = std::function<Awaitable<void>(Request, StreamWriter&)>;
using WebSocketHandler = std::function<Awaitable<void>(Request, std::shared_ptr<WebSocket>)>;

/// Called before a body is read, with the route that was found: an answer ends the request there (401, 403,
/// 421, 429); nothing lets it pass. May set `request.caller`. `route` is null for 404, 405 and OPTIONS.
using BeforeHook = std::function<std::optional<Response>(Request& request, const RouteInfo* route)>;
/// Called on each answer before it is written, streams and refusals included: CORS, cookies.
using AfterHook = std::function<void(const Request& request, Response& response)>;
/// Called when an answer has been written: for metrics. `route` is null when none was found.
using ObserveHook = std::function<void(const RouteInfo* route, int status, double seconds)>;
/// Whether a browser page of `origin` may open a WebSocket. Asked only when there is an Origin header.
using OriginHook = std::function<bool(std::string_view origin, const Request& request)>;

/// HTTP/1.1 and WebSocket on one io_context thread.
///
/// Answers by itself, as application/problem+json: 400, 404, 405 (with Allow), 408, 413, 415, 426, 431, 501,
/// 503, 505. HEAD is answered from GET, OPTIONS with 204 and Allow unless routed. Every answer carries
/// `X-Content-Type-Options: nosniff` and `Referrer-Policy: no-referrer`. Requests on one connection are
/// answered in their order, one at a time. Handlers run on the io_context; an exception that leaves one is
/// our own bug and stops the process. Handlers' captures must outlive the io_context's last run.
class HttpServer {
  public:
    explicit HttpServer(asio::io_context& context, ServerLimits limits = {});
    /// Closes every connection. Prefer `drain` first.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Routes are set before `listen`. A literal segment wins over a parameter, a parameter over `{rest...}`.
    /// Two routes for one method and pattern are our own bug.
    void route(std::string method, std::string pattern, Handler handler, RouteOptions options = {});
    void upload(std::string method, std::string pattern, UploadHandler handler, RouteOptions options = {});
    void stream(std::string method, std::string pattern, StreamHandler handler, RouteOptions options = {});
    /// The connection is closed when the handler returns. Browsers: by default only pages of the same host
    /// and port (Origin equals Host) may connect; peers that send no Origin are no browsers and may.
    void websocket(std::string pattern, WebSocketHandler handler, RouteOptions options = {});

    void before(BeforeHook hook);
    void after(AfterHook hook);
    void observe(ObserveHook hook);
    void allow_origin(OriginHook hook);

    /// All routes, in the order they were set.
    [[nodiscard]] std::vector<RouteInfo> routes() const;

    /// Binds and begins to accept. Port 0 takes a free one.
    /// Errors: `invalid` for an address that is none, `conflict` when the port is taken, `denied` without the
    /// right to it, `unavailable` otherwise.
    Result<void> listen(const std::string& address = "127.0.0.1", std::uint16_t port = 0);
    /// The bound port; 0 before `listen`.
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::size_t connections() const;

    /// Stops accepting, closes idle connections, tells streams and WebSockets to end, lets requests in flight
    /// finish, and goes on when all are gone or after `limit`, when the rest is cut off.
    Awaitable<void> drain(milliseconds limit);

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace headroom::net
