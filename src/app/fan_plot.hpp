#pragma once

#include "forecast/ensemble.hpp"

#include <string>

namespace headroom::app {

/// A forecast as a fan of characters, time to the right: ● the median, ▓ from the 25 % to the 75 % quantile,
/// ░ from the 5 % to the 95 %. At most 96 columns wide and 14 lines high, scale at the left, times below.
[[nodiscard]] std::string fan_plot(const forecast::EnsembleForecast& forecast);

}  // namespace headroom::app
