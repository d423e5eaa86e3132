#include "forecast/live_sum.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace headroom::forecast {
namespace {

const UtcTime noon = parse_utc("2026-11-20T12:00:00Z").value();

/// Quantiles around `middle`, the outermost `reach` away.
LoadForecast forecast_around(std::int32_t middle, std::int32_t reach, std::size_t periods,
                             Method method = Method::ensemble) {
    LoadForecast out;
    out.origin = noon;
    out.start = noon;
    out.method = method;
    for (std::size_t i = 0; i < periods; ++i) {
        out.load_w.push_back({middle - reach, middle - reach / 2, middle - reach / 4, middle,
                              middle + reach / 4, middle + reach / 2, middle + reach});
    }
    return out;
}

TEST(CoherentSum, TheMiddleIsTheSumOfTheMiddles) {
    const std::vector parts{forecast_around(30'000, 4'000, 4), forecast_around(50'000, 3'000, 3)};
    const auto sum = coherent_sum(parts, nullptr);
    ASSERT_TRUE(sum);
    ASSERT_EQ(sum->load_w.size(), 3U) << "as far as all reach";
    EXPECT_EQ(sum->load_w[0][3], 80'000);
    // Half common (7 kW together), half each its own (5 kW together): the root of (49 + 25) / 2.
    EXPECT_EQ(sum->load_w[0][6], 86'083);
    EXPECT_EQ(sum->load_w[0][0], 73'917);
    EXPECT_TRUE(std::ranges::is_sorted(sum->load_w[0]));
}

TEST(CoherentSum, OneFeederIsItself) {
    const std::vector parts{forecast_around(30'000, 4'000, 2)};
    EXPECT_EQ(coherent_sum(parts, nullptr)->load_w, parts[0].load_w);
}

TEST(CoherentSum, TheSubstationsOwnMeterTellsHowSureItIs) {
    const std::vector parts{forecast_around(30'000, 4'000, 2), forecast_around(50'000, 3'000, 2)};
    const LoadForecast own = forecast_around(77'000, 2'000, 2);
    const auto sum = coherent_sum(parts, &own);
    EXPECT_EQ(sum->load_w[1][3], 80'000) << "agrees with the feeders";
    EXPECT_EQ(sum->load_w[1][6], 82'000);
}

TEST(CoherentSum, IsNoBetterThanItsWorstPartAndNothingWithoutOne) {
    std::vector parts{forecast_around(30'000, 4'000, 2),
                      forecast_around(50'000, 3'000, 2, Method::persistence)};
    EXPECT_EQ(coherent_sum(parts, nullptr)->method, Method::persistence);
    parts[1].load_w.clear();
    EXPECT_FALSE(coherent_sum(parts, nullptr));
    EXPECT_FALSE(coherent_sum({}, nullptr));
}

}  // namespace
}  // namespace headroom::forecast
