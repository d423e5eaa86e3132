#include "core/public_holidays.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

namespace headroom {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::weekday;
using std::chrono::year;

sys_days day_of(int y, unsigned m, unsigned d) {
    return sys_days{year{y} / std::chrono::month{m} / std::chrono::day{d}};
}

/// Source: Meeus, Astronomical Algorithms, chapter 8.
sys_days easter_sunday(int y) {
    const int a = y % 19;
    const int b = y / 100;
    const int c = y % 100;
    const int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    const int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    const int m = (a + 11 * h + 22 * l) / 451;
    const int n = h + l - 7 * m + 114;
    return day_of(y, static_cast<unsigned>(n / 31), static_cast<unsigned>(n % 31 + 1));
}

bool is_weekend(sys_days day) {
    const weekday on{day};
    return on == std::chrono::Saturday || on == std::chrono::Sunday;
}

bool is_first_monday(sys_days day, unsigned month) {
    const Date date{day};
    return weekday{day} == std::chrono::Monday && static_cast<unsigned>(date.month()) == month &&
           static_cast<unsigned>(date.day()) <= 7;
}

bool is_last_monday(sys_days day, unsigned month) {
    const Date date{day};
    return weekday{day} == std::chrono::Monday && static_cast<unsigned>(date.month()) == month &&
           static_cast<unsigned>(Date{day + days{7}}.month()) != month;
}

bool is_british_holiday(sys_days day) {
    const Date date{day};
    const int y = static_cast<int>(date.year());
    for (const sys_days added : {day_of(2020, 5, 8), day_of(2022, 6, 2), day_of(2022, 6, 3),
                                 day_of(2022, 9, 19), day_of(2023, 5, 8)}) {
        if (day == added) {
            return true;
        }
    }
    if (day == day_of(2020, 5, 4) || day == day_of(2022, 5, 30)) {
        return false;  // moved to one of the days above
    }
    sys_days new_year = day_of(y, 1, 1);
    while (is_weekend(new_year)) {
        new_year += days{1};
    }
    // A Christmas or Boxing Day at the weekend is made up for on the next days that are worked.
    std::array<sys_days, 2> christmas{day_of(y, 12, 25), day_of(y, 12, 26)};
    if (is_weekend(christmas[0]) && is_weekend(christmas[1])) {
        christmas = {day_of(y, 12, 27), day_of(y, 12, 28)};
    } else if (is_weekend(christmas[0])) {
        christmas[0] = day_of(y, 12, 27);
    } else if (is_weekend(christmas[1])) {
        christmas[1] = day_of(y, 12, 28);
    }
    const sys_days easter = easter_sunday(y);
    return day == new_year || day == christmas[0] || day == christmas[1] || day == easter - days{2} ||
           day == easter + days{1} || is_first_monday(day, 5) || is_last_monday(day, 5) ||
           is_last_monday(day, 8);
}

bool is_dutch_holiday(sys_days day) {
    const int y = static_cast<int>(Date{day}.year());
    const sys_days easter = easter_sunday(y);
    sys_days kings_day = day_of(y, 4, 27);
    if (weekday{kings_day} == std::chrono::Sunday) {
        kings_day -= days{1};
    }
    const std::array holidays{day_of(y, 1, 1),   easter,
                              easter + days{1},  easter + days{39},
                              easter + days{50}, day_of(y, 12, 25),
                              day_of(y, 12, 26), kings_day};
    return std::ranges::find(holidays, day) != holidays.end();
}

}  // namespace

std::string_view to_string(Region region) {
    switch (region) {
        case Region::england_and_wales:
            return "gb";
        case Region::netherlands:
            return "nl";
    }
    return "gb";
}

Result<Region> parse_region(std::string_view word) {
    for (const Region region : {Region::england_and_wales, Region::netherlands}) {
        if (word == to_string(region)) {
            return region;
        }
    }
    return Error{Errc::invalid, "region \"" + std::string(word) + "\" is neither gb nor nl"};
}

bool is_public_holiday(Region region, Date date) {
    const sys_days day{date};
    return region == Region::netherlands ? is_dutch_holiday(day) : is_british_holiday(day);
}

}  // namespace headroom
