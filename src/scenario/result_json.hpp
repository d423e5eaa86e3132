#pragma once

#include "core/json.hpp"
#include "scenario/run_result.hpp"

#include <cstddef>

namespace headroom::scenario {

/// The half-hourly curves of one asset: `{asset_id, start, period_minutes, load_kw, low_kw, high_kw,
/// rating_kw, hot_spot_c}` (the last only where it was followed), rounded to watts and tenths of a degree.
[[nodiscard]] json::Object curves_json(const RunResult& result, std::size_t asset);

/// A result without its curves: scenario, seed, hypothetical, data_sources, weather, outcomes, risks and
/// alternatives.
[[nodiscard]] json::Object summary_json(const RunResult& result);
/// With the curves of every asset.
[[nodiscard]] json::Object result_json(const RunResult& result);

}  // namespace headroom::scenario
