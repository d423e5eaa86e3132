#include "risk/measured_overload.hpp"

#include "unit/risk/noon.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace headroom::risk {
namespace {

const LiveThresholds limit_100 = live_thresholds(100'000, RiskRules{});

/// Ten-minute readings from noon; what ends at the close is appended.
std::vector<MeasuredOverload> follow(const std::vector<std::int64_t>& loads_kw) {
    ExcessRun run;
    std::vector<MeasuredOverload> found;
    UtcTime at = noon;
    for (const std::int64_t kw : loads_kw) {
        if (const auto ended = run.take(limit_100, at, at + minutes{10}, kw * 1000)) {
            found.push_back(*ended);
        }
        at += minutes{10};
    }
    if (const auto ended = run.finish(limit_100)) {
        found.push_back(*ended);
    }
    return found;
}

TEST(ExcessRun, BeginsWithItsFirstReadingOverAndEndsByHysteresis) {
    const std::vector<MeasuredOverload> found = follow({90, 106, 112, 98, 106, 90, 90, 90, 90});

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].start, noon + minutes{10});
    EXPECT_EQ(found[0].end, noon + minutes{50});
    EXPECT_EQ(found[0].peak_over, Watts{12'000});
    EXPECT_EQ(found[0].energy_over, WattHours{4'000});  // (6 + 12 + 6) kW for ten minutes each
    EXPECT_EQ(found[0].level, Level::high);
}

TEST(ExcessRun, LetsNoiseGo) {
    EXPECT_TRUE(follow({90, 110, 90, 90, 110, 90, 90}).empty());
}

TEST(ExcessRun, OneReadingFarOverCounts) {
    const std::vector<MeasuredOverload> found = follow({90, 131, 90, 90, 90});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].end - found[0].start, minutes{10});
    EXPECT_EQ(found[0].level, Level::critical);
}

TEST(ExcessRun, StaysOpenBetweenClearLevelAndLimit) {
    EXPECT_EQ(follow({101, 101, 99, 98, 97, 98, 99, 101, 90, 90, 90}).size(), 1U);
    EXPECT_EQ(follow({101, 101, 96, 96, 96, 101, 101, 90, 90, 90}).size(), 2U);
}

TEST(ExcessRun, EndsWhenReadingsBreakOff) {
    ExcessRun run;
    EXPECT_FALSE(run.take(limit_100, noon, noon + minutes{10}, 110'000));
    EXPECT_FALSE(run.take(limit_100, noon + minutes{10}, noon + minutes{20}, 110'000));
    const auto ended = run.take(limit_100, noon + hours{3}, noon + hours{3} + minutes{10}, 110'000);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->end, noon + minutes{20});
    EXPECT_FALSE(run.finish(limit_100)) << "a single reading after the break is noise";
}

TEST(ExcessRun, AnOverloadStillOpenAtTheEndIsTold) {
    const std::vector<MeasuredOverload> found = follow({101, 103});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].end, noon + minutes{20});
}

}  // namespace
}  // namespace headroom::risk
