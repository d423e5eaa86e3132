#include "net/http_client.hpp"

#include "net/curl_transfer.hpp"
#include "net/thread_signals.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <thread>

namespace headroom::net {
namespace {

constexpr int poll_ms_max = 1000;
constexpr std::size_t spare_handles_max = 64;

void init_curl_once() {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    HEADROOM_ASSERT(ready == CURLE_OK);
}

}  // namespace

class HttpClient::Impl {
  public:
    explicit Impl(ClientSettings settings);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    /// Hands `request` to the client's thread; `done` is called once, on that thread or on this one.
    void submit(ClientRequest request, CurlTransfer::Done done);

    PrivateTargets targets;
    std::atomic<std::size_t> open{0};  ///< requests whose coroutine has not been answered

  private:
    using Transfer = std::unique_ptr<CurlTransfer>;

    void run();
    void begin(Transfer transfer);
    void collect();
    void begin_due();
    void give_up();
    [[nodiscard]] int wait_ms() const;
    [[nodiscard]] bool take(std::deque<Transfer>& into);

    ClientSettings settings_;
    CURLM* multi_;

    std::mutex mutex_;
    std::deque<Transfer> queue_;
    std::size_t in_hand_ = 0;
    bool stopping_ = false;

    // Of the thread alone.
    std::map<CURL*, Transfer> running_;
    std::multimap<SteadyTime, Transfer> waiting_;  // by the time of their next attempt
    std::vector<CURL*> spare_;

    std::thread thread_;
};

HttpClient::Impl::Impl(ClientSettings settings) : settings_(std::move(settings)) {
    init_curl_once();
    for (const std::string& target : settings_.allow_private) {
        targets.add(target);
    }
    multi_ = curl_multi_init();
    HEADROOM_ASSERT(multi_ != nullptr);
    const long per_host = static_cast<long>(settings_.connections_per_host);
    HEADROOM_ASSERT(curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, per_host) == CURLM_OK);
    thread_ = std::thread([this] { run(); });
}

HttpClient::Impl::~Impl() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    curl_multi_wakeup(multi_);
    thread_.join();
    for (CURL* easy : spare_) {
        curl_easy_cleanup(easy);
    }
    curl_multi_cleanup(multi_);
}

void HttpClient::Impl::submit(ClientRequest request, CurlTransfer::Done done) {
    auto transfer = CurlTransfer::make(std::move(request));
    if (!transfer) {
        done(transfer.error());
        return;
    }
    (*transfer)->done = std::move(done);
    std::optional<std::string> refused;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) {
            refused = "the HTTP client is closing";
        } else if (in_hand_ >= settings_.requests_max) {
            refused =
                "the HTTP client has " + std::to_string(in_hand_) + " requests in hand and takes no more";
        } else {
            ++in_hand_;
            queue_.push_back(std::move(*transfer));
        }
    }
    if (refused) {
        (*transfer)->done(Error{Errc::unavailable, std::move(*refused), {}});
        return;
    }
    curl_multi_wakeup(multi_);
}

bool HttpClient::Impl::take(std::deque<Transfer>& into) {
    const std::lock_guard lock(mutex_);
    in_hand_ = running_.size() + waiting_.size() + queue_.size();
    into.swap(queue_);
    return !stopping_;
}

void HttpClient::Impl::run() {
    block_signals_in_this_thread();
    std::deque<Transfer> fresh;
    while (take(fresh)) {
        for (Transfer& transfer : fresh) {
            begin(std::move(transfer));
        }
        fresh.clear();
        begin_due();
        int running = 0;
        HEADROOM_ASSERT(curl_multi_perform(multi_, &running) == CURLM_OK);
        collect();
        const int timeout_ms = wait_ms();
        HEADROOM_ASSERT(curl_multi_poll(multi_, nullptr, 0, timeout_ms, nullptr) == CURLM_OK);
    }
    for (Transfer& transfer : fresh) {
        waiting_.emplace(SteadyTime{}, std::move(transfer));
    }
    give_up();
}

