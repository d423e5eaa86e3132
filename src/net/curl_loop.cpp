#include "net/curl_loop.hpp"

#include <algorithm>
#include <utility>

namespace headroom::net {
namespace {

constexpr std::size_t spare_handles_max = 64;

void init_curl_once() {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    HEADROOM_ASSERT(ready == CURLE_OK);
}

template <class T>
void set_multi_option(CURLM* multi, CURLMoption option, T value) {
    HEADROOM_ASSERT(curl_multi_setopt(multi, option, value) == CURLM_OK);
}

}  // namespace

CurlLoop::CurlLoop(asio::any_io_executor executor, ClientSettings settings)
    : executor_(std::move(executor)),
      settings_(std::move(settings)),
      plain_(std::make_shared<PlainHttp>(executor_, settings_, targets)),
      timer_(executor_) {
    init_curl_once();
    for (const std::string& target : settings_.allow_private) {
        targets.add(target);
    }
    multi_ = curl_multi_init();
    HEADROOM_ASSERT(multi_ != nullptr);
    set_multi_option(multi_, CURLMOPT_MAX_HOST_CONNECTIONS,
                     static_cast<long>(settings_.connections_per_host));
    set_multi_option(multi_, CURLMOPT_SOCKETFUNCTION, &CurlLoop::on_socket);
    set_multi_option(multi_, CURLMOPT_SOCKETDATA, static_cast<void*>(this));
    set_multi_option(multi_, CURLMOPT_TIMERFUNCTION, &CurlLoop::on_timer);
    set_multi_option(multi_, CURLMOPT_TIMERDATA, static_cast<void*>(this));
}

CurlLoop::~CurlLoop() {
    close();
    for (CURL* easy : spare_) {
        curl_easy_cleanup(easy);
    }
    // Tells on_socket of every kept connection that it closes, while the watches are still there.
    curl_multi_cleanup(multi_);
    for (const auto& [socket, watched] : watches_) {
        watched->descriptor.release();  // closed by libcurl, not once more by us
    }
}

void CurlLoop::submit(ClientRequest request, CurlTransfer::Done done) {
    Result<Url> url = check_request(request);
    if (!url) {
        done(url.error());
        return;
    }
    const std::size_t before = in_hand_.fetch_add(1, std::memory_order_relaxed);
    if (before >= settings_.requests_max) {
        in_hand_.fetch_sub(1, std::memory_order_relaxed);
        done(Error{Errc::unavailable,
                   "the HTTP client has " + std::to_string(before) + " requests in hand and takes no more",
                   {}});
        return;
    }
    asio::dispatch(executor_, [weak = weak_from_this(), request = std::move(request), url = std::move(*url),
                               done = std::move(done)]() mutable {
        if (const std::shared_ptr<CurlLoop> self = weak.lock()) {
            self->begin(std::move(request), std::move(url), std::move(done));
        } else {
            done(client_closing());
        }
    });
}

void CurlLoop::begin(ClientRequest request, Url url, CurlTransfer::Done done) {
    if (is_closed_) {
        in_hand_.fetch_sub(1, std::memory_order_relaxed);
        done(client_closing());
        return;
    }
    if (PlainHttp::fits(request, url, settings_)) {
        PlainHttp::Done answered = [this, done](Result<ClientResponse> result) {
            in_hand_.fetch_sub(1, std::memory_order_relaxed);
            done(std::move(result));
        };
        if (plain_->send(request, url, answered)) {
            return;
        }
    }
    auto transfer = std::make_unique<CurlTransfer>(std::move(request), std::move(url));
    transfer->done = std::move(done);
    add(std::move(transfer));
    act(CURL_SOCKET_TIMEOUT, 0);  // now, and not with the timer that libcurl has just asked for
}

void CurlLoop::add(Transfer transfer) {
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

void CurlLoop::act(curl_socket_t socket, int ready) {
    int running = 0;
    HEADROOM_ASSERT(curl_multi_socket_action(multi_, socket, ready, &running) == CURLM_OK);
    collect();
    arm_timer();
}

void CurlLoop::collect() {
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
            finish(std::move(transfer), std::move(*outcome.result));
        } else {
            waiting_.emplace(steady_now() + milliseconds{outcome.again_after_ms}, std::move(transfer));
        }
    }
}

void CurlLoop::finish(Transfer transfer, Result<ClientResponse> result) {
    in_hand_.fetch_sub(1, std::memory_order_relaxed);
    transfer->done(std::move(result));
}

void CurlLoop::begin_due() {
    const SteadyTime now = steady_now();
    while (!waiting_.empty() && waiting_.begin()->first <= now) {
        Transfer transfer = std::move(waiting_.begin()->second);
        waiting_.erase(waiting_.begin());
        if (transfer->left_ms() <= 0) {
            Error late = transfer->late();
            finish(std::move(transfer), std::move(late));
        } else {
            add(std::move(transfer));
        }
    }
}

