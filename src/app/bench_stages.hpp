#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <cstddef>

namespace headroom::app {

struct BenchStagesOptions {
    double seconds = 3.0;         ///< for each of the measurements
    std::size_t points = 10'000;  ///< feeders that send
    std::size_t batch = 100;      ///< readings in one JSON array
};

/// Measures the stages in this process, on one core.
///
/// `stages.readings_per_s`: JSON arrays → decoded, validated, judged, placed in rings and half-hours, held
/// against the limit. `stages.decode_per_s`: the JSON alone; `stages.decode_general_per_s`: without the
/// short cut for the usual shape. `stages.forecasts_per_s`: forecasts of one point
/// over 48 half-hours at seven quantiles. `stages.forecast_1000_points_ms`: a tick's worth of them.
/// `stages.train_ms`: a model over 1,000 points and sixteen days.
/// Answers `{"results":[{name, value, unit, min, max, runs}]}`, value = median. Errors: `invalid` when the
/// stages do not take what they are given.
[[nodiscard]] Result<json::Object> bench_stages(const BenchStagesOptions& options);

}  // namespace headroom::app
