#pragma once

#include "agents/series_store.hpp"
#include "core/async.hpp"
#include "forecast/live_training.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace headroom::agents {

/// The load of points as it is learnt from: had nothing been asked of anybody.
struct TrainingHistories {
    std::vector<forecast::LiveHistory> histories;
    std::int64_t dispatched_half_hours = 0;  ///< to which published flexibility was added back
    std::int64_t delivered_half_hours = 0;   ///< to which deliveries of our own events were
};

/// Half-hours of [from, to), both on the period grid, of every point of which something is stored. What trust
/// kept apart (`POINT/raw`) is not known; what the operator had bought (`POINT/dispatched`) and what our own
/// events delivered (`POINT/delivered`) is added back.
/// Reads in portions and ends early when it is to stop.
Awaitable<TrainingHistories> read_training_histories(SeriesStore& series, std::vector<std::string> points,
                                                     UtcTime from, UtcTime to,
                                                     const std::atomic<bool>& is_stopping);

}  // namespace headroom::agents
