#include "forecast/alarms.hpp"

#include "core/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace headroom::forecast {
namespace {

constexpr QuantileValues standard_normal{-1.644853627, -1.281551566, -0.67448975, 0.0,
                                         0.67448975,   1.281551566,  1.644853627};

TEST(AlarmQuantile, FollowsTheCosts) {
    EXPECT_DOUBLE_EQ(alarm_quantile(4.0), 0.8);
    EXPECT_DOUBLE_EQ(alarm_quantile(1.0), 0.5);
}

TEST(ChanceOver, IsReadFromTheQuantilesAndBeyondThem) {
    EXPECT_NEAR(chance_over(standard_normal, 0.0), 0.5, 1e-9);
    EXPECT_NEAR(chance_over(standard_normal, 1.281551566), 0.1, 1e-6);
    EXPECT_NEAR(chance_over(standard_normal, 2.326347874), 0.01, 1e-6);
    EXPECT_NEAR(chance_over(standard_normal, -2.326347874), 0.99, 1e-6);
    EXPECT_NEAR(load_at(standard_normal, 0.99), 2.326347874, 1e-6);
    EXPECT_NEAR(load_at(standard_normal, 0.75), 0.67448975, 1e-6);
    const QuantileValues certain{5, 5, 5, 5, 5, 5, 5};
    EXPECT_EQ(chance_over(certain, 5.0), 1.0);
    EXPECT_EQ(chance_over(certain, 5.1), 0.0);
    EXPECT_EQ(load_at(certain, 0.8), 5.0);
}

// A series whose chances are foretold twice too high needs a higher quantile; the other keeps its own.
TEST(AlarmCalibration, LearnsFromEachSeriesHowOftenChancesComeTrue) {
    AlarmCalibration calibration(2, 4.0);
    EXPECT_DOUBLE_EQ(calibration.level(0), 0.8);
    for (int i = 0; i < 4000; ++i) {
        calibration.observe(0, 0.2, i % 10 == 0);
        calibration.observe(1, 0.2, i % 5 == 0);
        calibration.observe(0, 0.001, true);  // far from any alarm
    }
    EXPECT_NEAR(calibration.level(0), 0.6, 0.02);
    EXPECT_NEAR(calibration.level(1), 0.8, 0.02);
}

/// One series of noise around 10 whose forecasts know only its distribution.
struct NoiseForecasts {
    Panel panel{.step_s = 3600, .series = {{.name = "F", .load = {.first = 0, .values = {}}}}};
    std::vector<BacktestRow> rows;
    NoiseForecasts() {
        const Random random(8);
        for (std::int64_t i = 0; i < 2000; ++i) {
            panel.series[0].load.values.push_back(10.0 + random.normal(0, static_cast<std::uint64_t>(i)));
            if (i < 1000) {
                continue;
            }
            BacktestRow row{.series = 0, .origin_s = (i - 1) * 3600, .target_s = i * 3600, .load = {}};
            for (std::size_t q = 0; q < quantile_count; ++q) {
                row.load[q] = 10.0 + standard_normal[q] + (i % 2 == 0 ? 0.0 : 1.0);
            }
            rows.push_back(row);
        }
    }
};

// Chances that are evenly spread over 0 … 1: raised from x on, hits (1 - x²) / 2 of overloads 1/2 by 1 - x
// alarms. F2 is best where x = F2 / 5, and that is 0.1716, the root of x² - 6x + 1.
TEST(FMeasureThreshold, StandsAtAFifthOfTheBestF2) {
    FMeasureThreshold threshold(4.0);
    EXPECT_DOUBLE_EQ(threshold.chance(), 0.2);
    for (int i = 0; i < 200'000; ++i) {
        threshold.observe((i % 200 + 0.5) / 200.0);
    }
    threshold.settle();
    EXPECT_NEAR(threshold.chance(), 0.1716, 0.003);
    // Overloads that can hardly be told from the rest make F* small, and alarms cheap.
    FMeasureThreshold hard(4.0);
    for (int i = 0; i < 200'000; ++i) {
        hard.observe(i % 2 == 0 ? 0.002 : 0.15);
    }
    hard.settle();
    EXPECT_LT(hard.chance(), 0.15);
}

TEST(AlarmAim, IsReadByName) {
    EXPECT_EQ(parse_alarm_aim("f"), AlarmAim::f_measure);
    EXPECT_EQ(parse_alarm_aim("cost"), AlarmAim::cost);
    EXPECT_FALSE(parse_alarm_aim("F").has_value());
}

// Rare overloads, foretold rightly and not sharply: each aim does better by its own measure.
TEST(RaiseAlarms, EachAimIsBestByItsOwnMeasure) {
    NoiseForecasts made;
    made.rows.clear();
    std::vector<double>& loads = made.panel.series[0].load.values;
    loads.clear();
    const Random random(9);
    for (std::uint64_t i = 0; i < 6000; ++i) {
        const double middle = 10.0 + random.normal(0, i);
        loads.push_back(middle + 0.9 * random.normal(1, i));
        if (i < 1000) {
            continue;
        }
        const auto at = static_cast<std::int64_t>(i);
        BacktestRow& row = made.rows.emplace_back(
            BacktestRow{.series = 0, .origin_s = (at - 1) * 3600, .target_s = at * 3600, .load = {}});
        for (std::size_t q = 0; q < quantile_count; ++q) {
            row.load[q] = middle + 0.9 * standard_normal[q];
        }
    }
    const AlarmResult by_f = raise_alarms(made.panel, made.rows, {});
    const AlarmResult by_cost = raise_alarms(made.panel, made.rows, {.aim = AlarmAim::cost});
    EXPECT_GT(by_f.f2(), by_cost.f2());
    EXPECT_LT(by_cost.cost_share(4.0), by_f.cost_share(4.0));
}

TEST(RaiseAlarms, CountsHitsMissesAndNeedlessOnes) {
    const NoiseForecasts made;
    const AlarmResult result = raise_alarms(made.panel, made.rows, {.cost_ratio = 9.0});
    EXPECT_DOUBLE_EQ(result.quantile, 0.9);
    ASSERT_EQ(result.rows.size(), made.rows.size());
    EXPECT_NEAR(result.rows.front().limit, 10.0 + 1.645, 0.15);
    std::size_t over = 0;
    for (const AlarmRow& row : result.rows) {
        EXPECT_EQ(row.is_raised, row.load >= row.limit);
        over += row.was_over ? 1U : 0U;
    }
    EXPECT_EQ(result.hits + result.missed, over);
    EXPECT_GT(result.hits, 0U);
    EXPECT_NEAR(result.f2(),
                5.0 * result.precision() * result.recall() / (4.0 * result.precision() + result.recall()),
                1e-12);
}

// Truths behind a row's origin are turned round: its alarm may not change.
TEST(RaiseAlarms, KnowsNothingBehindTheOrigin) {
    NoiseForecasts one;
    NoiseForecasts two;
    for (std::size_t i = 1500; i < 2000; ++i) {
        two.panel.series[0].load.values[i] = 100.0;
    }
    const AlarmResult before = raise_alarms(one.panel, one.rows, {});
    const AlarmResult after = raise_alarms(two.panel, two.rows, {});
    for (std::size_t i = 0; i <= 500; ++i) {
        EXPECT_EQ(before.rows[i].load, after.rows[i].load);
    }
    EXPECT_NE(before.rows.back().level, after.rows.back().level);
}

}  // namespace
}  // namespace headroom::forecast
