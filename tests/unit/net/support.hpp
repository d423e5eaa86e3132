#pragma once

#include "core/async.hpp"
#include "net/http_server.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace headroom::net::testing {

/// An io_context with its thread, as a process has one.
class IoThread {
  public:
    IoThread() : guard_(asio::make_work_guard(context_)), thread_([this] { context_.run(); }) {}
    ~IoThread() {
        guard_.reset();
        context_.stop();
        thread_.join();
    }
    IoThread(const IoThread&) = delete;
    IoThread& operator=(const IoThread&) = delete;

    asio::io_context& context() { return context_; }

    /// Runs `work` on the thread and waits for what it gives.
    template <class Work>
    auto call(Work work) {
        std::promise<decltype(work())> promise;
        auto future = promise.get_future();
        asio::post(context_, [&] {
            if constexpr (std::is_void_v<decltype(work())>) {
                work();
                promise.set_value();
            } else {
                promise.set_value(work());
            }
        });
        return future.get();
    }

    /// Runs a coroutine on the thread and hands what it gives to `then`, there.
    template <class T, class Then>
    void begin(Awaitable<T> work, Then then) {
        spawn(context_.get_executor(), deliver(std::move(work), std::move(then)));
    }

    /// Runs a coroutine on the thread and waits for its value.
    template <class T>
    T await(Awaitable<T> work) {
        std::promise<T> promise;
        auto future = promise.get_future();
        begin(std::move(work), [&promise](T value) { promise.set_value(std::move(value)); });
        return future.get();
    }
    void await(Awaitable<void> work) {
        std::promise<void> promise;
        auto future = promise.get_future();
        begin(std::move(work), [&promise] { promise.set_value(); });
        future.get();
    }

  private:
    template <class T, class Then>
    static Awaitable<void> deliver(Awaitable<T> work, Then then) {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(work);
            then();
        } else {
            T value = co_await std::move(work);
            then(std::move(value));
        }
    }

    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> guard_;
    std::thread thread_;
};

/// A server on a free loopback port; `set` adds its routes before it listens.
class TestServer {
  public:
    explicit TestServer(const std::function<void(HttpServer&)>& set, ServerLimits limits = {});
    ~TestServer();
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string url(const std::string& path, const std::string& scheme = "http") const {
        return scheme + "://127.0.0.1:" + std::to_string(port_) + path;
    }
    IoThread& io() { return io_; }
    HttpServer& server() { return *server_; }

  private:
    IoThread io_;
    std::unique_ptr<HttpServer> server_;
    std::uint16_t port_ = 0;
};

struct RawResponse {
    int status = 0;
    std::string head;
    std::string body;
    [[nodiscard]] std::string header(std::string_view name) const;
};

/// A blocking socket that speaks bytes; gives up after ten seconds of silence.
class RawClient {
  public:
    explicit RawClient(std::uint16_t port);
    ~RawClient();
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;
    RawClient(RawClient&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}

    /// False when the peer has closed.
    bool send(std::string_view bytes);
    /// The next answer; status 0 when the connection ended first. `head_only`: the answer to HEAD.
    RawResponse read_response(bool head_only = false);
    /// Whatever comes until the peer closes.
    std::string read_to_end();
    /// Bytes up to and including `mark`; less when the connection ended.
    std::string read_until(std::string_view mark);
    /// Whether the peer closes without another byte.
    bool closed_by_peer();
    RawResponse get(const std::string& path);

  private:
    bool fill();
    int fd_ = -1;
    std::string buffer_;
};

}  // namespace headroom::net::testing
