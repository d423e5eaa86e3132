#include "monitor/forecast_rows.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace headroom::monitor {
namespace {

constexpr forecast::QuantileRow narrow{-5000, -4999, 0, 10, 65'544, 65'544, 70'000};
/// A step of 65,535 W is the first that is too long.
constexpr forecast::QuantileRow wide{-100, 0, 65'535, 65'536, 65'537, 65'538, 65'539};
constexpr forecast::QuantileRow widest{std::numeric_limits<std::int32_t>::min(), 0, 0, 0, 0, 0,
                                       std::numeric_limits<std::int32_t>::max()};
constexpr std::int64_t noon_period = 996'984;

TEST(ForecastRows, GiveBackWhatTheyWereGiven) {
    ForecastRows rows(3);
    rows.add(0);
    rows.add(1);
    rows.put(0, noon_period, narrow);
    rows.put(0, noon_period + 1, wide);
    rows.put(1, noon_period + 1, widest);
    EXPECT_EQ(rows.at(0, noon_period), narrow);
    EXPECT_EQ(rows.at(0, noon_period + 1), wide);
    EXPECT_EQ(rows.at(1, noon_period + 1), widest);
    EXPECT_FALSE(rows.at(0, noon_period + 2).has_value());
    EXPECT_FALSE(rows.at(1, noon_period).has_value());
}

TEST(ForecastRows, KnowTheHalfHourARowIsFor) {
    ForecastRows rows(3);
    rows.add(0);
    rows.put(0, noon_period, wide);
    EXPECT_FALSE(rows.at(0, noon_period + 3).has_value()) << "the same place, another half-hour";
    rows.put(0, noon_period + 3, narrow);
    EXPECT_FALSE(rows.at(0, noon_period).has_value());
    EXPECT_EQ(rows.at(0, noon_period + 3), narrow);
    rows.put(0, noon_period + 3, std::nullopt);
    EXPECT_FALSE(rows.at(0, noon_period + 3).has_value());
}

}  // namespace
}  // namespace headroom::monitor
