#include "telemetry/arrival_skew.hpp"

#include <gtest/gtest.h>

namespace headroom::telemetry {
namespace {

using namespace std::chrono_literals;

ArrivalSkew taken(std::initializer_list<milliseconds> delays, int times = 4) {
    ArrivalSkew skew;
    for (int i = 0; i < times; ++i) {
        for (const milliseconds delay : delays) {
            skew.take(delay);
        }
    }
    return skew;
}

TEST(ArrivalSkew, KnowsItsQuantiles) {
    ArrivalSkew skew;
    EXPECT_EQ(skew.quantile(0.5), std::nullopt);
    for (int i = 1; i <= 20; ++i) {
        skew.take(seconds{i});
    }
    EXPECT_EQ(skew.quantile(0.05), 1s);
    EXPECT_EQ(skew.quantile(0.5), 10s);
    EXPECT_EQ(skew.quantile(1.0), 20s);
}

TEST(ArrivalSkew, OnlyTheNewestCount) {
    ArrivalSkew skew;
    for (std::size_t i = 0; i < ArrivalSkew::window; ++i) {
        skew.take(1h);
    }
    for (std::size_t i = 0; i < ArrivalSkew::window; ++i) {
        skew.take(1s);
    }
    EXPECT_EQ(skew.quantile(1.0), 1s);
    EXPECT_EQ(skew.samples(), ArrivalSkew::window);
    EXPECT_EQ(skew.taken(), 2 * ArrivalSkew::window);
}

TEST(ArrivalSkew, TellsClocksFromDelays) {
    EXPECT_EQ(taken({1s, 2s, 3s}, 2).verdict(), SkewVerdict::unknown);  // six are too few
    EXPECT_EQ(taken({1s, 2s, 3s}).verdict(), SkewVerdict::ok);
    EXPECT_EQ(taken({-600s, -601s, -599s}).verdict(), SkewVerdict::ahead);
    EXPECT_EQ(taken({600s, 610s, 620s}).verdict(), SkewVerdict::behind);
    EXPECT_EQ(taken({130s, 900s, 3600s}).verdict(), SkewVerdict::delayed);
    EXPECT_EQ(taken({-20s, -25s}).verdict(), SkewVerdict::ok);  // within what clocks differ by
}

}  // namespace
}  // namespace headroom::telemetry
