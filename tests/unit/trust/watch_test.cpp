#include "trust/watch.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace headroom::trust {
namespace {

const UtcTime noon = parse_utc("2026-11-20T12:00:00Z").value();

/// Readings of one point a minute apart, against a limit of 100.
struct Meter {
    Watch watch;
    UtcTime at = noon;
    UtcTime before = noon;
    Verdict take(double value) {
        const Watch was = watch;
        const milliseconds distance = at - before;
        const Judgement judgement = judge(watch, WatchRules{}, distance, value, 100.0);
        Verdict verdict{.at = at,
                        .doubt = judgement.doubt,
                        .usable = judgement.usable,
                        .detail = explain(judgement, was, WatchRules{}, distance, value, 100.0)};
        before = at;
        at += minutes{1};
        return verdict;
    }
    /// A load that wanders by one between 50 and 53.
    void calm(int readings) {
        for (int i = 0; i < readings; ++i) {
            const Verdict verdict = take(50.0 + i % 4);
            EXPECT_TRUE(verdict.usable);
            EXPECT_EQ(verdict.doubt, Doubt::none);
        }
    }
};

TEST(Watch, ASourceThatSendsOnChangeMayRepeatItselfAndBeSilent) {
    Meter meter;
    meter.watch.sends_changes = true;
    for (int i = 0; i < 12; ++i) {
        const Verdict verdict = meter.take(50.0);
        EXPECT_TRUE(verdict.usable) << i;
        EXPECT_EQ(verdict.doubt, Doubt::none) << i;
    }
    meter.at += hours{3};
    EXPECT_EQ(meter.take(51.0).doubt, Doubt::none);
    meter.watch.sends_changes = false;
    for (int i = 0; i < 4; ++i) {
        EXPECT_TRUE(meter.take(51.0).usable);
    }
    EXPECT_EQ(meter.take(51.0).doubt, Doubt::stuck) << "from then on equal ones count again";
}

TEST(Watch, SixEqualReadingsAreAStuckMeterUntilItMovesAgain) {
    Meter meter;
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(meter.take(40.0).usable);
    }
    const Verdict sixth = meter.take(40.0);
    EXPECT_EQ(sixth.doubt, Doubt::stuck);
    EXPECT_FALSE(sixth.usable);
    EXPECT_EQ(sixth.detail, "6 times 40.000 in a row");
    const Verdict seventh = meter.take(40.0);
    EXPECT_EQ(seventh.doubt, Doubt::none) << "told once";
    EXPECT_FALSE(seventh.usable);
    EXPECT_TRUE(meter.take(41.0).usable);
}

TEST(Watch, ZeroIsNoStuckValue) {
    Meter meter;
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(meter.take(0.0).usable);
    }
}

TEST(Watch, ASpikeIsKeptOutAndLeavesNoTrace) {
    Meter meter;
    meter.calm(30);
    const Verdict spike = meter.take(190.0);
    EXPECT_EQ(spike.doubt, Doubt::spike);
    EXPECT_FALSE(spike.usable);
    const Verdict back = meter.take(52.0);
    EXPECT_EQ(back.doubt, Doubt::none);
    EXPECT_TRUE(back.usable);
    EXPECT_EQ(meter.take(190.0).doubt, Doubt::spike) << "the next one is one again";
}

TEST(Watch, AStepThatStaysIsBelievedAtTheSecondReading) {
    Meter meter;
    meter.calm(30);
    EXPECT_FALSE(meter.take(120.0).usable);
    const Verdict second = meter.take(121.0);
    EXPECT_TRUE(second.usable);
    EXPECT_EQ(second.doubt, Doubt::none);
}

TEST(Watch, MoreThanSixTimesTheLimitIsOutOfRange) {
    Meter meter;
    meter.calm(3);
    EXPECT_TRUE(meter.take(600.0).usable);
    const Verdict absurd = meter.take(-600.1);
    EXPECT_EQ(absurd.doubt, Doubt::range);
    EXPECT_FALSE(absurd.usable);
    EXPECT_EQ(judge(meter.watch, WatchRules{}, minutes{1}, 9e5, 0.0).doubt, Doubt::none) << "no limit known";
}

TEST(Watch, AGapIsToldAndItsNeighboursAreUsable) {
    Meter meter;
    meter.calm(5);
    meter.at += minutes{3};
    const Verdict after = meter.take(51.0);
    EXPECT_EQ(after.doubt, Doubt::gap);
    EXPECT_TRUE(after.usable);
    EXPECT_EQ(after.detail, "nothing for 240 s");
}

TEST(Doubt, HasAWordForEach) {
    EXPECT_EQ(to_string(Doubt::none), "none");
    EXPECT_EQ(to_string(Doubt::balance), "balance");
}

}  // namespace
}  // namespace headroom::trust
