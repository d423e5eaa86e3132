#include "rehearsal/windows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace headroom::rehearsal {
namespace {

using testing::ElementsAre;
constexpr float unknown = std::numeric_limits<float>::quiet_NaN();

TEST(Overloads, ASingleHalfHourWithinOrUnknownDoesNotEndOne) {
    const std::vector<float> load{90, 101, 99, 102, unknown, 103, 90, 90, 101};
    EXPECT_THAT(overloads_of(load, 100.0), ElementsAre(Window{1, 6}, Window{8, 9}));
}

TEST(Overloads, TheLimitItselfIsNotOver) {
    EXPECT_TRUE(overloads_of(std::vector<float>{100, 99.9F}, 100.0).empty());
}

TEST(Alarms, StandUntilBelowTheClearLevel) {
    const std::vector<float> foretold{98, 101, 98, 97.1F, 96.9F, 98, 101};
    EXPECT_THAT(alarms_of(foretold, 100.0), ElementsAre(Window{1, 4}, Window{6, 7}));
}

TEST(Alarms, EndWhereNothingIsForetold) {
    EXPECT_THAT(alarms_of(std::vector<float>{101, unknown, 99}, 100.0), ElementsAre(Window{0, 1}));
}

TEST(Alarms, LongOnesAreCut) {
    const std::vector<float> foretold(200, 150.0F);
    EXPECT_THAT(alarms_of(foretold, 100.0), ElementsAre(Window{0, 96}, Window{96, 192}, Window{192, 200}));
}

}  // namespace
}  // namespace headroom::rehearsal
