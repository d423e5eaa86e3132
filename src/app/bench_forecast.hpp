#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <filesystem>

namespace headroom::app {

struct BenchForecastOptions {
    std::filesystem::path ett;      ///< an ETT table: only its errors are reckoned
    std::size_t feeders = 100'000;  ///< of the tick
    std::size_t rows = 1'000'000;   ///< of the training
    int runs = 3;                   ///< of the tick
};

/// Measures the ensemble as it is served, on made-up half-hours.
///
/// `forecast.tick_100k_feeders_s`: rows and seven quantiles at seven horizons (30 min, 1, 2, 4, 12, 24 and 48
/// h) for every feeder, from its half-hours on, on two threads. `forecast.single_us_p50` and `…_p99`: the
/// same for one feeder at a time, in random order. `forecast.train_1m_rows_s`: rows, trees, ridges, blend and
/// widths from so many rows of one lead. With an ETT table instead: `forecast.ett_mse_H` and `…_mae_H` for
/// 96, 192, 336 and 720 steps (`score_windows`).
/// Names with `_cpu_` are processor time of all threads (of one call): compare these on a busy machine.
/// Answers `{"results":[{name, value, unit, min, max, runs}]}`, value = median. Errors: those of the training
/// and of the file.
[[nodiscard]] Result<json::Object> bench_forecast(const BenchForecastOptions& options);

}  // namespace headroom::app
