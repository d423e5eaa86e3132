#include "forecast/forecaster.hpp"

#include "core/random.hpp"
#include "forecast/ridge.hpp"
#include "unit/forecast/periods.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace headroom::forecast {
namespace {

using features::HalfHours;
using features::period_index;
using features::period_start;

const UtcTime monday = parse_utc("2026-11-02T00:00:00Z").value();

/// A feeder with an evening peak, a level of its own and noise; `days` from Monday.
std::vector<float> made_up_load(std::uint64_t feeder, int days, double noise) {
    const Random random(7);
    std::vector<float> kw;
    const double level = 20.0 + 10.0 * static_cast<double>(feeder % 5);
    double drift = 0.0;
    for (int i = 0; i < days * 48; ++i) {
        const double hour = (i % 48) / 2.0;
        drift = 0.9 * drift + noise * random.normal(feeder, static_cast<std::uint64_t>(i));
        kw.push_back(
            static_cast<float>(level * (1.0 + 0.6 * std::exp(-std::pow((hour - 18.0) / 2.5, 2.0)) + drift)));
    }
    return kw;
}

struct Fleet {
    std::vector<std::vector<float>> loads;
    std::vector<HalfHours> histories;
    Fleet(std::size_t feeders, int days, double noise) {
        for (std::size_t f = 0; f < feeders; ++f) {
            loads.push_back(made_up_load(f, days, noise));
        }
        for (const std::vector<float>& load : loads) {
            histories.push_back({.first = period_index(monday), .kw = load});
        }
    }
    /// What is known of `feeder` at `origin`.
    [[nodiscard]] HalfHours before(std::size_t feeder, std::int64_t origin) const {
        const HalfHours& all = histories[feeder];
        return {.first = all.first, .kw = all.kw.first(static_cast<std::size_t>(origin - all.first))};
    }
};

TEST(Ridge, FindsTheWeightsOfALinearRelation) {
    NormalEquations equations;
    const Random random(3);
    for (std::uint64_t i = 0; i < 200; ++i) {
        features::FeatureRow row{};
        row[0] = 1.0;
        row[1] = random.normal(1, i);
        row[2] = random.normal(2, i);
        equations.add(row, 5.0 + 2.0 * row[1] - 3.0 * row[2]);
    }
    const features::FeatureRow weights = equations.solve(1e-9);
    EXPECT_NEAR(weights[0], 5.0, 1e-6);
    EXPECT_NEAR(weights[1], 2.0, 1e-6);
    EXPECT_NEAR(weights[2], -3.0, 1e-6);
    EXPECT_NEAR(weights[3], 0.0, 1e-6);
}

TEST(Ridge, CholeskySolvesASmallSystemByHand) {
    std::vector<double> a{4.0, 0.0, 2.0, 3.0};  // [[4, 2], [2, 3]]
    std::vector<double> b{10.0, 9.0};
    ASSERT_TRUE(solve_cholesky(a, b));
    EXPECT_DOUBLE_EQ(b[0], 1.5);
    EXPECT_DOUBLE_EQ(b[1], 2.0);
    std::vector<double> indefinite{1.0, 0.0, 2.0, 1.0};
    std::vector<double> c{1.0, 1.0};
    EXPECT_FALSE(solve_cholesky(indefinite, c));
}

TEST(Quantiles, LieBetweenTheOrderStatistics) {
    std::vector<float> values;
    for (int i = 100; i >= 0; --i) {
        values.push_back(static_cast<float>(i));
    }
    const QuantileValues q = quantiles_of(values);
    EXPECT_DOUBLE_EQ(q[0], 5.0);
    EXPECT_DOUBLE_EQ(q[3], 50.0);
    EXPECT_DOUBLE_EQ(q[6], 95.0);
}

TEST(LeadBucket, CoversADay) {
    EXPECT_EQ(lead_bucket(1), 0U);
    EXPECT_EQ(lead_bucket(3), 2U);
    EXPECT_EQ(lead_bucket(4), 2U);
    EXPECT_EQ(lead_bucket(5), 3U);
    EXPECT_EQ(lead_bucket(48), 6U);
}

TEST(SeasonalNaive, TakesYesterdayOrLastWeekWhenYesterdayWasAnotherKindOfDay) {
    std::vector<float> kw;
    for (int i = 0; i < 14 * 48; ++i) {
        kw.push_back(static_cast<float>(i));
    }
    const HalfHours past{.first = period_index(monday), .kw = kw};
    const auto naive = [&](int index, int origin) {
        const std::int64_t target = past.first + index;
        return seasonal_naive(past, past.first + origin, target, features::period_calendar(target));
    };
    EXPECT_EQ(naive(8 * 48 + 10, 8 * 48), 7.0 * 48 + 10) << "Tuesday: Monday";
    EXPECT_EQ(naive(7 * 48 + 10, 7 * 48), 10.0) << "Monday: the Monday before, not Sunday";
    EXPECT_EQ(naive(5 * 48 + 10, 5 * 48), 4.0 * 48 + 10) << "the first Saturday has only Friday";
    EXPECT_TRUE(std::isnan(naive(10, 10)));
}

TEST(Forecast, RidgeBeatsTheSeasonalNaiveOnNoisyLoadsAndItsQuantilesHold) {
    const Fleet fleet(20, 15, 0.08);
    const std::int64_t split = period_index(monday) + 14 * 48;
    std::vector<HalfHours> known;
    for (std::size_t f = 0; f < fleet.loads.size(); ++f) {
        known.push_back(fleet.before(f, split));
    }
    const std::optional<ForecastModel> model = train(known, {.now = period_start(split)});
    ASSERT_TRUE(model);

    double ridge_error = 0.0;
    double naive_error = 0.0;
    int below_p90 = 0;
    int count = 0;
    LoadForecast out;
    for (std::int64_t origin = split; origin < split + 40; origin += 3) {
        const Ahead ahead = look_ahead(period_start(origin), 8);
        for (std::size_t f = 0; f < fleet.loads.size(); ++f) {
            forecast_load(&*model, ahead, fleet.before(f, origin), 5, out);
            ASSERT_EQ(out.method, Method::ridge) << out.reason;
            ASSERT_EQ(out.load_w.size(), 8U);
            EXPECT_EQ(out.start, period_start(origin));
            for (std::int64_t i = 0; i < 8; ++i) {
                const auto& row = out.load_w[static_cast<std::size_t>(i)];
                EXPECT_TRUE(std::is_sorted(row.begin(), row.end()));
                const auto truth = static_cast<double>(fleet.histories[f].at(origin + i)) * 1000.0;
                ridge_error += std::abs(truth - row[3]);
                naive_error +=
                    std::abs(truth - 1000.0 * seasonal_naive(fleet.before(f, origin), origin, origin + i,
                                                             ahead.calendar[static_cast<std::size_t>(i)]));
                below_p90 += truth <= row[5] ? 1 : 0;
                count += 1;
            }
        }
    }
    EXPECT_LT(ridge_error, 0.9 * naive_error);
    EXPECT_GT(below_p90, count * 80 / 100);
    EXPECT_LT(below_p90, count * 98 / 100);
}

TEST(Forecast, IsTheSameForTheSameHistories) {
    const Fleet fleet(5, 15, 0.1);
    const std::int64_t end = fleet.histories[0].end();
    const std::optional<ForecastModel> one = train(fleet.histories, {.now = period_start(end)});
    const std::optional<ForecastModel> two = train(fleet.histories, {.now = period_start(end)});
    ASSERT_TRUE(one && two);
    LoadForecast a;
    LoadForecast b;
    const Ahead ahead = look_ahead(period_start(end), 48);
    forecast_load(&*one, ahead, fleet.histories[2], 1, a);
    forecast_load(&*two, ahead, fleet.histories[2], 1, b);
    EXPECT_EQ(a.load_w, b.load_w);
}

TEST(Forecast, FallsBackStepByStepAndSaysWhy) {
    const Fleet fleet(5, 15, 0.1);
    const std::int64_t end = fleet.histories[0].end();
    const Ahead ahead = look_ahead(period_start(end), 12);
    const std::optional<ForecastModel> model = train(fleet.histories, {.now = period_start(end)});
    ASSERT_TRUE(model);
    LoadForecast out;

    forecast_load(nullptr, ahead, fleet.histories[0], 1, out);
    EXPECT_EQ(out.method, Method::seasonal_naive);
    EXPECT_EQ(out.reason, "no model has been trained yet");
    EXPECT_EQ(out.load_w.size(), 12U);

    ForecastModel other = *model;
    other.schema_hash = "of another release";
    forecast_load(&other, ahead, fleet.histories[0], 1, out);
    EXPECT_EQ(out.method, Method::seasonal_naive);
    EXPECT_NE(out.reason.find("other features"), std::string::npos);

    const std::vector<float> morning{10.0F, 11.0F, 12.0F, 11.0F, 13.0F, 12.5F};
    forecast_load(&*model, ahead, {.first = end - 6, .kw = morning}, 1, out);
    EXPECT_EQ(out.method, Method::persistence);
    EXPECT_EQ(out.load_w.size(), 12U);
    EXPECT_NEAR(out.load_w[0][3], 12'500, 2'000);

    forecast_load(&*model, ahead, {.first = end - 100, .kw = morning}, 1, out);
    EXPECT_EQ(out.method, Method::none) << "the newest half-hour is two days old";
    EXPECT_TRUE(out.load_w.empty());
    EXPECT_FALSE(out.reason.empty());

    forecast_load(&*model, ahead, {}, 1, out);
    EXPECT_EQ(out.method, Method::none);
}

TEST(Forecast, TooLittleToLearnFromMakesNoModel) {
    const Fleet fleet(1, 2, 0.1);
    EXPECT_FALSE(train(fleet.histories, {.now = monday}));
    EXPECT_FALSE(train({}, {.now = monday}));
    const std::vector<float> nothing(700, unknown);
    const std::vector<HalfHours> histories{{.first = 0, .kw = nothing}};
    EXPECT_FALSE(train(histories, {.now = monday}));
}

TEST(Forecast, GapsInThePastAreNoObstacle) {
    Fleet fleet(5, 15, 0.1);
    for (std::size_t i = 100; i < fleet.loads[0].size(); i += 7) {
        fleet.loads[0][i] = unknown;
    }
    const std::int64_t end = fleet.histories[0].end();
    const std::optional<ForecastModel> model = train(fleet.histories, {.now = period_start(end)});
    ASSERT_TRUE(model);
    LoadForecast out;
    forecast_load(&*model, look_ahead(period_start(end), 48), fleet.histories[0], 1, out);
    EXPECT_EQ(out.method, Method::ridge);
}

}  // namespace
}  // namespace headroom::forecast
