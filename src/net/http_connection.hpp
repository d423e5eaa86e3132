#pragma once

#include "net/http_server_core.hpp"
#include "net/input_buffer.hpp"
#include "net/request_parser.hpp"
#include "net/websocket_stream.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace headroom::net {

/// One connection of a server: reads requests, finds their routes, answers them in order.
class HttpConnection final : public Connection,
                             public BodyReader,
                             public StreamWriter,
                             public std::enable_shared_from_this<HttpConnection> {
  public:
    HttpConnection(std::shared_ptr<ServerCore> core, Socket socket);
    ~HttpConnection() override;
    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;

    Awaitable<void> run();

    void expire(SteadyTime now) override;
    void drain() override;
    void abort() override;

    Awaitable<Result<std::string_view>> read_some() override;
    [[nodiscard]] std::optional<std::uint64_t> length() const override { return parser_.content_length(); }

    Awaitable<Result<void>> start(Response head) override;
    Awaitable<Result<void>> write(std::string bytes) override;
    Awaitable<Result<void>> respond(Response response) override;
    [[nodiscard]] bool closed() const override { return gone_; }
    void on_close(std::function<void()> action) override;

  private:
    enum class Phase { idle, header, body, handling, writing, lingering };
    enum class Streamed { not_begun, chunks, until_close, whole };

    void enter(Phase phase);
    /// More bytes into `in_`; false when the peer has gone or a deadline passed.
    Awaitable<bool> receive(std::size_t capacity);
    Awaitable<bool> send(std::string_view first, std::string_view second = {});
    /// Reads the request's head; false when the connection is to end.
    Awaitable<bool> read_head();
    /// Answers the request that was read; false when the connection is to end.
    Awaitable<bool> answer();
    Awaitable<bool> read_body(std::string& into, std::uint64_t limit);
    Awaitable<bool> finish(Response response);
    Awaitable<void> refuse(Response response);
    Awaitable<void> send_continue();
    Awaitable<void> linger();
    Awaitable<bool> run_stream(const StreamHandler& handler, Request request);
    Awaitable<void> run_websocket(const WebSocketHandler& handler, Request request);
    Awaitable<void> watch_peer();

    /// The answer that ends the request before its body is read, if any.
    std::optional<Response> judge(Request& request);
    std::optional<Response> judge_body(const Request& request) const;
    [[nodiscard]] Response timed_out() const;
    void observe(int status);
    void hang_up();
    void peer_gone();
    void close();

    std::shared_ptr<ServerCore> core_;
    std::list<Connection*>::iterator place_;
    Socket socket_;
    std::string remote_address_;
    RequestParser parser_;
    InputBuffer in_;
    std::string out_;

    Phase phase_ = Phase::idle;
    SteadyTime deadline_ = SteadyTime::max();
    bool expired_ = false;
    bool open_ = true;

    // The request in hand.
    const Route* route_ = nullptr;
    std::optional<Request> head_;  // kept for the after hook only
    bool is_head_method_ = false;
    bool keep_ = false;
    bool continue_due_ = false;
    SteadyTime started_{};
    std::string piece_;
    std::uint64_t piece_limit_ = 0;
    unsigned without_pause_ = 0;

    // A stream or WebSocket in hand.
    Streamed streamed_ = Streamed::not_begun;
    bool streaming_ = false;
    bool gone_ = false;
    std::function<void()> on_close_;
    std::shared_ptr<ClosableWebSocket> websocket_;
};

}  // namespace headroom::net
