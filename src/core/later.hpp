#pragma once

#include "core/async.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace headroom {

/// A value that is set once, for any number of coroutines that wait for it, before or after; all of them on
/// one thread. Unlike `Slot` it knows no deadline: whoever holds it has promised to set it.
template <class T>
class Later {
  public:
    void set(T value) {
        HEADROOM_ASSERT(!value_);
        value_ = std::move(value);
        for (const std::function<void()>& waiter : std::exchange(waiters_, {})) {
            waiter();
        }
    }
    [[nodiscard]] const std::optional<T>& value() const { return value_; }

    /// Takes part in owning it, so that nobody has to outlive those who wait.
    static Awaitable<T> of(std::shared_ptr<Later> later) {
        if (!later->value_) {
            auto start = [later](auto done) {
                auto shared = std::make_shared<decltype(done)>(std::move(done));
                later->waiters_.emplace_back([shared] { (*shared)(true); });
            };
            co_await await_callback<bool>(std::move(start));
        }
        co_return *later->value_;
    }

  private:
    std::optional<T> value_;
    std::vector<std::function<void()>> waiters_;
};

}  // namespace headroom
