#include "net/http_server.hpp"

#include "core/log.hpp"
#include "net/as_result.hpp"
#include "net/http_connection.hpp"
#include "net/http_server_core.hpp"
#include "net/loopback.hpp"
#include "net/port_holder.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include <netinet/tcp.h>
#include <sys/socket.h>

namespace headroom::net {
namespace {

constexpr auto sweep_longest = milliseconds{250};
constexpr auto sweep_shortest = milliseconds{5};
constexpr auto accept_pause = milliseconds{100};
constexpr std::size_t turning_away_max = 64;

constexpr std::string_view too_many_connections =
    "HTTP/1.1 503 Service Unavailable\r\n"
    "Retry-After: 5\r\n"
    "Connection: close\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Content-Type: application/problem+json\r\n"
    "Content-Length: 120\r\n"
    "\r\n"
    R"({"type":"about:blank","title":"Service Unavailable","status":503,"detail":"too many connections are open","instance":""})";

void append_number(std::string& out, std::uint64_t number) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

/// A header value can hold text from outside; a line break in it would begin a header of its own.
void append_value(std::string& out, std::string_view value) {
    for (const char c : value) {
        if (c != '\r' && c != '\n' && c != '\0') {
            out.push_back(c);
        }
    }
}

void set_int_option(Socket& socket, int level, int name, int value) {
    // Fails only for a peer that has gone already, which the first read tells.
    static_cast<void>(::setsockopt(socket.native_handle(), level, name, &value, sizeof value));
}

Error bind_error(const std::string& address, std::uint16_t port, const boost::system::error_code& fault) {
    const std::string where = "port " + std::to_string(port) + " on " + address;
    if (fault == asio::error::address_in_use) {
        return Error{Errc::conflict, taken_port_message(port, find_port_holder(port)), {}};
    }
    if (fault == asio::error::access_denied) {
        return Error{
            Errc::denied, where + " may not be opened by this user: choose one above 1023 with --port", {}};
    }
    return Error{Errc::unavailable, where + " cannot be opened: " + fault.message(), {}};
}

}  // namespace

const std::string& ServerCore::date() {
    const auto now = std::chrono::time_point_cast<seconds>(std::chrono::system_clock::now());
    if (now != date_of_ || date_.empty()) {
        const std::time_t time = std::chrono::system_clock::to_time_t(now);
        std::tm utc{};
        ::gmtime_r(&time, &utc);
        std::array<char, 40> text{};
        const std::size_t length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
        date_.assign(text.data(), length);
        date_of_ = now;
    }
    return date_;
}

void append_head(std::string& out, const Response& response, const std::string& date,
                 const HeadOptions& options) {
    out.reserve(out.size() + 256 + std::min<std::size_t>(response.body.size(), 16384));
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::uint64_t>(response.status));
    out += ' ';
    out += status_phrase(response.status);
    out += "\r\nDate: ";
    out += date;
    out += "\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n";
    if (!response.content_type.empty()) {
        out += "Content-Type: ";
        append_value(out, response.content_type);
        out += "\r\n";
    }
    for (const auto& [name, value] : response.headers.fields()) {
        append_value(out, name);
        out += ": ";
        append_value(out, value);
        out += "\r\n";
    }
    if (options.length) {
        out += "Content-Length: ";
        append_number(out, *options.length);
        out += "\r\n";
    }
    if (options.chunked) {
        out += "Transfer-Encoding: chunked\r\n";
    }
    if (options.close) {
        out += "Connection: close\r\n";
    } else if (options.http_1_0) {
        out += "Connection: keep-alive\r\n";
    }
    out += "\r\n";
}

Awaitable<void> serve_connection(std::shared_ptr<ServerCore> core, Socket socket) {
    const auto connection = std::make_shared<HttpConnection>(std::move(core), std::move(socket));
    co_await connection->run();
}

