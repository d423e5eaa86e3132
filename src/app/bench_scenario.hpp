#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <cstddef>

namespace headroom::app {

struct BenchScenarioOptions {
    std::size_t assets = 10'000;
    int runs = 5;
};

/// Measures scenario runs over a made-up city: substations with thermal transformers, the feeders below them,
/// chargers, sun, batteries and buildings, open points between neighbours; 72 hours of a heatwave, one
/// thread.
///
/// `scenario.assets_10k_72h_ms`: `scenario::run`, everything in it. `…_cpu_ms`: processor time of the same:
/// compare this on a busy machine. `scenario.loss_10k_72h_ms`: with eight elements lost.
/// Answers `{"results":[{name, value, unit, min, max, runs}]}`, value = median.
[[nodiscard]] Result<json::Object> bench_scenario(const BenchScenarioOptions& options);

}  // namespace headroom::app
