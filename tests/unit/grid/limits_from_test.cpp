#include "grid/limits_from.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace headroom::grid {
namespace {

std::vector<double> one_to(std::size_t count) {
    std::vector<double> values(count);
    std::iota(values.rbegin(), values.rend(), 1.0);  // falling, so that the order matters
    return values;
}
Result<Limit> limit_of(const std::vector<double>& values, double percentile) {
    return percentile_limit("F-1", Phase::l1, Direction::import_, std::span<const double>(values), percentile,
                            "readings.csv");
}

TEST(PercentileLimit, TakesTheNearestRank) {
    EXPECT_EQ(limit_of(one_to(100), 95.0)->value, 95.0);
    EXPECT_EQ(limit_of(one_to(10), 95.0)->value, 10.0);
    EXPECT_EQ(limit_of(one_to(5), 50.0)->value, 3.0);
    EXPECT_EQ(limit_of(one_to(5), 100.0)->value, 5.0);
    EXPECT_EQ(limit_of(one_to(5), 0.001)->value, 1.0);
}

TEST(PercentileLimit, IsUnverifiedAndSaysWhereItComesFrom) {
    const Result<Limit> limit = limit_of(one_to(100), 97.5);
    ASSERT_TRUE(limit.has_value());
    EXPECT_FALSE(limit->is_verified());
    EXPECT_EQ(limit->source, "percentile 97.5 of 100 readings, readings.csv");
    EXPECT_EQ(limit->key(), "F-1/p_kw/L1/import/continuous");
}

TEST(PercentileLimit, PassesOverUnknownValues) {
    const std::vector<float> values{1.0F, std::nanf(""), 3.0F, std::numeric_limits<float>::infinity(), 2.0F};
    const Result<Limit> limit =
        percentile_limit("F-1", Phase::sum, Direction::import_, std::span<const float>(values), 100.0, "");
    ASSERT_TRUE(limit.has_value());
    EXPECT_EQ(limit->value, 3.0);
    EXPECT_EQ(limit->source, "percentile 100 of 3 readings");
}

TEST(PercentileLimit, RefusesWhatGivesNoLimit) {
    EXPECT_EQ(limit_of({}, 95.0).error().code, Errc::invalid);
    EXPECT_EQ(limit_of({std::nan("")}, 95.0).error().message,
              "there are no readings of F-1/L1 to take a limit from");
    EXPECT_EQ(limit_of({-5.0, -3.0}, 95.0).error().message,
              "percentile 95 of 2 readings, readings.csv of F-1/L1 is -3 kW, which is no import limit");
    for (const double percentile : {0.0, -1.0, 100.5, std::nan("")}) {
        EXPECT_EQ(limit_of(one_to(5), percentile).error().code, Errc::invalid);
    }
}

}  // namespace
}  // namespace headroom::grid
