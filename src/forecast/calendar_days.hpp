#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <string_view>

namespace headroom::forecast {

/// Whose clock and whose holidays people live by where the load is.
enum class Region : std::uint8_t { england_and_wales, netherlands };
[[nodiscard]] std::string_view to_string(Region region);
/// "gb" or "nl". Errors: `invalid` for any other word.
[[nodiscard]] Result<Region> parse_region(std::string_view word);

/// What the calendar says about an instant.
struct DayPlace {
    int minute = 0;       ///< of the day, by the clock on the wall, 0 … 1439
    int weekday = 0;      ///< 0 = Monday … 6 = Sunday
    int day_of_year = 0;  ///< from 0
    bool is_holiday = false;
    [[nodiscard]] bool is_rest_day() const { return is_holiday || weekday >= 5; }
};
[[nodiscard]] DayPlace place_in_day(Region region, std::int64_t unix_s);

/// Public holidays by their rules (Easter after Gauss and Butcher, substitute days after gov.uk), with the
/// days moved or added by proclamation from 2018 to 2023: for years that no list has been loaded for.
[[nodiscard]] bool is_holiday(Region region, Date date);

}  // namespace headroom::forecast
