#include "trust/shift_habit.hpp"

#include <gtest/gtest.h>

#include <cstddef>

namespace headroom::trust {
namespace {

/// `days` days of 144 slots of which every `every`th reaches `high`, the others 0.2.
ShiftHabit lived(double high, std::size_t every, std::size_t days = 4) {
    ShiftHabit habit(HabitRules{});
    for (std::size_t i = 0; i < days * 144; ++i) {
        habit.take(i % every == 0 ? high : 0.2, 0.0, 0.0, true);
    }
    return habit;
}

TEST(ShiftHabit, ARatioIsToldInWhatTheFeederReachesAnyway) {
    ShiftHabit calm = lived(1.0, 50);
    ShiftHabit wild = lived(7.0, 50);
    EXPECT_NEAR(calm.reach(), 1.1, 0.15);
    EXPECT_NEAR(wild.reach(), 7.1, 0.15);
    const HabitRules rules;
    EXPECT_NEAR(calm.take(0.0, 8.0, 0.0, true).single, 8.0 * rules.scale / (rules.base + 1.1), 0.3);
    EXPECT_NEAR(wild.take(0.0, 8.0, 0.0, true).single, 8.0 * rules.scale / (rules.base + 7.1), 0.2);
}

TEST(ShiftHabit, WhatHappensLessThanOnceInAHundredReadingsIsNoHabit) {
    EXPECT_LT(lived(12.0, 144).reach(), 1.0);
}

TEST(ShiftHabit, UntilItIsKnownAFeederIsTakenForAnAverageOne) {
    ShiftHabit habit(HabitRules{});
    const HabitRules rules;
    EXPECT_DOUBLE_EQ(habit.take(0.0, 5.0, 0.0, true).single, 5.0 * rules.scale / (rules.base + rules.usual));
}

TEST(ShiftHabit, AMoveAndItsReturnAreAddedLessTheSearch) {
    ShiftHabit habit = lived(1.0, 50);
    const double up = habit.take(0.0, 6.0, 0.0, true).single;
    for (std::size_t i = 0; i < 29; ++i) {
        habit.take(0.0, 0.0, 0.0, true);
    }
    const ShiftHabit::Answer back = habit.take(6.0, 0.0, 0.0, true);
    EXPECT_NEAR(back.pair, up + back.single - HabitRules{}.pair_cost, 0.3);
    EXPECT_EQ(back.ago, 30U);
    EXPECT_GT(back.pair, back.single);
}

TEST(ShiftHabit, ALoudMoveWasToldAlreadyAndLendsNothingToWhatComesAfter) {
    ShiftHabit habit = lived(1.0, 50);
    ASSERT_GT(habit.take(0.0, 20.0, 0.0, true).single, HabitRules{}.loud);
    for (std::size_t i = 0; i < 29; ++i) {
        EXPECT_DOUBLE_EQ(habit.take(0.0, 0.0, 0.0, true).pair, 0.0);
    }
    EXPECT_DOUBLE_EQ(habit.take(4.0, 0.0, 0.0, true).pair, 0.0);
}

TEST(ShiftHabit, AMoveUpIsAddedToWhatItsStayIsWorth) {
    const HabitRules rules;
    ShiftHabit habit = lived(1.0, 50);
    const double edge = habit.take(0.0, 2.0, 0.0, true).single;
    ASSERT_GT(edge, rules.stay_least);
    for (std::size_t i = 1; i < rules.back_after; ++i) {
        EXPECT_DOUBLE_EQ(habit.take(0.0, 0.0, 8.0, true).stay, 0.0) << "too soon for it to have stayed";
    }
    EXPECT_DOUBLE_EQ(habit.take(0.0, 0.0, 8.0, true).stay, 0.0) << "one reading is none";
    const ShiftHabit::Answer high = habit.take(0.0, 0.0, 9.0, true);
    EXPECT_NEAR(high.stay, edge + 8.0, 0.1) << "the weaker of two speaks";
    EXPECT_EQ(high.stay_ago, rules.back_after + 1);
    EXPECT_DOUBLE_EQ(habit.take(0.0, 0.0, 0.0, true).stay, 0.0) << "it has come down";
    EXPECT_DOUBLE_EQ(habit.take(0.0, 0.0, 8.0, false).stay, 0.0) << "the balance is broken";
}

TEST(ShiftHabit, WithoutAMoveUpAHighLoadIsWeather) {
    ShiftHabit habit = lived(1.0, 50);
    habit.take(6.0, 0.0, 0.0, true);
    for (std::size_t i = 0; i < 40; ++i) {
        EXPECT_DOUBLE_EQ(habit.take(0.0, 0.0, 8.0, true).stay, 0.0);
    }
}

TEST(ShiftHabit, ARepeatedMoveTheSameWayIsNoReturn) {
    ShiftHabit habit = lived(1.0, 50);
    habit.take(6.0, 0.0, 0.0, true);
    for (std::size_t i = 0; i < 29; ++i) {
        habit.take(0.0, 0.0, 0.0, true);
    }
    const ShiftHabit::Answer again = habit.take(6.0, 0.0, 0.0, true);
    EXPECT_LT(again.pair, again.single);
}

TEST(ShiftHabit, AReturnComesWithinHoursAndNotAtOnce) {
    for (const std::size_t after : {HabitRules{}.back_after - 1, HabitRules{}.back_within + 1}) {
        ShiftHabit habit = lived(0.0, 50);
        habit.take(0.0, 6.0, 0.0, true);
        for (std::size_t i = 1; i < after; ++i) {
            habit.take(0.0, 0.0, 0.0, true);
        }
        const ShiftHabit::Answer back = habit.take(6.0, 0.0, 0.0, true);
        EXPECT_LT(back.pair, back.single) << after;
    }
}

TEST(ShiftHabit, NothingIsLearntOfABrokenBalance) {
    ShiftHabit habit = lived(1.0, 50);
    const double before = habit.reach();
    for (std::size_t i = 0; i < 144; ++i) {
        habit.take(0.0, 9.0, 0.0, false);
    }
    EXPECT_DOUBLE_EQ(habit.reach(), before);
    const ShiftHabit::Answer back = habit.take(6.0, 0.0, 0.0, true);
    EXPECT_LT(back.pair, back.single) << "nor is it where something returns from";
}

}  // namespace
}  // namespace headroom::trust
