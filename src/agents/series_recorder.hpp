#pragma once

#include "audit/entry.hpp"
#include "monitor/monitor.hpp"
#include "store/measurement.hpp"
#include "store/series.hpp"
#include "telemetry/reading.hpp"

#include <optional>
#include <vector>

namespace headroom::agents {

/// What an entry of the audit log is in a chart beside the loads: `overloads` (constraint.raised), `actions`
/// (dispatch.order.…), `trades` (order.contracted, settlement.record); nothing for any other. `at` is domain
/// time, as that of the loads.
[[nodiscard]] std::optional<store::Measurement> measurement_of(const audit::Entry& entry, UtcTime at);

/// Takes down, once for each half-hour, what the forecast says of the next one: series `POINT/p10`, `/p50`,
/// `/p90`. Some points at each call, so that a million cost no long pause. One thread.
class PredictionRecorder {
  public:
    static constexpr telemetry::PointRef points_at_once = 2'000;

    PredictionRecorder(const monitor::Monitor& monitor, const telemetry::PointRegistry& registry)
        : monitor_(monitor), registry_(registry) {}

    [[nodiscard]] std::vector<store::SeriesBlock> collect(UtcTime now);

  private:
    const monitor::Monitor& monitor_;
    const telemetry::PointRegistry& registry_;
    UtcTime period_{};  // being taken down
    telemetry::PointRef next_ = 0;
};

}  // namespace headroom::agents
