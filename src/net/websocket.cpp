#include "net/websocket.hpp"

#include "net/as_result.hpp"
#include "net/websocket_stream.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <deque>
#include <utility>

namespace headroom::net {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ws = boost::beast::websocket;

/// Either end of an open connection. Two coroutines keep it going: one reads into the inbox, so that a
/// handler which only sends still learns that its peer has gone; one writes what the outbox holds, in order.
class OpenWebSocket final : public ClosableWebSocket, public std::enable_shared_from_this<OpenWebSocket> {
  public:
    OpenWebSocket(Socket socket, WebSocketLimits limits, beast::role_type role)
        : stream_(std::move(socket)),
          limits_(limits),
          inbox_changed_(stream_.get_executor()),
          gone_(stream_.get_executor()) {
        boost::system::error_code ignored;
        const auto peer = stream_.next_layer().remote_endpoint(ignored);
        remote_address_ = ignored ? std::string{} : peer.address().to_string();
        inbox_changed_.expires_at(SteadyTime::max());
        gone_.expires_at(SteadyTime::max());
        ws::stream_base::timeout timeout = ws::stream_base::timeout::suggested(role);
        timeout.handshake_timeout = limits.handshake_timeout;
        timeout.idle_timeout = limits.idle_timeout;
        timeout.keep_alive_pings = true;
        stream_.set_option(timeout);
        stream_.read_message_max(limits.message_bytes);
        stream_.auto_fragment(false);
    }

    Awaitable<Result<void>> accept(const Request& request, const RouteOptions& options, Headers extra);
    Awaitable<Result<void>> handshake(const Url& url, const WebSocketClientOptions& options);
    void begin() {
        open_ = true;
        ++running_;
        spawn(stream_.get_executor(), read_on(shared_from_this()));
    }

    Awaitable<Result<std::string>> read() override;
    Awaitable<Result<void>> send(std::string text) override;
    bool post(std::string text) override { return enqueue({std::move(text), nullptr}); }
    void close(std::uint16_t code, std::string reason) override;
    void abort() override;
    Awaitable<void> finished() override;
    [[nodiscard]] bool is_open() const override { return open_ && !closing_; }
    [[nodiscard]] const std::string& protocol() const override { return protocol_; }
    [[nodiscard]] const std::string& remote_address() const override { return remote_address_; }

  private:
    struct Outgoing {
        std::string text;
        std::function<void(Result<void>)> done;  // null for `post`
    };

    bool enqueue(Outgoing outgoing);
    Awaitable<void> read_on(std::shared_ptr<OpenWebSocket> self);
    Awaitable<void> write_on(std::shared_ptr<OpenWebSocket> self);
    Awaitable<void> say_goodbye(std::shared_ptr<OpenWebSocket> self);
    void end(std::string why);
    void step_out();
    [[nodiscard]] Error closed_error() const {
        return Error{Errc::unavailable, "WebSocket is closed: " + why_, {}};
    }

    ws::stream<Socket> stream_;
    WebSocketLimits limits_;
    std::string remote_address_;
    std::string protocol_;
    bool open_ = false;
    bool closing_ = false;
    bool writing_ = false;
    int running_ = 0;
    std::string why_ = "not yet open";
    ws::close_reason goodbye_;

