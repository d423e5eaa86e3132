#include "app/demo_pace.hpp"

#include <gtest/gtest.h>

namespace headroom::app {
namespace {

TEST(DecisionPatience, APlanThatNobodyLooksAtHoldsTheEveningUpForAWhileOnly) {
    DecisionPatience patience;
    const SteadyTime begun = steady_now();
    EXPECT_FALSE(patience.holds({}, begun));
    EXPECT_TRUE(patience.holds({"ev-1/a"}, begun));
    EXPECT_TRUE(patience.holds({"ev-1/a"}, begun + std::chrono::seconds{119}));
    EXPECT_FALSE(patience.holds({"ev-1/a"}, begun + std::chrono::seconds{120}));
    EXPECT_TRUE(patience.holds({"ev-1/a", "ev-2/b"}, begun + std::chrono::seconds{121})) << "another one";
    EXPECT_FALSE(patience.holds({"ev-1/a", "ev-2/b"}, begun + std::chrono::seconds{245}));
    EXPECT_FALSE(patience.holds({}, begun + std::chrono::seconds{246}));
    EXPECT_TRUE(patience.holds({"ev-1/c"}, begun + std::chrono::seconds{247})) << "planned anew";
}

}  // namespace
}  // namespace headroom::app
