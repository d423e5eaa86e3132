#pragma once

#include "features/half_hour_ring.hpp"
#include "forecast/live_tracking.hpp"

#include <cstdint>

namespace headroom::monitor {

/// What the ensemble needs to know of a limited point between forecasts.
struct LiveState {
    forecast::SeriesScale scale;
    std::int32_t scale_day = features::no_period;  ///< the scale's day since 1970
    std::int32_t made = features::no_period;       ///< origin of the forecast at hand
    std::int32_t learnt = features::no_period;     ///< newest half-hour whose errors were learnt
    std::int32_t series = -1;                      ///< its number in the training
    std::uint32_t generation = 0;                  ///< of the model that `made` and `series` belong to
    forecast::PointBias bias;
};

}  // namespace headroom::monitor
