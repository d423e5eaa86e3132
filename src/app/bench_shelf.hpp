#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <filesystem>

namespace headroom::app {

struct BenchShelfOptions {
    std::filesystem::path dir;  ///< for the control room's data
    int losses = 200;           ///< for the way to the device
    int refreshes = 7;
};

/// Measures the shelf.
///
/// `shelf.refresh_10k_ms`: all plans of a made-up network of 10,000 elements anew, one thread; `…_few_ms`:
/// after one feeder in a hundred has changed; `shelf.slice_100_ms_max`: the longest that 100 elements took.
/// `shelf.detection_to_first_command_ms_p50|p99`: from the operational state `outage` as it reaches the
/// orchestration to the first instruction at a device behind a real broker, the relief bought on the spot
/// from a simulated provider over HTTP, everything written to the log on the way, in one process. Answers
/// `{"results":[{name, value, unit, min, max, runs}]}`.
[[nodiscard]] Result<json::Object> bench_shelf(const BenchShelfOptions& options);

}  // namespace headroom::app
