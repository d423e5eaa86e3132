#include "trust/stay_watch.hpp"
#include "core/random.hpp"
#include "unit/trust/slots.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

namespace headroom::trust {
namespace {

constexpr std::array<double, 3> means{10.0, 8.0, 12.0};
const Random stay_noise(31);

/// Kilowatts of a phase: the same shape every day, with noise of 5 % of the mean.
double load_kw(std::size_t t, std::size_t phase) {
    const bool is_day = t % slots >= 48 && t % slots < 132;
    return means[phase] * ((is_day ? 1.2 : 0.7) + 0.05 * stay_noise.normal(phase, t, 1));
}

/// Takes slots from `t` until `end`, shares of the means added by phase.
void live(StayWatch& watch, std::size_t& t, std::size_t end, const std::array<double, 3>& added = {},
          bool is_doubted = false) {
    for (; t < end; ++t) {
        std::array<double, 3> kw{};
        for (std::size_t p = 0; p < 3; ++p) {
            kw[p] = load_kw(t, p) + added[p] * means[p];
        }
        watch.take(kw, means, is_doubted);
    }
}

TEST(StayWatch, WhatIsAddedToAllPhasesStaysAfterTwoHoursAndIsGoneWhenItIs) {
    StayWatch watch(3, StayRules{});
    std::size_t t = 0;
    live(watch, t, 5 * slots + 60);
    EXPECT_LT(watch.tenths(), 0.3);
    const std::size_t begin = t;
    live(watch, t, begin + 9, {0.3, 0.3, 0.3});
    EXPECT_LT(watch.tenths(), 0.5) << "an hour and a half of it is not yet a stay";
    live(watch, t, begin + 20, {0.3, 0.3, 0.3});
    EXPECT_GT(watch.tenths(), 1.5);
    EXPECT_LT(watch.tenths(), 3.5);
    live(watch, t, begin + 24);
    EXPECT_LT(watch.tenths(), 0.3);
}

TEST(StayWatch, ThePhaseThatStaysLeastSpeaksForAll) {
    StayWatch watch(3, StayRules{});
    std::size_t t = 0;
    live(watch, t, 5 * slots + 60);
    live(watch, t, t + 30, {0.6, 0.6, 0.0});
    EXPECT_LT(watch.tenths(), 0.3);
}

TEST(StayWatch, AFallBetweenIsNoStay) {
    StayWatch watch(3, StayRules{});
    std::size_t t = 0;
    live(watch, t, 5 * slots + 60);
    live(watch, t, t + 10, {0.4, 0.4, 0.4});
    live(watch, t, t + 3);
    live(watch, t, t + 10, {0.4, 0.4, 0.4});
    EXPECT_LT(watch.tenths(), 0.3);
}

TEST(StayWatch, WhatStaysTodayIsTheRecordOfTomorrowUnlessItIsDoubted) {
    for (const bool is_doubted : {false, true}) {
        StayWatch watch(3, StayRules{});
        std::size_t t = 0;
        live(watch, t, 5 * slots + 60);
        live(watch, t, t + 60, {0.3, 0.3, 0.3}, is_doubted);
        live(watch, t, 6 * slots + 66);
        live(watch, t, t + 30, {0.3, 0.3, 0.3});
        EXPECT_EQ(watch.tenths() > 1.5, is_doubted);
    }
}

TEST(StayWatch, ARecordIsForgottenAfterTwoWeeks) {
    StayWatch watch(3, StayRules{});
    std::size_t t = 0;
    live(watch, t, 2 * slots);
    live(watch, t, 3 * slots, {0.5, 0.5, 0.5});
    live(watch, t, 13 * slots + 60);
    live(watch, t, t + 30, {0.3, 0.3, 0.3});
    EXPECT_LT(watch.tenths(), 0.3) << "last week it was higher";
    live(watch, t, 15 * slots + 60);
    live(watch, t, t + 30, {0.6, 0.6, 0.6});
    EXPECT_GT(watch.tenths(), 1.5);
}

TEST(StayWatch, AMissingReadingSaysNothing) {
    StayWatch watch(3, StayRules{});
    std::size_t t = 0;
    live(watch, t, 5 * slots + 60);
    live(watch, t, t + 20, {0.3, 0.3, 0.3});
    ASSERT_GT(watch.tenths(), 1.0);
    watch.take(std::array{13.0, std::numeric_limits<double>::quiet_NaN(), 15.0}, means, false);
    EXPECT_DOUBLE_EQ(watch.tenths(), 0.0);
}

TEST(StayWatch, TenthsAreWorthMoreTheLongerTheRecordStandsAndNotWithoutEnd) {
    const StayRules rules;
    StayWatch watch(3, rules);
    EXPECT_DOUBLE_EQ(watch.worth(2.0), 0.0) << "there is no record";
    std::size_t t = 0;
    live(watch, t, 2 * slots);
    const double young = watch.worth(2.0);
    EXPECT_NEAR(young, rules.tenth_weight * 2.0 + rules.day_weight * std::log(2.0) - rules.cost, 1e-12);
    live(watch, t, 6 * slots);
    EXPECT_NEAR(watch.worth(2.0) - young, rules.day_weight * std::log(3.0), 1e-12);
    EXPECT_DOUBLE_EQ(watch.worth(9.0), watch.worth(rules.tenths_max));
    EXPECT_DOUBLE_EQ(watch.worth(0.0), 0.0);
    EXPECT_DOUBLE_EQ(watch.worth(-1.0), 0.0);
}

}  // namespace
}  // namespace headroom::trust
