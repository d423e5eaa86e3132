#include "app/demo_pace.hpp"

#include <gtest/gtest.h>

namespace headroom::app {
namespace {

TEST(DecisionPatience, APlanThatNobodyLooksAtHoldsTheEveningUpForAWhileOnly) {
    DecisionPatience patience;
    const SteadyTime begun = steady_now();
    EXPECT_FALSE(patience.holds({}, begun));
    EXPECT_TRUE(patience.holds({"ev-1/a"}, begun));
    EXPECT_TRUE(patience.holds({"ev-1/a"}, begun + std::chrono::seconds{44}));
    EXPECT_FALSE(patience.holds({"ev-1/a"}, begun + std::chrono::seconds{45}));
    EXPECT_TRUE(patience.holds({"ev-1/a", "ev-2/b"}, begun + std::chrono::seconds{46})) << "another one";
    EXPECT_FALSE(patience.holds({"ev-1/a", "ev-2/b"}, begun + std::chrono::seconds{95}));
    EXPECT_FALSE(patience.holds({}, begun + std::chrono::seconds{96}));
    EXPECT_TRUE(patience.holds({"ev-1/c"}, begun + std::chrono::seconds{97})) << "planned anew";
}

}  // namespace
}  // namespace headroom::app