class HttpServer::Impl : public std::enable_shared_from_this<HttpServer::Impl> {
  public:
    Impl(asio::io_context& context, ServerLimits limits)
        : core(std::make_shared<ServerCore>(context, limits)),
          acceptor_(context.get_executor()),
          sweep_(context),
          pause_(context) {
        const milliseconds shortest =
            std::min({limits.header_timeout, limits.body_timeout, limits.idle_timeout, limits.write_timeout});
        sweep_every_ = std::clamp<milliseconds>(shortest / 4, sweep_shortest, sweep_longest);
    }

    Result<void> listen(const std::string& address, std::uint16_t port);
    void stop_accepting();
    void close();
    Awaitable<void> drain(milliseconds limit);

    std::shared_ptr<ServerCore> core;
    std::uint16_t port = 0;

  private:
    Awaitable<void> accept();
    Awaitable<void> sweep();
    Awaitable<void> turn_away(Socket socket);

    Acceptor acceptor_;
    asio::steady_timer sweep_;
    asio::steady_timer pause_;
    milliseconds sweep_every_{};
    std::size_t turning_away_ = 0;
    bool closed_ = false;
};

Result<void> HttpServer::Impl::listen(const std::string& address, std::uint16_t wanted) {
    boost::system::error_code fault;
    const auto ip = asio::ip::make_address(address, fault);
    if (fault) {
        return Error{
            Errc::invalid, "\"" + address + "\" is no IP address to listen on; use 127.0.0.1 or 0.0.0.0", {}};
    }
    const asio::ip::tcp::endpoint endpoint(ip, wanted);
    acceptor_.open(endpoint.protocol(), fault);
    if (!fault) {
        acceptor_.set_option(asio::socket_base::reuse_address(true), fault);
    }
    if (!fault) {
        acceptor_.bind(endpoint, fault);
    }
    if (!fault) {
        acceptor_.listen(asio::socket_base::max_listen_connections, fault);
    }
    if (fault) {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        return bind_error(address, wanted, fault);
    }
    const auto bound = acceptor_.local_endpoint(fault);
    if (fault) {
        return bind_error(address, wanted, fault);
    }
    port = bound.port();
    spawn(core->context.get_executor(), accept());
    spawn(core->context.get_executor(), sweep());
    return Result<void>{};
}

Awaitable<void> HttpServer::Impl::accept() {
    const auto self = shared_from_this();
    while (acceptor_.is_open()) {
        auto [fault, socket] = co_await acceptor_.async_accept(as_result);
        if (!acceptor_.is_open()) {
            co_return;
        }
        if (fault) {
            if (fault != asio::error::connection_aborted) {
                // Out of file descriptors or memory: the next try would fail at once again.
                log::warn("a connection could not be accepted", {{"fault", fault.message()}});
                pause_.expires_after(accept_pause);
                co_await pause_.async_wait(as_result);
            }
            continue;
        }
        set_int_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
        send_unpaced_on_loopback(socket.native_handle());
        if (core->connections.size() >= core->limits.connections) {
            spawn(core->context.get_executor(), turn_away(std::move(socket)));
            continue;
        }
        set_int_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
        set_int_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, 60);
        spawn(core->context.get_executor(), serve_connection(core, std::move(socket)));
    }
}

/// Answers 503 and, for a few at a time, waits until the peer has read it.
Awaitable<void> HttpServer::Impl::turn_away(Socket socket) {
    const auto self = shared_from_this();
    boost::system::error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(too_many_connections), ignored);
    socket.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    if (turning_away_ >= turning_away_max) {
        co_return;
    }
    ++turning_away_;
    const auto held = std::make_shared<Socket>(std::move(socket));
    asio::steady_timer patience(core->context, seconds{1});
    patience.async_wait([held](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            boost::system::error_code unheeded;
            held->close(unheeded);
        }
    });
    std::array<char, 4096> dropped{};
    for (int reads = 0; reads < 16; ++reads) {
        const auto [fault, count] = co_await held->async_read_some(asio::buffer(dropped), as_result);
        if (fault) {
            break;
        }
    }
    --turning_away_;
}

