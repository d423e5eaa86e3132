#include "core/json.hpp"
#include "risk/assess.hpp"
#include "unit/risk/noon.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace headroom::risk {
namespace {

/// A question about a 100 kW limit at noon with nothing but a forecast.
RiskInput forecast_question(std::vector<std::vector<std::int64_t>> forecast_w) {
    RiskInput input;
    input.feeder = "F-1";
    input.limit = {.asset = "F-1",
                   .phase = grid::Phase::l1,
                   .value = 100.0,
                   .source = "grid file",
                   .verified_by = "grid.csv"};
    input.limit_w = 100'000;
    input.now = noon;
    input.forecast_start = noon;
    input.forecast_w = std::move(forecast_w);
    return input;
}

/// All quantiles below P75 at `low`, P75 and above at `high`.
std::vector<std::int64_t> row(std::int64_t low, std::int64_t high) {
    return {low, low, low, low, high, high, high};
}

TEST(AlarmQuantile, FollowsFromTheTwoCosts) {
    EXPECT_EQ(alarm_quantile_of_costs(2.25, 0.25), 900'000);
    EXPECT_EQ(alarm_quantile_of_costs(1.0, 1.0), 500'000);
    EXPECT_EQ(alarm_quantile_of_costs(3.0, 1.0), 750'000);
    EXPECT_EQ(alarm_quantile_of_costs(3.1, 1.0), 900'000) << "the next that forecasts carry";
    EXPECT_EQ(alarm_quantile_of_costs(1000.0, 0.01), 950'000) << "and the highest beyond";
    EXPECT_EQ(carried_quantile_ppm(0.9), 900'000);
    EXPECT_EQ(carried_quantile_ppm(0.6), 750'000);
}

TEST(AlarmQuantile, ExpectedEnergyIsTheIntegralOverTheQuantiles) {
    // 100 kW up to P50, 140 kW from P75 on: between them the excess rises from 0 to 40 kW. (0.25 · 20 + 0.25
    // · 40) kW for half an hour.
    const auto found = assess(forecast_question({row(100'000, 140'000)}));
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->expected_over, WattHours{7'500});
    EXPECT_EQ((*found)->energy_over, WattHours{20'000}) << "at the alarm quantile: 40 kW";
    EXPECT_EQ((*found)->alarm_quantile_ppm, 900'000);
    EXPECT_EQ((*found)->probability_ppm, 500'000);
}

TEST(AlarmQuantile, TheLimitMayLieBetweenTwoQuantiles) {
    // From 80 kW at P50 to 120 kW at P75: over the limit on the upper half of that, by 10 kW in the mean.
    const auto found = assess(forecast_question({row(80'000, 120'000)}));
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->expected_over, WattHours{3'125});  // (0.125 · 10 + 0.25 · 20) kW for half an hour
}

TEST(AlarmQuantile, ADipWithinTheWindowDoesNotEndIt) {
    const std::vector<std::vector<std::int64_t>> forecast{row(90'000, 110'000), row(90'000, 98'000),
                                                          row(90'000, 105'000), row(90'000, 97'000),
                                                          row(90'000, 120'000)};
    const auto found = assess(forecast_question(forecast));
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->end, noon + minutes{90}) << "97 kW is clear of the limit, 98 kW is not";
    EXPECT_EQ((*found)->need.w, (std::vector<std::int64_t>{10'000, 0, 5'000}));

    RiskInput before = forecast_question(forecast);
    before.rules.version = 1;  // an older log replays as it was
    const auto old = assess(before);
    ASSERT_TRUE(old && *old);
    EXPECT_EQ((*old)->need.w, (std::vector<std::int64_t>{10'000}));
    EXPECT_EQ((*old)->alarm_quantile_ppm, 0);
    EXPECT_EQ(json::write(to_json(**old)).find("expected_over_wh"), std::string::npos);
}

TEST(AlarmQuantile, WhatWasWrittenIsReadBack) {
    const auto found = assess(forecast_question({row(100'000, 140'000)}));
    ASSERT_TRUE(found && *found);
    const Result<Overload> read = overload_from_json(to_json(**found));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->expected_over, WattHours{7'500});
    EXPECT_EQ(read->alarm_quantile_ppm, 900'000);
}

}  // namespace
}  // namespace headroom::risk
