#include "net/http_client.hpp"

#include "net/curl_loop.hpp"
#include "net/thread_signals.hpp"

#include <atomic>
#include <future>
#include <thread>

namespace headroom::net {

class HttpClient::Impl {
  public:
    /// On the caller's io_context.
    Impl(asio::any_io_executor executor, ClientSettings settings)
        : loop(std::make_shared<CurlLoop>(std::move(executor), std::move(settings))) {}
    /// On a thread of its own.
    explicit Impl(ClientSettings settings)
        : own_(std::make_unique<Own>()),
          loop(std::make_shared<CurlLoop>(own_->context.get_executor(), std::move(settings))) {
        own_->thread = std::thread([this] {
            block_signals_in_this_thread();
            own_->context.run();
        });
    }
    ~Impl() {
        if (!own_) {
            loop->close();
            return;
        }
        asio::post(own_->context, [this] { loop->close(); });
        own_->work.reset();
        own_->thread.join();
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    std::atomic<std::size_t> open{0};  ///< requests whose coroutine has not been answered

  private:
    struct Own {
        asio::io_context context{1};
        asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(context);
        std::thread thread;
    };
    std::unique_ptr<Own> own_;

  public:
    std::shared_ptr<CurlLoop> loop;  ///< let go before the context that it may own sockets in
};

HttpClient::HttpClient(ClientSettings settings) : impl_(std::make_unique<Impl>(std::move(settings))) {}
HttpClient::HttpClient(asio::any_io_executor executor, ClientSettings settings)
    : impl_(std::make_unique<Impl>(std::move(executor), std::move(settings))) {}
HttpClient::~HttpClient() = default;

Awaitable<Result<ClientResponse>> HttpClient::send(ClientRequest request) {
    auto start = [this, request = std::move(request)](auto done) mutable {
        impl_->open.fetch_add(1, std::memory_order_acq_rel);
        auto counted = [impl = impl_.get(), done = std::move(done)](Result<ClientResponse> answer) mutable {
            done(std::move(answer));
            // After the answer is on its way to its coroutine: "none open" then means that nothing is hidden
            // in another thread.
            impl->open.fetch_sub(1, std::memory_order_release);
        };
        impl_->loop->submit(std::move(request), std::move(counted));
    };
    Result<ClientResponse> result = co_await await_callback<Result<ClientResponse>>(std::move(start));
    co_return result;
}

Result<ClientResponse> HttpClient::send_wait(ClientRequest request) {
    std::promise<Result<ClientResponse>> promise;
    auto future = promise.get_future();
    impl_->loop->submit(std::move(request),
                        [&promise](Result<ClientResponse> result) { promise.set_value(std::move(result)); });
    return future.get();
}

bool HttpClient::idle() const {
    return impl_->open.load(std::memory_order_acquire) == 0;
}

void HttpClient::allow_private(std::string_view target) {
    impl_->loop->targets.add(target);
}

}  // namespace headroom::net
