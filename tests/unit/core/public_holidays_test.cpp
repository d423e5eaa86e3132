#include "core/public_holidays.hpp"

#include <gtest/gtest.h>

namespace headroom {
namespace {

Date date(int y, unsigned m, unsigned d) {
    return std::chrono::year{y} / std::chrono::month{m} / std::chrono::day{d};
}

TEST(PublicHolidays, OfEnglandByTheirRules) {
    const Region gb = Region::england_and_wales;
    for (const Date day :
         {date(2019, 1, 1), date(2019, 4, 19), date(2019, 4, 22), date(2019, 5, 6), date(2019, 5, 27),
          date(2019, 8, 26), date(2019, 12, 25), date(2019, 12, 26), date(2020, 5, 8), date(2021, 12, 27),
          date(2021, 12, 28), date(2022, 1, 3), date(2022, 6, 2), date(2026, 12, 28)}) {
        EXPECT_TRUE(is_public_holiday(gb, day))
            << static_cast<int>(day.year()) << "-" << static_cast<unsigned>(day.month());
    }
    for (const Date day :
         {date(2020, 5, 4), date(2022, 5, 30), date(2019, 4, 21), date(2019, 8, 19), date(2022, 1, 1)}) {
        EXPECT_FALSE(is_public_holiday(gb, day));
    }
}

TEST(PublicHolidays, OfTheNetherlandsByTheirRules) {
    const Region nl = Region::netherlands;
    for (const Date day : {date(2021, 1, 1), date(2021, 4, 5), date(2021, 4, 27), date(2021, 5, 13),
                           date(2021, 5, 24), date(2021, 12, 26), date(2025, 4, 26)}) {
        EXPECT_TRUE(is_public_holiday(nl, day));
    }
    EXPECT_FALSE(is_public_holiday(nl, date(2025, 4, 27)));
    EXPECT_FALSE(is_public_holiday(nl, date(2021, 8, 30)));
}

TEST(Region, IsKnownByItsWord) {
    EXPECT_EQ(*parse_region("gb"), Region::england_and_wales);
    EXPECT_EQ(to_string(*parse_region("nl")), "nl");
    EXPECT_EQ(parse_region("fr").error().message, "region \"fr\" is neither gb nor nl");
}

}  // namespace
}  // namespace headroom
