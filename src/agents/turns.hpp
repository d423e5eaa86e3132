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

    Awaitable<Turn> take(std::string key);

  private:
    void give_back(const std::string& key);

    std::map<std::string, std::deque<std::shared_ptr<Bell>>> waiting_;
};

}  // namespace headroom::agents