    std::deque<std::string> inbox_;
    asio::steady_timer inbox_changed_;  // cancelled at each change
    std::deque<Outgoing> outbox_;
    std::size_t outbox_bytes_ = 0;
    asio::steady_timer gone_;  // cancelled when the last coroutine has ended
};

std::string pick_protocol(const Request& request, const std::vector<std::string>& known) {
    for (const std::string& protocol : known) {
        if (request.headers.lists("Sec-WebSocket-Protocol", protocol)) {
            return protocol;
        }
    }
    return {};
}

Awaitable<Result<void>> OpenWebSocket::accept(const Request& request, const RouteOptions& options,
                                              Headers extra) {
    http::request<http::empty_body> upgrade;
    upgrade.method(http::verb::get);
    upgrade.target(request.target);
    upgrade.version(11);
    for (const auto& [name, value] : request.headers.fields()) {
        upgrade.insert(name, value);
    }
    protocol_ = pick_protocol(request, options.protocols);
    auto decorate = [protocol = protocol_, extra = std::move(extra)](ws::response_type& response) {
        response.set(http::field::server, "headroom");
        if (!protocol.empty()) {
            response.set(http::field::sec_websocket_protocol, protocol);
        }
        for (const auto& [name, value] : extra.fields()) {
            response.set(name, value);
        }
    };
    stream_.set_option(ws::stream_base::decorator(std::move(decorate)));
    const auto [fault] = co_await stream_.async_accept(upgrade, as_result);
    if (fault) {
        co_return Error{Errc::invalid, "WebSocket handshake failed: " + fault.message(), {}};
    }
    co_return Result<void>{};
}

Awaitable<Result<void>> OpenWebSocket::handshake(const Url& url, const WebSocketClientOptions& options) {
    std::string offered;
    for (const std::string& protocol : options.protocols) {
        offered += (offered.empty() ? "" : ", ") + protocol;
    }
    auto decorate = [offered, headers = options.headers](ws::request_type& request) {
        request.set(http::field::user_agent, "headroom");
        if (!offered.empty()) {
            request.set(http::field::sec_websocket_protocol, offered);
        }
        for (const auto& [name, value] : headers.fields()) {
            request.set(name, value);
        }
    };
    stream_.set_option(ws::stream_base::decorator(std::move(decorate)));
    ws::response_type response;
    const std::string host = url.authority();
    const std::string target = url.target();
    const auto [fault] = co_await stream_.async_handshake(response, host, target, as_result);
    if (fault == ws::error::upgrade_declined) {
        co_return Error{Errc::denied,
                        "WebSocket handshake with " + url.text() + " was answered " +
                            std::to_string(response.result_int()),
                        {}};
    }
    if (fault) {
        const bool late = fault == beast::error::timeout;
        co_return Error{late ? Errc::timeout : Errc::unavailable,
                        "WebSocket handshake with " + url.text() + " failed: " + fault.message(),
                        {}};
    }
    const auto protocol = response[http::field::sec_websocket_protocol];
    protocol_ = std::string(protocol.data(), protocol.size());
    co_return Result<void>{};
}

Awaitable<Result<std::string>> OpenWebSocket::read() {
    const auto self = shared_from_this();
    while (inbox_.empty() && open_) {
        co_await inbox_changed_.async_wait(as_result);
    }
    if (inbox_.empty()) {
        co_return closed_error();
    }
    std::string message = std::move(inbox_.front());
    inbox_.pop_front();
    inbox_changed_.cancel();
    co_return message;
}

Awaitable<void> OpenWebSocket::read_on(std::shared_ptr<OpenWebSocket> self) {
    beast::flat_buffer buffer;
    while (open_) {
        while (inbox_.size() >= limits_.inbox_messages && open_) {
            co_await inbox_changed_.async_wait(as_result);
        }
        if (!open_) {
            break;
        }
        const auto [fault, count] = co_await stream_.async_read(buffer, as_result);
        if (fault == ws::error::closed) {
            const auto& reason = stream_.reason();
            end("the peer said goodbye with code " + std::to_string(reason.code) +
                (reason.reason.empty() ? ""
                                       : ", " + std::string(reason.reason.data(), reason.reason.size())));
            break;
        }
        if (fault) {
            end(fault == beast::error::timeout ? "the peer was silent" : fault.message());
            break;
        }
        const auto data = buffer.data();
        inbox_.emplace_back(static_cast<const char*>(data.data()), data.size());
        buffer.consume(count);
        inbox_changed_.cancel();
    }
    step_out();
}

Awaitable<Result<void>> OpenWebSocket::send(std::string text) {
    const auto self = shared_from_this();
    auto start = [self, text = std::move(text)](auto done) mutable {
        if (!self->enqueue({std::move(text), done})) {
            done(self->closed_error());
        }
    };
    Result<void> sent = co_await await_callback<Result<void>>(std::move(start));
    co_return sent;
}

bool OpenWebSocket::enqueue(Outgoing outgoing) {
    if (!is_open()) {
        return false;
    }
    const std::size_t size = outgoing.text.size();
    const bool full =
        outbox_.size() >= limits_.outbox_messages || outbox_bytes_ + size > limits_.outbox_bytes;
    if (full && !outbox_.empty()) {
        end("the peer reads too slowly, " + std::to_string(outbox_bytes_) + " bytes waited for it");
        return false;
    }
    outbox_bytes_ += size;
    outbox_.push_back(std::move(outgoing));
    if (!writing_) {
        writing_ = true;
        ++running_;
        spawn(stream_.get_executor(), write_on(shared_from_this()));
    }
    return true;
}

Awaitable<void> OpenWebSocket::write_on(std::shared_ptr<OpenWebSocket> self) {
    while (open_ && !outbox_.empty()) {
        Outgoing outgoing = std::move(outbox_.front());
        outbox_.pop_front();
        stream_.text(true);
        const auto [fault, count] = co_await stream_.async_write(asio::buffer(outgoing.text), as_result);
        outbox_bytes_ -= outgoing.text.size();
        if (fault) {
            end(fault.message());
        }
        if (outgoing.done) {
            outgoing.done(fault ? Result<void>(closed_error()) : Result<void>{});
        }
    }
    writing_ = false;
    if (open_ && closing_) {
        ++running_;
        spawn(stream_.get_executor(), say_goodbye(self));
    }
    step_out();
}

void OpenWebSocket::close(std::uint16_t code, std::string reason) {
    if (!is_open()) {
        return;
    }
    closing_ = true;
    goodbye_.code = static_cast<ws::close_code>(code);
    goodbye_.reason = reason.substr(0, 120);
    why_ = "closed here";
    if (!writing_) {
        ++running_;
        spawn(stream_.get_executor(), say_goodbye(shared_from_this()));
    }
}

Awaitable<void> OpenWebSocket::say_goodbye(std::shared_ptr<OpenWebSocket> self) {
    if (open_) {
        // Also reads until the peer's answer; the limit on handshakes bounds the wait.
        co_await stream_.async_close(goodbye_, as_result);
        end("closed here");
    }
    step_out();
}

void OpenWebSocket::abort() {
    end("cut off here");
}

/// Nothing goes in or out any more: closes the socket and wakes everyone who waits.
void OpenWebSocket::end(std::string why) {
    if (!open_) {
        return;
    }
    open_ = false;
    if (!closing_) {
        why_ = std::move(why);
    }
    boost::system::error_code ignored;
    stream_.next_layer().close(ignored);
    inbox_changed_.cancel();
    for (Outgoing& outgoing : std::exchange(outbox_, {})) {
        if (outgoing.done) {
            outgoing.done(closed_error());
        }
    }
}

void OpenWebSocket::step_out() {
    if (--running_ == 0) {
        gone_.cancel();
    }
}

Awaitable<void> OpenWebSocket::finished() {
    const auto self = shared_from_this();
    while (running_ > 0) {
        co_await gone_.async_wait(as_result);
    }
}

}  // namespace

Awaitable<Result<std::shared_ptr<ClosableWebSocket>>> accept_websocket(Socket socket, const Request& request,
                                                                       RouteOptions options, Headers extra) {
    const auto opened =
        std::make_shared<OpenWebSocket>(std::move(socket), options.websocket, beast::role_type::server);
    const Result<void> agreed = co_await opened->accept(request, options, std::move(extra));
    if (!agreed) {
        co_return agreed.error();
    }
    opened->begin();
    co_return std::shared_ptr<ClosableWebSocket>(opened);
}

Awaitable<Result<std::shared_ptr<ClosableWebSocket>>> handshake_websocket(Socket socket, Url url,
                                                                          WebSocketClientOptions options) {
    const auto opened =
        std::make_shared<OpenWebSocket>(std::move(socket), options.limits, beast::role_type::client);
    const Result<void> agreed = co_await opened->handshake(url, options);
    if (!agreed) {
        co_return agreed.error();
    }
    opened->begin();
    co_return std::shared_ptr<ClosableWebSocket>(opened);
}

}  // namespace headroom::net
