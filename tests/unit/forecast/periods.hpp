#pragma once

#include <cstdint>
#include <limits>

namespace headroom::forecast {

/// What is not known of a load or a feature.
inline constexpr float unknown = std::numeric_limits<float>::quiet_NaN();

/// The half-hour, by number since 1970, that begins 2024-01-01T00:00Z.
inline constexpr std::int64_t first_period = 946'704;

/// Half-hours in a day.
inline constexpr std::int64_t day_periods = 48;

}  // namespace headroom::forecast
