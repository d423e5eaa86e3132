#include "trust/balance_cusum.hpp"
#include "core/random.hpp"
#include "trust/incident.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace headroom::trust {
namespace {

TEST(Cusum, FollowsARunReckonedByHand) {
    Cusum cusum;
    const CusumRules rules;
    struct Step {
        double z, up, down;
        bool is_over;
    };
    const std::vector<Step> run{
        {0.5, 0.0, 0.0, false},  {3.0, 2.0, 0.0, false},  {-1.5, 0.0, 0.5, false}, {5.0, 4.0, 0.0, false},
        {5.0, 8.0, 0.0, false},  {1.5, 8.5, 0.0, true},   {90.0, 15.5, 0.0, true}, {90.0, 16.0, 0.0, true},
        {-9.0, 7.0, 7.0, false}, {-4.0, 2.0, 10.0, true},
    };
    for (const Step& step : run) {
        EXPECT_EQ(cusum.take(step.z, rules), step.is_over) << "z " << step.z;
        EXPECT_DOUBLE_EQ(cusum.up, step.up) << "z " << step.z;
        EXPECT_DOUBLE_EQ(cusum.down, step.down) << "z " << step.z;
    }
    EXPECT_TRUE(cusum.take(std::nan(""), rules)) << "a missing reading changes nothing";
    EXPECT_DOUBLE_EQ(cusum.statistic(), 10.0);
}

TEST(Cusum, NoiseAloneNeverReachesTheLimitAndASmallShiftSoon) {
    const Random random(3);
    Cusum cusum;
    for (std::uint64_t i = 0; i < 200'000; ++i) {
        ASSERT_FALSE(cusum.take(random.normal(0, i), CusumRules{})) << "reading " << i;
    }
    std::uint64_t needed = 0;
    while (!cusum.take(2.0 + random.normal(1, needed), CusumRules{})) {
        ++needed;
    }
    EXPECT_LT(needed, 30U);
}

TEST(Unrest, FollowsARunReckonedByHand) {
    const UnrestRules rules{.ratio = 4.0, .limit = 3.0, .clip = 4.0, .ceiling = 5.0};
    const double quiet = 0.5 * std::log(4.0);
    Unrest unrest;
    unrest.add(0.0, rules);
    EXPECT_FALSE(unrest.settle(rules));
    EXPECT_DOUBLE_EQ(unrest.sum, 0.0) << "never below 0";
    unrest.add(2.0, rules);   // 2² · 3/8
    unrest.add(-2.0, rules);  // either way
    EXPECT_FALSE(unrest.settle(rules));
    EXPECT_DOUBLE_EQ(unrest.sum, 2 * (1.5 - quiet));
    unrest.add(std::nan(""), rules);
    unrest.add(90.0, rules);  // counts as 4
    EXPECT_TRUE(unrest.settle(rules));
    EXPECT_DOUBLE_EQ(unrest.sum, 5.0) << "the ceiling";
}

TEST(Unrest, NoiseAloneNeverReachesTheLimitAndTwiceTheDeviationSoon) {
    const Random random(5);
    const UnrestRules rules;
    Unrest unrest;
    const auto slot = [&](std::uint64_t stream, std::uint64_t i, double deviation) {
        for (std::uint64_t p = 0; p < 3; ++p) {
            unrest.add(deviation * random.normal(stream + p, i), rules);
        }
        return unrest.settle(rules);
    };
    for (std::uint64_t i = 0; i < 100'000; ++i) {
        ASSERT_FALSE(slot(0, i, 1.0)) << "slot " << i;
    }
    std::uint64_t needed = 0;
    while (!slot(10, needed, 2.0)) {
        ++needed;
    }
    EXPECT_LT(needed, 30U);
}

TEST(BalanceAccuracy, LearnsHowExactTheMetersAreFromTheirDifferences) {
    const Random random(4);
    BalanceAccuracy accuracy(AccuracyRules{});
    const double variance = accuracy.variance_kw2(40.0) + 4 * accuracy.variance_kw2(10.0);
    EXPECT_NEAR(variance, 0.25 * 0.25 + 4 * 0.1 * 0.1, 1e-12);  // 0.5 % of 40 and 10 kW, and 50 W
    for (std::uint64_t i = 0; i < AccuracyRules{}.learn; ++i) {
        EXPECT_FALSE(accuracy.is_learnt());
        const double outlier = i % 10 == 0 ? 5.0 : 0.0;  // a tenth of them is nonsense
        accuracy.take(2.0 * std::sqrt(variance) * random.normal(0, i) + outlier, variance, false);
    }
    EXPECT_TRUE(accuracy.is_learnt());
    EXPECT_NEAR(accuracy.factor(), 2.0, 0.45);
    const double before = accuracy.factor();
    for (int i = 0; i < 1'000; ++i) {
        accuracy.take(3.0 * before * std::sqrt(variance), variance, true);
        accuracy.take(50.0 * std::sqrt(variance), variance, false);
    }
    EXPECT_EQ(accuracy.factor(), before) << "what is doubted teaches nothing";
}

TEST(Incident, OpensOnTwoOfThreeClosesAfterSilenceAndThenKeepsPeace) {
    Incident incident({.raise = 2, .among = 3, .clear = 2, .refractory = 3});
    const std::string suspicions = "100101101001111110";
    const std::string changes_by_hand = ".....o....c....o..";
    std::string changes;
    for (const char c : suspicions) {
        const IncidentChange change = incident.take(c == '1');
        changes += change == IncidentChange::opened ? 'o' : change == IncidentChange::closed ? 'c' : '.';
    }
    EXPECT_EQ(changes, changes_by_hand);
    EXPECT_EQ(incident.opened(), 2U);
}

}  // namespace
}  // namespace headroom::trust
