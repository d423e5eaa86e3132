#include "core/clock.hpp"

#include "core/result.hpp"

#include <algorithm>
#include <utility>

namespace headroom {
namespace {

class SystemWallClock final : public WallClock {
  public:
    [[nodiscard]] UtcTime now() const override {
        return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    }
};

}  // namespace

std::unique_ptr<WallClock> make_system_wall_clock() {
    return std::make_unique<SystemWallClock>();
}

DomainClock::TimerId VirtualClock::at(UtcTime when, std::function<void()> action) {
    const TimerId id = ++last_id_;
    timers_.emplace(std::pair{when, id}, std::move(action));
    instants_.emplace(id, when);
    return id;
}

void VirtualClock::cancel(TimerId timer) {
    const auto instant = instants_.find(timer);
    if (instant == instants_.end()) {
        return;
    }
    timers_.erase({instant->second, timer});
    instants_.erase(instant);
}

void VirtualClock::advance_to(UtcTime to) {
    HEADROOM_ASSERT(to >= now_);
    while (!timers_.empty() && timers_.begin()->first.first <= to) {
        auto node = timers_.extract(timers_.begin());
        const auto [when, id] = node.key();
        instants_.erase(id);
        now_ = std::max(now_, when);  // a timer set in the past runs now: time does not go back for it
        node.mapped()();
    }
    now_ = std::max(now_, to);  // an action may itself have advanced the clock
}

UtcTime VirtualClock::next_timer() const {
    return timers_.empty() ? UtcTime::max() : timers_.begin()->first.first;
}

}  // namespace headroom
