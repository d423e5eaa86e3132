#include "forecast/calendar_days.hpp"

#include "core/london_clock.hpp"
#include "forecast/slots.hpp"

#include <array>
#include <chrono>
#include <limits>

namespace headroom::forecast {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::weekday;

constexpr std::size_t days_known = 64;

}  // namespace

DayPlace place_in_day(Region region, std::int64_t unix_s) {
    // Both countries turn their clocks at the same instants, an hour apart.
    const std::int64_t local =
        unix_s + london_span(unix_s).offset_s + (region == Region::netherlands ? 3600 : 0);
    const std::int64_t day = local / seconds_per_day - (local % seconds_per_day < 0 ? 1 : 0);
    // A row asks for the days of four weeks again and again.
    struct Known {
        std::int64_t day = std::numeric_limits<std::int64_t>::min();
        Region region{};
        DayPlace place;
    };
    thread_local std::array<Known, days_known> all;
    Known& known = all[static_cast<std::size_t>(day) % days_known];
    if (known.day != day || known.region != region) {
        const sys_days at{days{day}};
        const Date date{at};
        known.place = {.minute = 0,
                       .weekday = static_cast<int>(weekday{at}.iso_encoding()) - 1,
                       .day_of_year = static_cast<int>((at - sys_days{date.year() / 1 / 1}).count()),
                       .is_holiday = is_public_holiday(region, date)};
        known.day = day;
        known.region = region;
    }
    DayPlace place = known.place;
    place.minute = static_cast<int>((local - day * seconds_per_day) / 60);
    return place;
}

}  // namespace headroom::forecast
