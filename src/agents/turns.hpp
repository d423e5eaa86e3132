#pragma once

#include "core/async.hpp"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace headroom::agents {

/// Lets coroutines with the same key go one after the other, in the order they asked: two events on one
/// feeder would otherwise plan with the same DERs, and which of them came first would be an accident of the
/// network. One io_context thread.
class Turns {
  public:
    /// Gives the turn back when it dies.
    class Turn {
      public:
        Turn(Turns& turns, std::string key) : turns_(&turns), key_(std::move(key)) {}
        Turn(Turn&& other) noexcept
            : turns_(std::exchange(other.turns_, nullptr)), key_(std::move(other.key_)) {}
        Turn& operator=(Turn&&) = delete;
        ~Turn() {
            if (turns_ != nullptr) {
                turns_->give_back(key_);
            }
        }

      private:
        Turns* turns_;
        std::string key_;
    };

    Awaitable<Turn> take(std::string key) {
        const asio::any_io_executor executor = co_await asio::this_coro::executor;
        std::deque<std::shared_ptr<asio::steady_timer>>& queue = waiting_[key];
        const auto mine =
            std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
        queue.push_back(mine);
        while (waiting_[key].front() != mine) {
            auto token = asio::as_tuple(asio::use_awaitable);
            co_await mine->async_wait(token);
        }
        co_return Turn(*this, std::move(key));
    }

  private:
    void give_back(const std::string& key) {
        const auto found = waiting_.find(key);
        found->second.pop_front();
        if (found->second.empty()) {
            waiting_.erase(found);
        } else {
            found->second.front()->cancel();
        }
    }

    std::map<std::string, std::deque<std::shared_ptr<asio::steady_timer>>> waiting_;
};

}  // namespace headroom::agents
