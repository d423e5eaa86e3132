#include "agents/feed_loop.hpp"

namespace headroom::agents {

FeedLoop::FeedLoop(asio::any_io_executor executor, milliseconds every, const std::string& thread_name)
    : executor_(std::move(executor)),
      every_(every),
      timer_(std::make_shared<asio::steady_timer>(executor_)),
      worker_(thread_name) {}

FeedLoop::~FeedLoop() {
    stop();
}

void FeedLoop::start(std::function<Awaitable<void>()> round) {
    spawn(executor_, run(std::move(round)));
}

void FeedLoop::stop() {
    is_stopped_ = true;
    timer_->cancel();
}

Awaitable<void> FeedLoop::run(std::function<Awaitable<void>()> round) {
    const std::shared_ptr<asio::steady_timer> timer = timer_;  // outlives us while it is waited for
    for (;;) {
        co_await round();
        timer->expires_after(every_);
        auto token = asio::as_tuple(asio::use_awaitable);
        const auto [fault] = co_await timer->async_wait(token);
        if (fault) {
            co_return;  // stopped, or gone
        }
    }
}

}  // namespace headroom::agents
