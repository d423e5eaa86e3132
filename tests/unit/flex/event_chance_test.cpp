// Live events' plans that are as sure as asked, over loads and deliveries together.
#include "flex/event_chance.hpp"

#include "event_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace headroom::flex::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

/// Half-hours whose load is certain.
ChanceAsked certain(std::vector<std::int64_t> over_w, std::int64_t probability_ppm) {
    ChanceAsked out{.probability_ppm = probability_ppm, .rule = "SURE", .quantiles_ppm = {500'000}};
    for (const std::int64_t over : over_w) {
        out.over_w.push_back({over});
    }
    return out;
}

std::vector<Offer> alike(std::size_t count, std::int64_t power_w, std::int64_t reliability_ppm) {
    std::vector<Offer> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(offer("O" + std::to_string(100 + i), power_w));
        out.back().reliability_ppm = reliability_ppm;
    }
    return out;
}

std::int64_t bought_w(const EventPlan& plan, std::size_t slot) {
    std::int64_t sum = 0;
    for (const PlanLine& line : plan.plan.lines) {
        sum += line.power_w.values[slot];
    }
    return sum;
}

TEST(EventChance, BuysNoMarginWhereNothingCanFail) {
    EventPlanInput input = event_for({20'000}, alike(5, 10'000, 1'000'000));
    input.base.rules.margin_ppm = 50'000;
    EXPECT_EQ(bought_w(planned(input), 0), 21'000);
    input.facts.chance = certain({20'000}, 900'000);
    const EventPlan sure = planned(input);
    EXPECT_EQ(bought_w(sure, 0), 20'000);
    EXPECT_EQ(sure.notes.chance->reached_ppm, 1'000'000);
    EXPECT_EQ(sure.notes.chance->before_ppm, 0);
    EXPECT_TRUE(sure.notes.chance->is_reached);
}

TEST(EventChance, BuysMoreTheSurerItMustBe) {
    std::int64_t before = 0;
    for (const std::int64_t asked : {600'000, 800'000, 950'000}) {
        EventPlanInput input = event_for({20'000}, alike(20, 4'000, 850'000));
        input.facts.chance = certain({20'000}, asked);
        const EventPlan plan = planned(input);
        EXPECT_TRUE(plan.notes.chance->is_reached) << asked;
        EXPECT_GE(plan.notes.chance->reached_ppm + 4'000, asked);
        EXPECT_GT(bought_w(plan, 0), before);
        before = bought_w(plan, 0);
        EXPECT_THAT(plan.plan.reasons, Contains(HasSubstr("SURE asks for")));
    }
}

TEST(EventChance, AForecastsQuantileIsCoveredOnceNotTwice) {
    // Nobody fails: nine in ten is the load's own 90th percentile, and no margin comes on top.
    EventPlanInput input = event_for({15'000}, alike(10, 5'000, 1'000'000));
    input.base.rules.margin_ppm = 100'000;
    input.facts.chance = ChanceAsked{.probability_ppm = 900'000,
                                     .rule = "SURE",
                                     .quantiles_ppm = {100'000, 500'000, 900'000},
                                     .over_w = {{5'000, 10'000, 15'000}}};
    const EventPlan plan = planned(input);
    EXPECT_NEAR(static_cast<double>(bought_w(plan, 0)), 15'000.0, 150.0);
    EXPECT_NEAR(static_cast<double>(plan.notes.chance->reached_ppm), 900'000.0, 5'000.0);
}

TEST(EventChance, SpreadsOfLoadAndDeliveryAddAsSquares) {
    EventPlanInput input = event_for({10'000}, {});
    ChanceAsked asked{.probability_ppm = 900'000,
                      .rule = "SURE",
                      .quantiles_ppm = {100'000, 500'000, 900'000},
                      .over_w = {{7'000, 10'000, 13'000}}};
    DeliveryDraws deliveries(1);
    const ChanceDraws draws(asked, deliveries);
    const double z = 1.2815515655;
    EXPECT_NEAR(static_cast<double>(draws.target_w(z, {}).front()), 13'000.0, 2.0);
    // 8 kW delivered half of the time: a deviation of 4 kW.
    const std::vector<ChancePart> parts{{7, 0.5, {8'000.0}}};
    EXPECT_NEAR(static_cast<double>(draws.target_w(z, parts).front()),
                10'000.0 + std::sqrt(3'000.0 * 3'000.0 + z * z * 4'000.0 * 4'000.0), 5.0);
}

TEST(EventChance, WhoDeliversIsDrawnOnceHoweverManyDrawsAreLookedAt) {
    const Random random(5);
    DeliveryDraws deliveries(5);
    EXPECT_EQ(deliveries.of(17, 0.8, 70).size(), 2U);
    const std::vector<std::uint64_t> more = deliveries.of(17, 0.8, 200);
    ASSERT_EQ(more.size(), 4U);
    for (std::uint64_t draw = 0; draw < 200; ++draw) {
        EXPECT_EQ(more[draw / 64] >> draw % 64 & 1U, random.uniform(17, draw) < 0.8 ? 1U : 0U) << draw;
    }
    EXPECT_EQ(deliveries.of(17, 1.0, 64).front(), ~std::uint64_t{0});
    EXPECT_EQ(deliveries.of(17, 0.0, 64).front(), 0U);
}

TEST(EventChance, BeyondTheOutermostQuantileTheTailGoesOn) {
    const ChanceAsked asked{.probability_ppm = 990'000,
                            .quantiles_ppm = {100'000, 500'000, 900'000},
                            .over_w = {{-10'000, 0, 10'000}}};
    DeliveryDraws deliveries(1);
    const ChanceDraws draws(asked, deliveries);
    EXPECT_NEAR(draws.over_w(0, 0.7), 5'000.0, 1.0);
    EXPECT_NEAR(draws.over_w(0, 0.99), 10'000.0 * 2.3263478740 / 1.2815515655, 5.0);
    EXPECT_NEAR(draws.over_w(0, 0.01), -10'000.0 * 2.3263478740 / 1.2815515655, 5.0);
}

TEST(EventChance, WhatCannotBeReachedIsTheSurestPlanAndSaysWhatWouldHaveToGive) {
    EventPlanInput input = event_for({20'000}, alike(3, 10'000, 800'000));
    input.facts.chance = certain({20'000}, 950'000);
    const EventPlan plan = planned(input);
    EXPECT_FALSE(plan.notes.chance->is_reached);
    EXPECT_EQ(bought_w(plan, 0), 30'000);
    // Two of three: 0.8³ + 3 · 0.8² · 0.2.
    EXPECT_NEAR(static_cast<double>(plan.notes.chance->reached_ppm), 896'000.0, 15'000.0);
    EXPECT_THAT(plan.notes.chance->would_help, Contains(HasSubstr("more reliably")));
    EXPECT_THAT(plan.notes.chance->would_help, Contains(HasSubstr("% in the rules")));

    const EventPlan none = [&] {
        EventPlanInput less = event_for({20'000}, alike(1, 10'000, 900'000));
        less.facts.chance = certain({20'000}, 950'000);
        return planned(less);
    }();
    EXPECT_EQ(bought_w(none, 0), 10'000) << "part of the relief is better than none";
    EXPECT_EQ(none.notes.chance->reached_ppm, 0);
    EXPECT_THAT(none.notes.chance->would_help,
                Contains(HasSubstr("kW more of expected relief at 17:00 UTC")));
}

TEST(EventChance, WhatStandsAlreadyMayFailAsWell) {
    EventPlanInput input = event_for({0}, alike(10, 2'000, 1'000'000));
    input.facts.chance = certain({20'000}, 950'000);
    input.facts.chance->standing = {{"a", 900'000, {10'000}}, {"b", 900'000, {10'000}}};
    const EventPlan plan = planned(input);
    EXPECT_NEAR(static_cast<double>(plan.notes.chance->before_ppm), 810'000.0, 15'000.0);
    EXPECT_TRUE(plan.notes.chance->is_reached) << "by so much that one of both may fail";
    EXPECT_NEAR(static_cast<double>(bought_w(plan, 0)), 10'000.0, 200.0);
}

TEST(EventChance, WhatStandsIsAsSureAsItsDraws) {
    ChanceAsked asked = certain({10'000}, 950'000);
    asked.standing = {{"a", 800'000, {12'000}}};
    const EventId event{"ev-20270114-abcdefgh"};
    EXPECT_NEAR(static_cast<double>(standing_share_ppm(asked, event)), 800'000.0, 20'000.0);
    asked.standing.push_back({"b", 800'000, {12'000}});
    EXPECT_NEAR(static_cast<double>(standing_share_ppm(asked, event)), 960'000.0, 15'000.0);
    EXPECT_EQ(standing_share_ppm(certain({10'000}, 950'000), event), 0);
}

TEST(EventChance, ReplaysToTheSameBytesAndIsSilentWhereNobodyAsks) {
    EventPlanInput input = event_for({20'000, 12'000}, alike(20, 4'000, 850'000));
    const EventPlan before = planned(input);
    EXPECT_FALSE(before.notes.chance.has_value());
    input.facts.chance = certain({20'000, 12'000}, 900'000);
    const Result<EventPlanInput> again = event_plan_input_from_json(to_json(input));
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(event_plan_sha256(planned(*again)), event_plan_sha256(planned(input)));
    EXPECT_NE(event_plan_sha256(before), event_plan_sha256(planned(input)));
}

TEST(EventChance, AChanceThatDoesNotFitTheNeedIsRefused) {
    EventPlanInput input = event_for({20'000, 12'000}, alike(2, 4'000, 850'000));
    for (const ChanceAsked& asked :
         {certain({20'000}, 900'000), ChanceAsked{.probability_ppm = 900'000, .over_w = {{}, {}}},
          ChanceAsked{
              .probability_ppm = 900'000, .quantiles_ppm = {500'000, 500'000}, .over_w = {{1, 2}, {1, 2}}},
          ChanceAsked{
              .probability_ppm = 900'000, .quantiles_ppm = {100'000, 500'000}, .over_w = {{1, 2}, {2, 1}}}}) {
        input.facts.chance = asked;
        const Result<EventPlan> plan = make_event_plan(input);
        ASSERT_FALSE(plan.has_value());
        EXPECT_EQ(plan.error().code, Errc::invalid);
    }
}

}  // namespace
}  // namespace headroom::flex::test
