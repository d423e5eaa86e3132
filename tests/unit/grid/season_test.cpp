#include "grid/season.hpp"

#include <gtest/gtest.h>

#include <string>

namespace headroom::grid {
namespace {

Season of(const std::string& date) {
    return season_at(parse_utc(date + "T00:00:00Z").value());
}

TEST(SeasonTest, WinterIsDecemberToFebruaryAndSummerMayToAugust) {
    EXPECT_EQ(of("2026-11-30"), Season::spring_autumn);
    EXPECT_EQ(of("2026-12-01"), Season::winter);
    EXPECT_EQ(of("2028-02-29"), Season::winter);
    EXPECT_EQ(of("2027-03-01"), Season::spring_autumn);
    EXPECT_EQ(of("2027-04-30"), Season::spring_autumn);
    EXPECT_EQ(of("2027-05-01"), Season::summer);
    EXPECT_EQ(of("2027-08-31"), Season::summer);
    EXPECT_EQ(of("2027-09-01"), Season::spring_autumn);
}

}  // namespace
}  // namespace headroom::grid
