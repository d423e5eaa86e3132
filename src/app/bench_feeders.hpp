#pragma once

#include "agents/sources/intake.hpp"
#include "core/json.hpp"
#include "core/random.hpp"
#include "grid/network.hpp"
#include "monitor/monitor.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace headroom::app {

/// Made-up feeders of 500 kW with the monitor over them, for benches of the ways in.
class BenchFeeders {
  public:
    /// Errors: none that are not our own.
    [[nodiscard]] static Result<std::unique_ptr<BenchFeeders>> make(std::size_t count);

    [[nodiscard]] agents::ReadingsSink sink();
    [[nodiscard]] std::function<UtcTime()> clock() const;
    telemetry::PointRegistry& registry() { return registry_; }
    monitor::Monitor& monitor() { return *monitor_; }
    /// The time that readings and monitor take to be now.
    void set_now(UtcTime now) { now_ = now; }
    /// Sixteen days behind every feeder, and a first forecast of each, made in the minutes before `now`.
    void prepare(UtcTime now);
    [[nodiscard]] static std::string name(std::size_t feeder);

  private:
    explicit BenchFeeders(grid::Network network);

    grid::Network network_;
    telemetry::PointRegistry registry_;
    std::unique_ptr<monitor::Monitor> monitor_;
    std::atomic<UtcTime> now_{};
};

/// Ticks a monitor as a control room does, on a thread of its own: whenever a second or more of the time of
/// its readings has passed, so that a reading costs as many forecasts (one horizon of each feeder in five
/// minutes of that time) as it would if time were not running faster here.
class BenchTicks {
  public:
    /// `event_time` is asked again and again, by that thread.
    BenchTicks(monitor::Monitor& monitor, std::function<UtcTime()> event_time);
    /// As `stop`.
    ~BenchTicks();
    BenchTicks(const BenchTicks&) = delete;
    BenchTicks& operator=(const BenchTicks&) = delete;

    void stop();

  private:
    void run();

    monitor::Monitor& monitor_;
    const std::function<UtcTime()> event_time_;
    std::atomic<bool> is_over_ = false;
    std::thread thread_;
};

/// Messages, JSON arrays or compact batches, that hold one reading of every feeder, in random order; their
/// time is written anew for each round, in place.
class BenchMessages {
  public:
    BenchMessages(std::size_t feeders, std::size_t batch, std::uint64_t seed,
                  telemetry::WireFormat format = telemetry::WireFormat::json);

    [[nodiscard]] std::size_t size() const { return messages_.size(); }
    [[nodiscard]] std::size_t readings(std::size_t message) const { return messages_[message].readings; }
    [[nodiscard]] std::size_t first_feeder(std::size_t message) const {
        return messages_[message].first_feeder;
    }
    /// The message with all its times set to `at`; valid until the next call.
    [[nodiscard]] std::string_view at(std::size_t message, UtcTime at);
    /// The same with the first reading at 800 kW, far over the limit. JSON only.
    [[nodiscard]] std::string_view with_overload(std::size_t message, UtcTime at);

  private:
    struct Message {
        std::string text;
        std::vector<std::size_t> times;  // where they stand, or the base time of a compact batch
        std::size_t readings = 0;
        std::size_t first_value = 0;
        std::size_t first_feeder = 0;
    };
    [[nodiscard]] Message json_of(std::span<const std::size_t> feeders) const;
    [[nodiscard]] Message binary_of(std::span<const std::size_t> feeders) const;
    void stamp(Message& message, UtcTime at);
    void stamp_binary(Message& message, UtcTime at) const;

    const Random random_;
    const bool is_binary_;

    std::vector<Message> messages_;
    UtcTime stamped_{};
    std::string stamp_;
};

}  // namespace headroom::app