Awaitable<void> HttpServer::Impl::sweep() {
    const auto self = shared_from_this();
    while (!closed_) {
        sweep_.expires_after(sweep_every_);
        co_await sweep_.async_wait(as_result);
        const SteadyTime now = steady_now();
        for (Connection* connection : core->connections) {
            connection->expire(now);  // only cancels: nothing leaves the list while it is walked
        }
        if (!acceptor_.is_open() && core->connections.empty()) {
            co_return;
        }
    }
}

void HttpServer::Impl::stop_accepting() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
}

void HttpServer::Impl::close() {
    closed_ = true;
    core->draining = true;
    stop_accepting();
    sweep_.cancel();
    const std::vector<Connection*> all(core->connections.begin(), core->connections.end());
    for (Connection* connection : all) {
        connection->abort();
    }
}

Awaitable<void> HttpServer::Impl::drain(milliseconds limit) {
    const auto self = shared_from_this();
    core->draining = true;
    stop_accepting();
    const std::vector<Connection*> all(core->connections.begin(), core->connections.end());
    for (Connection* connection : all) {
        connection->drain();
    }
    core->drained.expires_after(limit);
    while (!core->connections.empty()) {
        const auto [cancelled] = co_await core->drained.async_wait(as_result);
        if (!cancelled) {
            break;
        }
    }
    if (!core->connections.empty()) {
        log::warn("connections were cut off at the end of the drain",
                  {{"connections", static_cast<std::int64_t>(core->connections.size())}});
    }
    close();
}

HttpServer::HttpServer(asio::io_context& context, ServerLimits limits)
    : impl_(std::make_shared<Impl>(context, limits)) {}

HttpServer::~HttpServer() {
    impl_->close();
}

void HttpServer::route(std::string method, std::string pattern, Handler handler, RouteOptions options) {
    auto route = std::make_unique<Route>();
    route->info = {std::move(method), std::move(pattern), RouteKind::plain, std::move(options)};
    route->handler = std::move(handler);
    impl_->core->router.add(std::move(route));
}

void HttpServer::upload(std::string method, std::string pattern, UploadHandler handler,
                        RouteOptions options) {
    auto route = std::make_unique<Route>();
    route->info = {std::move(method), std::move(pattern), RouteKind::upload, std::move(options)};
    route->handler = std::move(handler);
    impl_->core->router.add(std::move(route));
}

void HttpServer::stream(std::string method, std::string pattern, StreamHandler handler,
                        RouteOptions options) {
    auto route = std::make_unique<Route>();
    route->info = {std::move(method), std::move(pattern), RouteKind::stream, std::move(options)};
    route->handler = std::move(handler);
    impl_->core->router.add(std::move(route));
}

void HttpServer::websocket(std::string pattern, WebSocketHandler handler, RouteOptions options) {
    auto route = std::make_unique<Route>();
    route->info = {"GET", std::move(pattern), RouteKind::websocket, std::move(options)};
    route->handler = std::move(handler);
    impl_->core->router.add(std::move(route));
}

void HttpServer::before(BeforeHook hook) {
    impl_->core->before = std::move(hook);
}
void HttpServer::after(AfterHook hook) {
    impl_->core->after = std::move(hook);
}
void HttpServer::observe(ObserveHook hook) {
    impl_->core->observe = std::move(hook);
}
void HttpServer::allow_origin(OriginHook hook) {
    impl_->core->allow_origin = std::move(hook);
}

std::vector<RouteInfo> HttpServer::routes() const {
    std::vector<RouteInfo> all;
    for (const auto& route : impl_->core->router.routes()) {
        all.push_back(route->info);
    }
    return all;
}

Result<void> HttpServer::listen(const std::string& address, std::uint16_t port) {
    return impl_->listen(address, port);
}

std::uint16_t HttpServer::port() const {
    return impl_->port;
}

std::size_t HttpServer::connections() const {
    return impl_->core->connections.size();
}

Awaitable<void> HttpServer::drain(milliseconds limit) {
    co_await impl_->drain(limit);
}

}  // namespace headroom::net
