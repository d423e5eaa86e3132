#pragma once

#include "core/time.hpp"
#include "trust/verdict.hpp"

#include <cstdint>

namespace headroom::trust {

/// What is remembered of a point to judge its next reading: a few numbers, no history.
struct Watch {
    double last_value = 0.0;
    UtcTime last_start{};
    milliseconds cadence{0};  ///< usual distance of readings; 0 until known
    double usual_step = 0.0;  ///< slow mean of |value − last value|
    std::uint32_t seen = 0;
    std::uint32_t same = 0;  ///< equal non-zero values in a row
    bool is_stuck = false;
    std::uint32_t doubtful_steps =
        0;  ///< spikes in a row: a step that stays is believed at the second reading
};

struct WatchRules {
    std::uint32_t stuck_after = 6;  ///< equal non-zero values in a row
    double limit_multiple = 6.0;    ///< of the limit: beyond it a value is out of range for the point
    double spike_multiple = 12.0;   ///< of the usual step, and more than a third of the limit
    double gap_cadences = 3.5;
};

/// Judges the next reading of a point, in order of time, and brings the memory up to date. `limit` is the
/// point's limit in the same unit, 0 when it has none. A doubtful spike is kept out once; when the next
/// reading confirms it, it was a step. Pure but for `watch`.
[[nodiscard]] Verdict judge(Watch& watch, const WatchRules& rules, telemetry::PointRef point, UtcTime start,
                            double value, double limit);

}  // namespace headroom::trust
