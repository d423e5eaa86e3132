#pragma once

#include "core/async.hpp"
#include "core/time.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace headroom::agents {

/// Goes round its feeds again and again, with a thread of its own for the questions, which block. Lives on
/// the io thread, which never waits for an answer.
class FeedLoop {
  public:
    FeedLoop(asio::any_io_executor executor, milliseconds every, const std::string& thread_name);
    ~FeedLoop();
    FeedLoop(const FeedLoop&) = delete;
    FeedLoop& operator=(const FeedLoop&) = delete;

    /// One round at once, then one every so often until it is stopped or destroyed. What `round` uses
    /// outlives the loop.
    void start(std::function<Awaitable<void>()> round);
    void stop();
    [[nodiscard]] bool is_stopped() const { return is_stopped_; }
    /// The answer to a blocking question, which is put on the loop's thread.
    template <class Ask>
    auto ask(Ask question) {
        return worker_.run(std::move(question));
    }

  private:
    Awaitable<void> run(std::function<Awaitable<void>()> round);

    asio::any_io_executor executor_;
    milliseconds every_;
    std::shared_ptr<asio::steady_timer> timer_;
    bool is_stopped_ = false;
    Worker worker_;  // last: it is joined before what it uses goes
};

}  // namespace headroom::agents
