#pragma once

#include "core/json.hpp"

#include <string>
#include <vector>

namespace headroom::app {

/// One measured figure as benches answer it, {name, value, unit, min, max, runs}: the value is the median of
/// `values`, one for each run, of which there is at least one.
[[nodiscard]] json::Object median_result(const std::string& name, const std::string& unit,
                                         std::vector<double> values);

}  // namespace headroom::app
