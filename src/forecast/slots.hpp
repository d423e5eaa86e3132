#pragma once

#include <cstdint>

namespace headroom::forecast {

// Slots of time by number since 1970, and the seconds in them.

inline constexpr std::int64_t seconds_per_day = 86'400;
inline constexpr std::int64_t seconds_per_half_hour = 1'800;

/// a / b rounded down, also below 0; b > 0.
[[nodiscard]] constexpr std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace headroom::forecast
