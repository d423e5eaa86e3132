#pragma once

#include "core/public_holidays.hpp"

#include <cstdint>

namespace headroom::forecast {

using headroom::parse_region;
using headroom::Region;
using headroom::to_string;

/// What the calendar says about an instant.
struct DayPlace {
    int minute = 0;       ///< of the day, by the clock on the wall, 0 … 1439
    int weekday = 0;      ///< 0 = Monday … 6 = Sunday
    int day_of_year = 0;  ///< from 0
    bool is_holiday = false;
    [[nodiscard]] bool is_rest_day() const { return is_holiday || weekday >= 5; }
};
[[nodiscard]] DayPlace place_in_day(Region region, std::int64_t unix_s);

}  // namespace headroom::forecast
