// Monte Carlo: DERs fail at their rates, and the overload is prevented as often as was asked for.
#include "sim/plan_trials.hpp"

#include <gtest/gtest.h>

namespace headroom::sim::test {
namespace {

class Trials : public ::testing::TestWithParam<double> {};

TEST_P(Trials, PreventAsOftenAsAskedForAndNoDearerThanGreedy) {
    const Result<TrialOutcome> outcome = try_plans({.probability = GetParam()});
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
    EXPECT_EQ(outcome->unplanned, 0);
    EXPECT_GE(outcome->events, 1'000);
    EXPECT_NEAR(outcome->share(), GetParam(), 0.02);
    EXPECT_LE(outcome->cost_gbp, outcome->greedy_gbp);
}

INSTANTIATE_TEST_SUITE_P(Asked, Trials, ::testing::Values(0.9));

TEST(PlanTrials, ADeliveryWithoutAnyoneCoversNothing) {
    const PlanTrials trials;
    const flex::PlanRequest request = trial_request(trials, 0);
    EXPECT_FALSE(is_prevented(request, flex::SchedulePlan{}, 0));
    EXPECT_EQ(trial_request(trials, 1).need.required_kw, trial_request(trials, 1).need.required_kw);
    EXPECT_NE(trial_request(trials, 1).need.required_kw, request.need.required_kw);
}

}  // namespace
}  // namespace headroom::sim::test
