#include "desk/plan_fan.hpp"

#include <gtest/gtest.h>

namespace headroom::desk {
namespace {

const std::vector<double> quantiles{0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95};

FanInput one_slot(std::vector<std::int64_t> row, std::int64_t limit_w) {
    return {.quantiles = quantiles,
            .rows_w = {std::move(row)},
            .limit_w = limit_w,
            .in_window = {true},
            .need_w = {10'000},
            .seed = 7};
}

TEST(MakeFan, WithoutReliefTheQuantilesComeBack) {
    const Fan fan = make_fan(one_slot({90, 95, 100, 110, 120, 130, 140}, 1'000));
    ASSERT_EQ(fan.with_w.size(), 1U);
    EXPECT_EQ(fan.with_w[0], (std::vector<std::int64_t>{90, 95, 100, 110, 120, 130, 140}));
    EXPECT_EQ(fan.probability_without, 0.0);
    EXPECT_EQ(fan.certainty, 0.0);
}

TEST(MakeFan, CountsTheRiskByStraightLinesBetweenTheQuantiles) {
    // 110 is the median: half of the load lies above it.
    const Fan fan = make_fan(one_slot({90, 95, 100, 110, 120, 130, 140}, 110));
    EXPECT_NEAR(fan.probability_without, 0.5, 0.001);
    // Over it lie: 25 % with 5 on average, 15 % with 15, 5 % with 25 and 5 % with 30: 6.25 W for half an
    // hour.
    EXPECT_NEAR(fan.expected_over_without_wh, 6.25 / 2.0, 0.02);
}

TEST(MakeFan, ASureResourceMovesTheWholeFan) {
    FanInput input = one_slot({90'000, 95'000, 100'000, 110'000, 120'000, 130'000, 140'000}, 110'000);
    input.actions.push_back({.reliability = 1.0, .relief_w = {20'000}});
    const Fan fan = make_fan(input);
    EXPECT_NEAR(static_cast<double>(fan.with_w[0].front()), 70'000.0, 50.0);
    EXPECT_NEAR(static_cast<double>(fan.with_w[0].back()), 120'000.0, 50.0);
    EXPECT_NEAR(fan.probability_with, 0.1, 0.001);  // above 130 kW without it
    EXPECT_EQ(fan.certainty, 1.0);
}

TEST(MakeFan, WhatMayFailLeavesItsShareOfTheRisk) {
    FanInput input = one_slot({200'000, 200'000, 200'000, 200'000, 200'000, 200'000, 200'000}, 195'000);
    input.actions.push_back({.reliability = 0.8, .relief_w = {10'000}});
    const Fan fan = make_fan(input);
    EXPECT_NEAR(fan.probability_with, 0.2, 0.03);
    EXPECT_NEAR(fan.certainty, 0.8, 0.03);
    EXPECT_EQ(fan.probability_without, 1.0);
    const Fan again = make_fan(input);
    EXPECT_EQ(again.with_w, fan.with_w);
    EXPECT_EQ(again.certainty, fan.certainty);
}

TEST(MakeFan, OnlyTheWindowCountsForTheRisk) {
    FanInput input = one_slot({200, 200, 200, 200, 200, 200, 200}, 100);
    input.in_window = {false};
    EXPECT_EQ(make_fan(input).probability_without, 0.0);
}

TEST(MakeFan, WithoutAForecastOnlyDeliveriesAreDrawn) {
    const FanInput input{.quantiles = quantiles,
                         .need_w = {10, 20},
                         .actions = {{.reliability = 1.0, .relief_w = {10, 15}}},
                         .seed = 1};
    const Fan fan = make_fan(input);
    EXPECT_TRUE(fan.with_w.empty());
    EXPECT_EQ(fan.certainty, 0.0);  // 5 W short in the second half-hour
}

}  // namespace
}  // namespace headroom::desk
