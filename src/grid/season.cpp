#include "grid/season.hpp"

#include <chrono>

namespace headroom::grid {

Season season_at(UtcTime at) {
    const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(at)};
    const auto month = static_cast<unsigned>(date.month());
    if (month == 12 || month <= 2) {
        return Season::winter;
    }
    return month >= 5 && month <= 8 ? Season::summer : Season::spring_autumn;
}

}  // namespace headroom::grid