void HttpClient::Impl::begin(Transfer transfer) {
    CURL* easy = nullptr;
    if (spare_.empty()) {
        easy = curl_easy_init();
        HEADROOM_ASSERT(easy != nullptr);
    } else {
        easy = spare_.back();
        spare_.pop_back();
    }
    transfer->prepare(easy, settings_, targets);
    running_.emplace(easy, std::move(transfer));
    HEADROOM_ASSERT(curl_multi_add_handle(multi_, easy) == CURLM_OK);
}

void HttpClient::Impl::collect() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        CURL* easy = message->easy_handle;
        const CURLcode code = message->data.result;
        const auto found = running_.find(easy);
        HEADROOM_ASSERT(found != running_.end());
        Transfer transfer = std::move(found->second);
        running_.erase(found);
        CurlTransfer::Outcome outcome = transfer->conclude(easy, code);
        HEADROOM_ASSERT(curl_multi_remove_handle(multi_, easy) == CURLM_OK);
        if (spare_.size() < spare_handles_max) {
            curl_easy_reset(easy);
            spare_.push_back(easy);
        } else {
            curl_easy_cleanup(easy);
        }
        if (outcome.result) {
            transfer->done(std::move(*outcome.result));
        } else {
            waiting_.emplace(steady_now() + milliseconds{outcome.again_after_ms}, std::move(transfer));
        }
    }
}

void HttpClient::Impl::begin_due() {
    const SteadyTime now = steady_now();
    while (!waiting_.empty() && waiting_.begin()->first <= now) {
        Transfer transfer = std::move(waiting_.begin()->second);
        waiting_.erase(waiting_.begin());
        if (transfer->left_ms() <= 0) {
            transfer->done(transfer->late());
        } else {
            begin(std::move(transfer));
        }
    }
}

int HttpClient::Impl::wait_ms() const {
    if (waiting_.empty()) {
        return poll_ms_max;
    }
    const double until = milliseconds_between(steady_now(), waiting_.begin()->first);
    return static_cast<int>(std::clamp(until + 1.0, 0.0, static_cast<double>(poll_ms_max)));
}

void HttpClient::Impl::give_up() {
    const Error closing{Errc::unavailable, "the HTTP client is closing", {}};
    for (auto& [easy, transfer] : running_) {
        curl_multi_remove_handle(multi_, easy);
        curl_easy_cleanup(easy);
        transfer->done(closing);
    }
    running_.clear();
    for (auto& [due, transfer] : waiting_) {
        transfer->done(closing);
    }
    waiting_.clear();
}

HttpClient::HttpClient(ClientSettings settings) : impl_(std::make_unique<Impl>(std::move(settings))) {}
HttpClient::~HttpClient() = default;

Awaitable<Result<ClientResponse>> HttpClient::send(ClientRequest request) {
    auto start = [this, request = std::move(request)](auto done) mutable {
        impl_->open.fetch_add(1, std::memory_order_acq_rel);
        auto counted = [impl = impl_.get(), done = std::move(done)](Result<ClientResponse> answer) mutable {
            done(std::move(answer));
            // After the answer is on its way to its coroutine: "none open" then means that nothing is hidden
            // in this thread.
            impl->open.fetch_sub(1, std::memory_order_release);
        };
        impl_->submit(std::move(request), std::move(counted));
    };
    Result<ClientResponse> result = co_await await_callback<Result<ClientResponse>>(std::move(start));
    co_return result;
}

Result<ClientResponse> HttpClient::send_wait(ClientRequest request) {
    std::promise<Result<ClientResponse>> promise;
    auto future = promise.get_future();
    impl_->submit(std::move(request),
                  [&promise](Result<ClientResponse> result) { promise.set_value(std::move(result)); });
    return future.get();
}

bool HttpClient::idle() const {
    return impl_->open.load(std::memory_order_acquire) == 0;
}

void HttpClient::allow_private(std::string_view target) {
    impl_->targets.add(target);
}

}  // namespace headroom::net
