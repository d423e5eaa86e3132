#pragma once

#include "feeds/weather.hpp"

#include <vector>

namespace headroom::feeds {

/// The weather at the beginning of every half-hour between steps that lie three hours apart at most:
/// temperature, wind and cloud drawn straight, radiation that of the step whose hour holds the half-hour.
/// Precipitation is left out. Steps may come in any order; of two at one time the first counts.
[[nodiscard]] std::vector<WeatherStep> half_hourly(std::vector<WeatherStep> steps);

}  // namespace headroom::feeds
