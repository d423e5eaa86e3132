#pragma once

#include "core/time.hpp"

#include <optional>
#include <utility>

namespace headroom::feeds {

/// Weather at a place. What the service did not say is absent, never zero.
struct WeatherStep {
    UtcTime at{};
    std::optional<double> temperature_c = {};
    std::optional<double> apparent_temperature_c = {};
    std::optional<double> wind_m_per_s = {};
    std::optional<double> cloud_share = {};         ///< 0 to 1
    std::optional<double> radiation_w_per_m2 = {};  ///< global horizontal, mean of the hour before `at`
    std::optional<double> precipitation_mm = {};    ///< over the step before `at`
    std::optional<double> snowfall_mm = {};         ///< water of it, over the step before `at`
    bool operator==(const WeatherStep&) const = default;
};

/// Lowest and highest air temperature that is believed at `at` in Great Britain: the records of the month,
/// five degrees wider. Source: Met Office, UK climate extremes (monthly records of the four nations).
[[nodiscard]] std::pair<double, double> believable_temperature_c(UtcTime at);

/// Bounds of the other quantities.
inline constexpr double wind_max_m_per_s = 80.0;
inline constexpr double radiation_max_w_per_m2 = 1'500.0;
inline constexpr double precipitation_max_mm = 200.0;

}  // namespace headroom::feeds
