#pragma once

#include "core/json.hpp"

#include <string>
#include <vector>

namespace headroom::app {

// Inside of the shelf's bench.

void bench_shelf_refresh(int refreshes, json::Array& results);
/// `value` is that of the rank `share`.
[[nodiscard]] json::Value shelf_figure(const std::string& name, std::vector<double> values, double share);

}  // namespace headroom::app
