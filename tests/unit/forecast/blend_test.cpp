#include "forecast/blend.hpp"

#include "core/random.hpp"
#include "forecast/calendar_days.hpp"
#include "forecast/conformal.hpp"
#include "forecast/ridge_sums.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace headroom::forecast {
namespace {

using std::chrono::sys_days;

TEST(BlendWeights, TwoEqualIndependentModelsShare) {
    ErrorProducts errors(3);
    const Random random(3);
    for (std::uint64_t i = 0; i < 5000; ++i) {
        errors.add(std::vector{random.normal(i, 0), random.normal(i, 1), 5.0 + random.normal(i, 2)}, 1.0);
    }
    const std::vector<double> weights = blend_weights(errors, std::vector{0.2, 0.2, 0.6}, 1.0);
    // Shares go with the inverse of the mean squares: 1, 1 and 26.
    EXPECT_NEAR(weights[0], 0.49, 0.03);
    EXPECT_NEAR(weights[1], 0.49, 0.03);
    EXPECT_NEAR(weights[2], 0.019, 0.01);
}

TEST(BlendWeights, WithoutErrorsThePriorStands) {
    const std::vector<double> prior{0.7, 0.3};
    EXPECT_EQ(blend_weights(ErrorProducts(2), prior, 10.0), prior);
}

TEST(BlendWeights, AModelWithoutPriorStaysOut) {
    ErrorProducts errors(2);
    errors.add(std::vector{1.0, 0.0}, 100.0);
    EXPECT_EQ(blend_weights(errors, std::vector{1.0, 0.0}, 1.0), (std::vector{1.0, 0.0}));
}

TEST(WeightedQuantiles, FollowTheWeights) {
    std::vector<WeightedError> errors;
    for (int i = 0; i < 1000; ++i) {
        errors.push_back({static_cast<double>(999 - i), 1.0});
    }
    const QuantileValues even = weighted_quantiles(errors);
    EXPECT_NEAR(even[3], 499.5, 1e-9);
    EXPECT_NEAR(even[5], 899.5, 1e-9);
    for (WeightedError& entry : errors) {
        entry.weight = entry.error < 500.0 ? 1.0 : 0.0;
    }
    EXPECT_NEAR(weighted_quantiles(errors)[3], 249.5, 1e-9);
    std::vector<WeightedError> none;
    EXPECT_EQ(weighted_quantiles(none), QuantileValues{});
}

// A forecast whose errors have doubled keeps the shares it promises.
TEST(QuantileTracker, KeepsItsShareThroughDrift) {
    const Random random(4);
    QuantileTracker tracker(0.02);
    const QuantileValues base{-1.64, -1.28, -0.67, 0.0, 0.67, 1.28, 1.64};
    double below = 0.0;
    constexpr std::uint64_t count = 6000;
    for (std::uint64_t i = 0; i < count; ++i) {
        const double error = 2.0 * random.normal(i, 0) + 0.5;
        const QuantileValues at = shifted(base, tracker.offsets());
        EXPECT_TRUE(std::ranges::is_sorted(at));
        below += error <= at[5] ? 1.0 : 0.0;
        tracker.observe(error, at);
    }
    EXPECT_NEAR(below / static_cast<double>(count), 0.9, 0.02);
}

TEST(RidgeSums, FindsAStraightLineAndForgetsConstantTerms) {
    RidgeSums sums(3);
    const Random random(6);
    for (std::uint64_t i = 0; i < 400; ++i) {
        const std::vector<double> terms{random.normal(i, 0), random.normal(i, 1), 4.0};
        sums.add(terms, 2.0 * terms[0] - terms[1] + 7.0);
    }
    const LinearModel model = sums.solve(1e-9);
    EXPECT_NEAR(model.predict(std::vector{1.0, 1.0, 4.0}), 8.0, 1e-5);
    EXPECT_EQ(model.weights[2], 0.0);
    EXPECT_LT(std::abs(sums.solve(10.0).weights[0]), 0.3);
    EXPECT_EQ(RidgeSums(3).solve(1.0).predict(std::vector{1.0, 2.0, 3.0}), 0.0);
}

Date date(int y, unsigned m, unsigned d) {
    return std::chrono::year{y} / std::chrono::month{m} / std::chrono::day{d};
}

TEST(PlaceInDay, FollowsBothClocksThroughTheirChange) {
    const auto at = [](int y, unsigned m, unsigned d, int hour) {
        return (sys_days{date(y, m, d)}.time_since_epoch() + std::chrono::hours{hour}) /
               std::chrono::seconds{1};
    };
    EXPECT_EQ(place_in_day(Region::england_and_wales, at(2019, 3, 31, 0)).minute, 0);
    EXPECT_EQ(place_in_day(Region::england_and_wales, at(2019, 3, 31, 1)).minute, 120);
    EXPECT_EQ(place_in_day(Region::netherlands, at(2019, 3, 31, 0)).minute, 60);
    EXPECT_EQ(place_in_day(Region::netherlands, at(2019, 3, 31, 1)).minute, 180);
    const DayPlace late = place_in_day(Region::netherlands, at(2020, 12, 31, 23));
    EXPECT_TRUE(late.is_holiday);  // past midnight there
    EXPECT_EQ(late.weekday, 4);
    EXPECT_EQ(late.day_of_year, 0);
}

// Days that share a place in the memory of days, in turns.
TEST(PlaceInDay, TellsDaysApartThatAreSixtyFourDaysApart) {
    const std::int64_t day = 86'400;
    const std::int64_t christmas = sys_days{date(2021, 12, 25)}.time_since_epoch() / std::chrono::seconds{1};
    for (int turn = 0; turn < 2; ++turn) {
        EXPECT_TRUE(place_in_day(Region::netherlands, christmas).is_holiday);
        EXPECT_FALSE(place_in_day(Region::england_and_wales, christmas).is_holiday);  // made up for on Monday
        EXPECT_EQ(place_in_day(Region::netherlands, christmas).weekday, 5);
        EXPECT_EQ(place_in_day(Region::netherlands, christmas - 64 * day).weekday, 4);
        EXPECT_FALSE(place_in_day(Region::netherlands, christmas - 64 * day).is_holiday);
        EXPECT_EQ(place_in_day(Region::netherlands, -day).weekday, 2);  // 1969-12-31
    }
}

}  // namespace
}  // namespace headroom::forecast
