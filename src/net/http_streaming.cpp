// The parts of a connection that outlive one answer: streams and WebSockets.
#include "net/as_result.hpp"
#include "net/http_connection.hpp"

#include <charconv>

#include <sys/socket.h>

namespace headroom::net {
namespace {

Error stream_closed() {
    return Error{Errc::unavailable, "the stream's reader has gone", {}};
}

std::string chunk_head(std::size_t size) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
    return std::string(digits.data(), end) + "\r\n";
}

}  // namespace

void HttpConnection::on_close(std::function<void()> action) {
    if (gone_) {
        action();
        return;
    }
    on_close_ = std::move(action);
}

Awaitable<void> HttpConnection::watch_peer() {
    const auto self = shared_from_this();
    while (open_ && streaming_ && !gone_) {
        const auto [fault] = co_await socket_.async_wait(Socket::wait_read, as_result);
        if (!open_ || !streaming_ || gone_) {
            co_return;
        }
        char byte = 0;
        const ssize_t count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        if (count > 0) {
            co_return;  // pipelined bytes, never to be answered; a dead peer now shows when it is written to
        }
        if (count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
            peer_gone();
        } else if (fault) {
            co_return;  // cancelled by a write that took too long, which reports the peer itself
        }
    }
}

Awaitable<Result<void>> HttpConnection::start(Response head) {
    HEADROOM_ASSERT(streamed_ == Streamed::not_begun);
    if (gone_) {
        co_return stream_closed();
    }
    if (core_->after && head_) {
        core_->after(*head_, head);
    }
    keep_ = false;
    streamed_ = parser_.is_http_1_0() ? Streamed::until_close : Streamed::chunks;
    out_.clear();
    append_head(
        out_, head, core_->date(),
        {.length = std::nullopt, .chunked = streamed_ == Streamed::chunks, .close = true, .http_1_0 = false});
    if (!head.body.empty()) {
        if (streamed_ == Streamed::chunks) {
            out_ += chunk_head(head.body.size()) + head.body + "\r\n";
        } else {
            out_ += head.body;
        }
    }
    observe(head.status);
    const bool sent = co_await send(out_);
    enter(Phase::handling);
    if (!sent) {
        peer_gone();
        co_return stream_closed();
    }
    co_return Result<void>{};
}

Awaitable<Result<void>> HttpConnection::write(std::string bytes) {
    HEADROOM_ASSERT(streamed_ == Streamed::chunks || streamed_ == Streamed::until_close || gone_);
    if (gone_ || !open_) {
        co_return stream_closed();
    }
    if (bytes.empty()) {
        co_return Result<void>{};  // an empty chunk would end the stream
    }
    bool sent = false;
    if (streamed_ == Streamed::chunks) {
        const std::string head = chunk_head(bytes.size());
        bytes += "\r\n";
        sent = co_await send(head, bytes);
    } else {
        sent = co_await send(bytes);
    }
    enter(Phase::handling);
    if (!sent) {
        peer_gone();
        co_return stream_closed();
    }
    co_return Result<void>{};
}

Awaitable<Result<void>> HttpConnection::respond(Response response) {
    HEADROOM_ASSERT(streamed_ == Streamed::not_begun);
    if (gone_) {
        co_return stream_closed();
    }
    streamed_ = Streamed::whole;
    const bool kept = co_await finish(std::move(response));
    keep_ = kept;
    enter(Phase::handling);
    co_return Result<void>{};
}

Awaitable<bool> HttpConnection::run_stream(const StreamHandler& handler, Request request) {
    streaming_ = true;
    streamed_ = Streamed::not_begun;
    gone_ = core_->draining;
    spawn(socket_.get_executor(), watch_peer());
    co_await handler(std::move(request), *this);
    on_close_ = nullptr;
    streaming_ = false;
    switch (streamed_) {
        case Streamed::not_begun: {
            if (gone_) {
                co_return false;
            }
            Response response = problem(500, status_phrase(500), "the stream ended before it began");
            co_await refuse(std::move(response));
            co_return false;
        }
        case Streamed::chunks:
            co_await send("0\r\n\r\n");
            co_return false;
        case Streamed::until_close:
            co_return false;
        case Streamed::whole:
            break;
    }
    // The watcher still waits for the socket: it must be gone before the next request is read.
    boost::system::error_code ignored;
    socket_.cancel(ignored);
    co_return keep_&& open_;
}

Awaitable<void> HttpConnection::run_websocket(const WebSocketHandler& handler, Request request) {
    if (!in_.empty() || !parser_.done()) {
        Response response = problem(400, status_phrase(400), "bytes were sent before the WebSocket was open");
        co_await refuse(std::move(response));
        co_return;
    }
    enter(Phase::handling);
    Headers extra;
    if (core_->after && head_) {
        Response accepted{.status = 101, .content_type = {}, .body = {}, .headers = {}};
        core_->after(*head_, accepted);
        extra = std::move(accepted.headers);
    }
    auto opened =
        co_await accept_websocket(std::move(socket_), request, route_->info.options, std::move(extra));
    observe(opened ? 101 : 400);
    if (!opened) {
        co_return;
    }
    websocket_ = *opened;
    if (core_->draining) {
        websocket_->close(1001, "server is going away");
    }
    co_await handler(std::move(request), websocket_);
    websocket_->close();
    co_await websocket_->finished();
    websocket_ = nullptr;
}

}  // namespace headroom::net
