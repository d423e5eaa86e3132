#include "feeds/weather.hpp"

#include <array>
#include <chrono>

namespace headroom::feeds {

std::pair<double, double> believable_temperature_c(UtcTime at) {
    // January to December.
    constexpr std::array<double, 12> lowest{-27.2, -27.2, -22.9, -15.4, -9.4,  -5.6,
                                            -2.5,  -4.5,  -6.7,  -11.7, -23.3, -27.2};
    constexpr std::array<double, 12> highest{19.9, 21.2, 25.6, 29.4, 32.8, 35.6,
                                             40.3, 38.5, 35.6, 29.9, 22.4, 18.7};
    constexpr double margin = 5.0;
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(at)};
    const std::size_t month = static_cast<unsigned>(day.month()) - 1U;
    return {lowest[month] - margin, highest[month] + margin};
}

}  // namespace headroom::feeds
