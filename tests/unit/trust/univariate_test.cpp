#include "trust/univariate.hpp"
#include "core/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <functional>
#include <numbers>
#include <vector>

namespace headroom::trust {
namespace {

const Random channel_noise(31);

/// A daily shape of 288 values with noise; `alter` changes what is asked for.
std::vector<std::size_t> alarms(std::size_t values, const std::function<double(std::size_t, double)>& alter) {
    UnivariateWatch watch(UnivariateRules{});
    std::vector<std::size_t> found;
    for (std::size_t t = 0; t < values; ++t) {
        const double shape = std::sin(2 * std::numbers::pi * static_cast<double>(t % 288) / 288);
        const double score = watch.take(alter(t, 50.0 + 20.0 * shape + 0.5 * channel_noise.normal(0, t)));
        EXPECT_GE(score, 0.0);
        EXPECT_LT(score, 1.0);
        if (score > watch.threshold() && t > 600) {
            found.push_back(t);
        }
    }
    return found;
}

TEST(UnivariateWatch, AnEvenDailyCourseRaisesNothing) {
    EXPECT_TRUE(alarms(4'000, [](std::size_t, double value) { return value; }).empty());
}

TEST(UnivariateWatch, ASpikeIsOneAlarmAndThenThereIsPeace) {
    const auto found =
        alarms(4'000, [](std::size_t t, double value) { return t >= 2'000 && t < 2'010 ? 200.0 : value; });
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0], 2'000U);
}

TEST(UnivariateWatch, ALevelThatDropsIsSeenAtItsEdge) {
    const auto found =
        alarms(3'200, [](std::size_t t, double value) { return t >= 2'016 ? value - 60.0 : value; });
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found[0], 2'016U);
}

TEST(UnivariateWatch, AWildChannelHasItsOwnMeasure) {
    // Every 50th value is five times as high, from the start: it is how this channel is.
    const auto found =
        alarms(4'000, [](std::size_t t, double value) { return t % 50 == 0 ? 250.0 + value : value; });
    EXPECT_TRUE(found.empty());
}

TEST(UnivariateWatch, TheThresholdIsATenthBeyondTheRecord) {
    EXPECT_NEAR(UnivariateWatch(UnivariateRules{}).threshold(), 1.1 / 2.1, 1e-12);
}

}  // namespace
}  // namespace headroom::trust
