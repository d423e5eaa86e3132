#pragma once

#include "core/time.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

namespace headroom {

/// Domain time: readings, periods, windows, deadlines towards devices and providers. The system's in service,
/// virtual in the simulator, event time in a replay. Timers fire on the thread that runs the clock (the one
/// io_context thread).
class DomainClock {
  public:
    using TimerId = std::uint64_t;
    virtual ~DomainClock() = default;
    [[nodiscard]] virtual UtcTime now() const = 0;
    /// Runs `action` once, when `now() >= when` (soon, when that is already so). Actions due at one instant
    /// run in the order set.
    virtual TimerId at(UtcTime when, std::function<void()> action) = 0;
    /// Forgets the timer; harmless when it has fired.
    virtual void cancel(TimerId timer) = 0;
};

/// Wall time: signatures, TTL, audit `ts`, tokens.
class WallClock {
  public:
    virtual ~WallClock() = default;
    [[nodiscard]] virtual UtcTime now() const = 0;
};

/// Steady time for latencies: never goes back, no meaning of its own.
using SteadyTime = std::chrono::steady_clock::time_point;
[[nodiscard]] inline SteadyTime steady_now() {
    return std::chrono::steady_clock::now();
}
[[nodiscard]] inline double milliseconds_between(SteadyTime from, SteadyTime to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
}

[[nodiscard]] std::unique_ptr<WallClock> make_system_wall_clock();

/// A domain clock that is moved by hand. It stands still while something is in flight, see `InFlight`.
class VirtualClock final : public DomainClock {
  public:
    explicit VirtualClock(UtcTime start) : now_(start) {}
    [[nodiscard]] UtcTime now() const override { return now_; }
    TimerId at(UtcTime when, std::function<void()> action) override;
    void cancel(TimerId timer) override;
    /// Moves to `to` (never back) and runs what is due, oldest first, with `now()` at each timer's own
    /// instant.
    void advance_to(UtcTime to);
    /// The instant of the next timer; `UtcTime::max()` when there is none.
    [[nodiscard]] UtcTime next_timer() const;

  private:
    UtcTime now_;
    TimerId last_id_ = 0;
    std::map<std::pair<UtcTime, TimerId>, std::function<void()>> timers_;
    std::unordered_map<TimerId, UtcTime> instants_;
};

/// A wall clock for tests.
class ManualWallClock final : public WallClock {
  public:
    explicit ManualWallClock(UtcTime start) : now_(start) {}
    [[nodiscard]] UtcTime now() const override { return now_; }
    void set(UtcTime to) { now_ = to; }

  private:
    UtcTime now_;
};

/// What has been sent and is certain to be answered or resolved without the domain clock moving: virtual time
/// may advance only when this is empty. Both sides of a simulated wire use one object: the sender begins a
/// token, whoever resolves it (the receiver of the answer, or a simulated peer that will stay silent by
/// design) ends it. One thread.
class InFlight {
  public:
    void begin(const std::string& token) { tokens_.insert(token); }
    void end(const std::string& token) {
        tokens_.erase(token);
        if (tokens_.empty() && on_idle_) {
            on_idle_();
        }
    }
    [[nodiscard]] bool idle() const { return tokens_.empty(); }
    [[nodiscard]] const std::set<std::string>& tokens() const { return tokens_; }
    /// Called each time the last token ends.
    void on_idle(std::function<void()> action) { on_idle_ = std::move(action); }

  private:
    std::set<std::string> tokens_;
    std::function<void()> on_idle_;
};

}  // namespace headroom
