#pragma once

#include "core/json.hpp"
#include "scenario/run_result.hpp"

#include <cstddef>
#include <string>

namespace headroom::scenario {

/// The half-hourly curves of one asset: `{asset_id, start, period_minutes, load_kw, low_kw, high_kw,
/// rating_kw, hot_spot_c}` (the last only where it was followed), rounded to watts and tenths of a degree.
[[nodiscard]] json::Object curves_json(const RunResult& result, std::size_t asset);

/// A result without its curves: scenario, seed, hypothetical, data_sources, weather, outcomes, risks and
/// alternatives.
[[nodiscard]] json::Object summary_json(const RunResult& result);
/// With the curves of every asset.
[[nodiscard]] json::Object result_json(const RunResult& result);

/// SHA-256 (hex) of everything that was found: the summary as JSON, then load, low, high, rating and hot spot
/// of every asset in every half-hour, as little-endian floats. The same input gives the same digits.
[[nodiscard]] std::string result_sha256(const RunResult& result);

}  // namespace headroom::scenario
