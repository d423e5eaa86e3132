#pragma once

#include "core/json.hpp"
#include "core/time.hpp"
#include "grid/network.hpp"
#include "risk/measured_overload.hpp"
#include "telemetry/reading.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace headroom::app {

/// Time in which the readings of a feeder's phase were over its limit.
struct ReplayOverload {
    std::string feeder;
    grid::Phase phase = grid::Phase::sum;
    grid::Direction direction = grid::Direction::import_;
    std::int64_t limit_w = 0;
    risk::MeasuredOverload measured;
};

/// Finds in readings, taken in the order of time, every time that a limit was exceeded. Nothing is let go as
/// noise: what the monitor would wait to see confirmed is in the list too. Times over the limit that are at
/// most one interval apart, because one reading is within it or missing, are one overload.
class ReplayOverloads {
  public:
    /// Looks at `point` with `limit` (in kW, above 0). `cadence` is how long a reading without a length of
    /// its own stands for. One limit for each point.
    void watch(telemetry::PointRef point, const grid::Limit& limit, milliseconds cadence);
    void take(const telemetry::Reading& reading);
    /// All of them, worst first: by level, then energy over the limit, feeder, phase,
    /// start.
    [[nodiscard]] std::vector<ReplayOverload> finish();

  private:
    struct Watch {
        grid::Limit limit;
        risk::LiveThresholds thresholds;
        milliseconds cadence{};
        risk::ExcessRun run;
    };
    void keep(const Watch& watch, const std::optional<risk::MeasuredOverload>& ended);

    std::vector<std::optional<Watch>> watches_;  // by point
    std::vector<ReplayOverload> found_;
};

[[nodiscard]] json::Object overload_json(const ReplayOverload& overload);

}  // namespace headroom::app
