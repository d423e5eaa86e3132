#include "net/websocket_client.hpp"

#include "net/as_result.hpp"
#include "net/websocket_stream.hpp"

#include <boost/asio/ip/basic_resolver.hpp>

namespace headroom::net {
namespace {

using Resolver = asio::ip::basic_resolver<asio::ip::tcp, asio::io_context::executor_type>;

/// What the deadline may cut off while it is waited for.
struct Attempt {
    explicit Attempt(asio::io_context::executor_type executor) : resolver(executor), socket(executor) {}
    Resolver resolver;
    Socket socket;
    bool late = false;
};

Error connect_error(const Attempt& attempt, const Url& url, const boost::system::error_code& fault) {
    if (attempt.late) {
        return Error{Errc::timeout, "no connection to " + url.authority() + " in time", {}};
    }
    return Error{Errc::unavailable, "no connection to " + url.authority() + ": " + fault.message(), {}};
}

Awaitable<Result<Socket>> connect(std::shared_ptr<Attempt> attempt, const Url& url) {
    const auto [unresolved, endpoints] =
        co_await attempt->resolver.async_resolve(url.host, std::to_string(url.port), as_result);
    if (unresolved || attempt->late) {
        co_return connect_error(*attempt, url, unresolved);
    }
    boost::system::error_code fault = asio::error::host_not_found;
    for (const auto& entry : endpoints) {
        boost::system::error_code unheeded;
        attempt->socket.close(unheeded);
        const auto [refused] = co_await attempt->socket.async_connect(entry.endpoint(), as_result);
        fault = refused;
        if (!fault || attempt->late) {
            break;
        }
    }
    if (fault || attempt->late) {
        co_return connect_error(*attempt, url, fault);
    }
    attempt->socket.set_option(asio::ip::tcp::no_delay(true), fault);
    co_return std::move(attempt->socket);
}

}  // namespace

Awaitable<Result<std::shared_ptr<WebSocket>>> connect_websocket(std::string url,
                                                                WebSocketClientOptions options) {
    const auto parsed = parse_url(url);
    if (!parsed) {
        co_return parsed.error();
    }
    if (parsed->scheme != "ws") {
        co_return Error{parsed->scheme == "wss" ? Errc::unsupported : Errc::invalid,
                        "WebSocket to " + parsed->text() + ": only ws:// is spoken here",
                        {}};
    }
    const asio::any_io_executor any = co_await asio::this_coro::executor;
    const auto* executor = any.target<asio::io_context::executor_type>();
    HEADROOM_ASSERT(executor != nullptr);

    const auto attempt = std::make_shared<Attempt>(*executor);
    asio::steady_timer deadline(any, options.connect_timeout);
    deadline.async_wait([attempt](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            attempt->late = true;
            attempt->resolver.cancel();
            boost::system::error_code ignored;
            attempt->socket.close(ignored);
        }
    });
    Result<Socket> socket = co_await connect(attempt, *parsed);
    deadline.cancel();
    if (!socket) {
        co_return socket.error();
    }
    auto opened = co_await handshake_websocket(std::move(*socket), *parsed, std::move(options));
    if (!opened) {
        co_return opened.error();
    }
    // The coroutines inside keep the connection alive, so its end is tied to the last outside owner.
    const std::shared_ptr<ClosableWebSocket> inner = *opened;
    co_return std::shared_ptr<WebSocket>(inner.get(), [inner](WebSocket*) { inner->close(1000, {}); });
}

}  // namespace headroom::net
