// Live events' plans are as sure as the rules ask: over evenings that are drawn, not from what the plan drew.
#include "sim/event_trials.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace headroom::sim::test {
namespace {

EventTrialOutcome tried(EventTrials trials) {
    const Result<EventTrialOutcome> outcome = try_event_plans(trials);
    EXPECT_TRUE(outcome.has_value());
    return outcome ? *outcome : EventTrialOutcome{};
}

TEST(EventTrials, TheOverloadIsPreventedAsOftenAsAskedWithinTwoPoints) {
    for (const double probability : {0.8, 0.9, 0.97}) {
        const EventTrialOutcome outcome = tried({.plans = 25, .evenings = 200, .probability = probability});
        EXPECT_GE(outcome.events, 4'000) << probability;
        EXPECT_NEAR(outcome.share(), probability, 0.02) << probability;
        EXPECT_NEAR(outcome.share(), static_cast<double>(outcome.promised_ppm) / 1e6, 0.02) << probability;
    }
}

TEST(EventTrials, ACertainLoadLeavesOnlyTheFailingOfDers) {
    const EventTrialOutcome outcome =
        tried({.seed = 2, .plans = 25, .evenings = 200, .probability = 0.95, .spread_share = 0.0});
    EXPECT_GE(outcome.events, 4'000);
    EXPECT_NEAR(outcome.share(), 0.95, 0.02);
}

TEST(EventTrials, WhatIsRefusedIsBoughtAnewAsSurely) {
    for (const double probability : {0.8, 0.9}) {
        const EventTrialOutcome outcome =
            tried({.seed = 3, .plans = 25, .evenings = 200, .probability = probability, .refusing = 1});
        EXPECT_GE(outcome.events, 4'000) << probability;
        EXPECT_GE(outcome.topped_up, 20);
        EXPECT_NEAR(outcome.share(), probability, 0.02) << probability;
        const double without = static_cast<double>(outcome.left_alone) / static_cast<double>(outcome.events);
        EXPECT_LT(without, probability - 0.1) << "what stands alone is far less sure";
    }
}

TEST(EventTrials, WithoutAProbabilityExpectedReliefIsFarLessSure) {
    EventTrials trials{.plans = 1, .evenings = 1'200};
    flex::EventPlanInput input = event_trial_input(trials, 0);
    const std::int64_t asked = input.facts.chance->probability_ppm;
    input.facts.chance->probability_ppm = 500'000;
    const Result<flex::EventPlan> less = flex::make_event_plan(input);
    input.facts.chance->probability_ppm = asked;
    const Result<flex::EventPlan> more = flex::make_event_plan(input);
    ASSERT_TRUE(less && more);
    EXPECT_LT(less->plan.cost, more->plan.cost);
    EXPECT_LT(less->notes.chance->reached_ppm + 20'000, more->notes.chance->reached_ppm);
}

}  // namespace
}  // namespace headroom::sim::test
