#include "scenario/hazard.hpp"

#include <gtest/gtest.h>

namespace headroom::scenario {
namespace {

TEST(ReturnPeriod, PassesItsAnchors) {
    EXPECT_NEAR(return_period_years(50.0, 0.0), 10.0, 1e-6);
    EXPECT_NEAR(return_period_years(80.0, 0.0), 100.0, 1e-6);
    EXPECT_NEAR(return_period_years(130.0, 0.0), 1000.0, 1e-6);
    EXPECT_NEAR(return_period_years(0.0, 45.0), 100.0, 1e-6);
    EXPECT_NEAR(return_period_years(0.0, 0.0), 1.0, 1e-9);
}

TEST(FloodProbability, NeverFallsWithMoreRainOrAWorseZone) {
    for (int zone = 0; zone <= 3; ++zone) {
        for (double day = 0.0; day <= 300.0; day += 5.0) {
            for (double hour = 0.0; hour <= 120.0; hour += 5.0) {
                const double here = flood_probability(zone, day, hour);
                EXPECT_GE(here, 0.0);
                EXPECT_LE(here, 1.0);
                EXPECT_LE(here, flood_probability(zone, day + 5.0, hour));
                EXPECT_LE(here, flood_probability(zone, day, hour + 5.0));
            }
        }
    }
    EXPECT_LT(flood_probability(1, 90.0, 30.0), flood_probability(0, 90.0, 30.0));
    EXPECT_LT(flood_probability(0, 90.0, 30.0), flood_probability(2, 90.0, 30.0));
    EXPECT_LT(flood_probability(2, 90.0, 30.0), flood_probability(3, 90.0, 30.0));
}

TEST(FloodProbability, IsSmallInDryWeatherAndLargeInACenturysRainByTheRiver) {
    EXPECT_LT(flood_probability(3, 5.0, 2.0), 0.02);
    EXPECT_GT(flood_probability(3, 90.0, 40.0), 0.5);
    EXPECT_LT(flood_probability(1, 90.0, 40.0), 0.1);
}

TEST(StormProbability, RisesWithWindAndMostForLines) {
    double before = -1.0;
    for (double wind = 0.0; wind <= 50.0; wind += 1.0) {
        const double now = storm_probability(ThermalKind::overhead_line, wind);
        EXPECT_GE(now, before);
        EXPECT_GE(now, storm_probability(ThermalKind::cable, wind));
        before = now;
    }
    EXPECT_DOUBLE_EQ(storm_probability(ThermalKind::overhead_line, 0.0), 0.0);
    EXPECT_GT(storm_probability(ThermalKind::overhead_line, 28.0), 0.4);
}

TEST(LevelOfOutage, HasItsThreeSteps) {
    EXPECT_EQ(level_of_outage(0.5), RiskLevel::critical);
    EXPECT_EQ(level_of_outage(0.49), RiskLevel::high);
    EXPECT_EQ(level_of_outage(0.25), RiskLevel::high);
    EXPECT_EQ(level_of_outage(0.1), RiskLevel::medium);
    EXPECT_EQ(level_of_outage(0.09), RiskLevel::low);
}

TEST(LevelOfLoading, FollowsTheContract) {
    EXPECT_EQ(level_of_loading(120.1), RiskLevel::critical);
    EXPECT_EQ(level_of_loading(120.0), RiskLevel::high);
    EXPECT_EQ(level_of_loading(105.0), RiskLevel::medium);
    EXPECT_EQ(level_of_loading(95.0), RiskLevel::medium);
    EXPECT_EQ(level_of_loading(94.9), RiskLevel::low);
}

}  // namespace
}  // namespace headroom::scenario