void CurlLoop::close() {
    if (std::exchange(is_closed_, true)) {
        return;
    }
    plain_->close();
    for (auto& [easy, transfer] : std::exchange(running_, {})) {
        curl_multi_remove_handle(multi_, easy);
        curl_easy_cleanup(easy);
        finish(std::move(transfer), client_closing());
    }
    for (auto& [due, transfer] : std::exchange(waiting_, {})) {
        finish(std::move(transfer), client_closing());
    }
    curl_due_.reset();
    arm_timer();
}

// ---- sockets ----

int CurlLoop::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
    static_cast<CurlLoop*>(self)->watch(socket, what);
    return 0;
}

void CurlLoop::watch(curl_socket_t socket, int what) {
    const auto found = watches_.find(socket);
    if (what == CURL_POLL_REMOVE) {
        if (found != watches_.end()) {
            found->second->descriptor.release();  // libcurl's to close, or to keep for the next request
            watches_.erase(found);
        }
        return;
    }
    std::shared_ptr<Watch> watched =
        found != watches_.end()
            ? found->second
            : watches_.emplace(socket, std::make_shared<Watch>(executor_, socket)).first->second;
    watched->wanted = what;
    arm(socket, watched);
}

void CurlLoop::arm(curl_socket_t socket, const std::shared_ptr<Watch>& watched) {
    using Wait = asio::posix::stream_descriptor;
    const auto wait = [&](int poll, bool& is_waiting, Wait::wait_type type, int mask) {
        if ((watched->wanted & poll) == 0 || is_waiting) {
            return;
        }
        is_waiting = true;
        watched->descriptor.async_wait(type, [loop = weak_from_this(), weak = std::weak_ptr<Watch>(watched),
                                              socket, mask](const boost::system::error_code& fault) {
            if (const std::shared_ptr<CurlLoop> self = loop.lock()) {
                self->is_ready(socket, weak, mask, static_cast<bool>(fault));
            }
        });
    };
    wait(CURL_POLL_IN, watched->is_reading, Wait::wait_read, CURL_CSELECT_IN);
    wait(CURL_POLL_OUT, watched->is_writing, Wait::wait_write, CURL_CSELECT_OUT);
}

void CurlLoop::is_ready(curl_socket_t socket, const std::weak_ptr<Watch>& watched, int mask, bool is_faulty) {
    const std::shared_ptr<Watch> alive = watched.lock();
    const auto found = watches_.find(socket);
    if (!alive || found == watches_.end() || found->second != alive) {
        return;  // libcurl has let go of it meanwhile
    }
    const bool is_read = mask == CURL_CSELECT_IN;
    (is_read ? alive->is_reading : alive->is_writing) = false;
    if ((alive->wanted & (is_read ? CURL_POLL_IN : CURL_POLL_OUT)) != 0) {
        act(socket, is_faulty ? mask | CURL_CSELECT_ERR : mask);
    }
    const auto still = watches_.find(socket);
    if (!is_faulty && still != watches_.end() && still->second == alive) {
        arm(socket, alive);
    }
}

// ---- time ----

int CurlLoop::on_timer(CURLM*, long timeout_ms, void* self) {
    // Only noted: libcurl must not be called from here, and whoever called it arms the timer afterwards.
    auto& loop = *static_cast<CurlLoop*>(self);
    loop.curl_due_ = timeout_ms < 0 ? std::nullopt : std::optional(steady_now() + milliseconds{timeout_ms});
    return 0;
}

std::optional<SteadyTime> CurlLoop::next_due() const {
    std::optional<SteadyTime> next = running_.empty() ? std::nullopt : curl_due_;
    if (!waiting_.empty()) {
        next = std::min(next.value_or(SteadyTime::max()), waiting_.begin()->first);
    }
    return next;
}

/// A timer that would fire too early is left to do so and set anew then: most deadlines only move away.
void CurlLoop::arm_timer() {
    const std::optional<SteadyTime> next = next_due();
    if (!next) {
        if (timer_set_) {
            timer_set_.reset();
            timer_.cancel();
        }
        return;
    }
    if (timer_set_ && *timer_set_ <= *next) {
        return;
    }
    timer_set_ = next;
    timer_.expires_at(*next);
    timer_.async_wait([weak = weak_from_this(), set = *next](const boost::system::error_code& fault) {
        const std::shared_ptr<CurlLoop> self = weak.lock();
        if (fault || !self || self->timer_set_ != set) {
            return;
        }
        self->timer_set_.reset();
        const SteadyTime now = steady_now();
        if (!self->waiting_.empty() && self->waiting_.begin()->first <= now) {
            self->begin_due();
            self->act(CURL_SOCKET_TIMEOUT, 0);
        } else if (self->curl_due_ && *self->curl_due_ <= now) {
            self->curl_due_.reset();
            self->act(CURL_SOCKET_TIMEOUT, 0);
        } else {
            self->arm_timer();
        }
    });
}

}  // namespace headroom::net
