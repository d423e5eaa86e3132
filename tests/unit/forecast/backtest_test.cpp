#include "forecast/backtest.hpp"

#include "core/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <string>
#include <vector>

namespace headroom::forecast {
namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t hour_s = 3600;
constexpr std::int64_t start_s = 1'704'067'200;  // 2024-01-01, a Monday

/// Hourly load with a daily wave, a weekend and noise.
double hourly_load(std::size_t series, std::int64_t at_s) {
    const Random random(5);
    const double hour = static_cast<double>(at_s % day_s) / 3600.0;
    const bool is_weekend = (at_s - start_s) / day_s % 7 >= 5;
    return 100.0 + 40.0 * std::sin(2.0 * std::numbers::pi * (hour - 9.0) / 24.0) - (is_weekend ? 25.0 : 0.0) +
           3.0 * random.normal(series, static_cast<std::uint64_t>(at_s));
}

SeriesFile make_file(std::int64_t from_day, std::int64_t to_day, std::size_t series = 2) {
    SeriesFile file;
    for (std::size_t i = 0; i < series; ++i) {
        file.names.push_back("F" + std::to_string(i));
        for (std::int64_t at = start_s + from_day * day_s; at < start_s + to_day * day_s; at += hour_s) {
            file.rows.push_back({static_cast<std::int32_t>(i), at, hourly_load(i, at)});
        }
    }
    return file;
}

BacktestOptions quick_backtest(LeadRule lead) {
    BacktestOptions options{.lead = lead, .region = Region::england_and_wales};
    options.learn.trees = {.rounds_max = 15, .depth_max = 3, .eta = 0.2, .bins = 32};
    options.learn.width_trees = {.rounds_max = 8, .depth_max = 2, .eta = 0.2, .bins = 32};
    return options;
}

Result<BacktestResult> run(const SeriesFile& history, const SeriesFile& truth,
                           const BacktestOptions& options) {
    const std::vector<SeriesFile> files{history, truth};
    const Result<Panel> panel = make_panel(files);
    EXPECT_TRUE(panel.has_value());
    return backtest(*panel, {}, truth, options, nullptr);
}

TEST(OriginOf, IsSixInTheMorningOfTheDayBeforeOrAnHourBefore) {
    const std::int64_t target = (start_s + 5 * day_s + 17 * 3600) / 1800;
    EXPECT_EQ(origin_of(LeadRule::day_ahead, target, 1800), (start_s + 4 * day_s + 6 * 3600) / 1800);
    EXPECT_EQ(origin_of(LeadRule::one_hour, target, 1800), target - 2);
    EXPECT_EQ(origin_of(LeadRule{.ahead_s = 300}, 100, 300), 99);
    EXPECT_EQ(origin_of(LeadRule{.ahead_s = 900}, 100, 300), 97);
}

TEST(LeadRule, IsDayAheadOrMinutes) {
    EXPECT_EQ(*parse_lead_rule("day-ahead"), LeadRule::day_ahead);
    EXPECT_EQ(*parse_lead_rule("60min"), LeadRule::one_hour);
    EXPECT_EQ(parse_lead_rule("5min")->ahead_s, 300);
    for (const char* word :
         {"", "min", "0min", "2881min", "-5min", "60", "60 min", "5minutes", "99999999999min"}) {
        EXPECT_EQ(parse_lead_rule(word).error().message,
                  "lead \"" + std::string(word) + "\" is neither day-ahead nor minutes from 1min to 2880min");
    }
}

// Fifteen minutes ahead what was measured last says more than an hour ahead; between two readings nothing is.
TEST(Backtest, TakesTheLeadsThatTheGridAllows) {
    const SeriesFile history = make_file(0, 14);
    const SeriesFile truth = make_file(14, 15);
    EXPECT_EQ(run(history, truth, quick_backtest({.ahead_s = 900})).error().message,
              "readings are 3600 s apart, which allows no lead of 900 s");
    const auto result = run(history, truth, quick_backtest({.ahead_s = 7200}));
    ASSERT_TRUE(result.has_value()) << result.error().message;
    EXPECT_EQ(result->rows.front().target_s - result->rows.front().origin_s, 7200);
}

TEST(Backtest, ForetellsEveryTruthOnceInOrderWithQuantilesThatDoNotCross) {
    const SeriesFile truth = make_file(28, 32);
    const auto result = run(make_file(0, 28), truth, quick_backtest(LeadRule::day_ahead));

    ASSERT_TRUE(result.has_value()) << result.error().message;
    ASSERT_EQ(result->rows.size(), truth.rows.size());
    double error = 0.0;
    for (const BacktestRow& row : result->rows) {
        EXPECT_LT(row.origin_s, row.target_s);
        EXPECT_TRUE(std::ranges::is_sorted(row.load));
        error += std::abs(row.load[3] - hourly_load(static_cast<std::size_t>(row.series), row.target_s));
    }
    // Noise of 3 kW has a mean size of 2.4; the week before would be off by 3.4.
    EXPECT_LT(error / static_cast<double>(result->rows.size()), 3.2);
}

// Truths behind an origin are turned into nonsense: no forecast made by then may change by a bit.
TEST(Backtest, KnowsNothingBehindItsOrigins) {
    for (const LeadRule lead : {LeadRule::day_ahead, LeadRule::one_hour}) {
        const SeriesFile history = make_file(0, 24);
        const SeriesFile truth = make_file(24, 28);
        const std::int64_t turned_s = start_s + 26 * day_s + 5 * 3600;
        SeriesFile other = truth;
        for (SeriesRow& row : other.rows) {
            row.value = row.unix_s > turned_s ? 1000.0 - 7.0 * row.value : row.value;
        }
        const auto one = run(history, truth, quick_backtest(lead));
        const auto two = run(history, other, quick_backtest(lead));
        ASSERT_TRUE(one && two);
        ASSERT_EQ(one->rows.size(), two->rows.size());
        std::size_t same = 0;
        for (std::size_t i = 0; i < one->rows.size(); ++i) {
            if (one->rows[i].origin_s <= turned_s) {
                EXPECT_EQ(one->rows[i].load, two->rows[i].load);
                ++same;
            }
        }
        EXPECT_GT(same, 90U);
        EXPECT_NE(one->rows.back().load, two->rows.back().load);
    }
}

TEST(Backtest, SameSeedSameForecasts) {
    const SeriesFile history = make_file(0, 14);
    const SeriesFile truth = make_file(14, 16);
    BacktestOptions options = quick_backtest(LeadRule::one_hour);
    const auto one = run(history, truth, options);
    const auto two = run(history, truth, options);
    ASSERT_TRUE(one && two);
    for (std::size_t i = 0; i < one->rows.size(); ++i) {
        EXPECT_EQ(one->rows[i].load, two->rows[i].load);
    }
}

TEST(Backtest, ServesASeriesThatHistoryDoesNotHold) {
    const SeriesFile truth = make_file(14, 18, 2);
    const auto result = run(make_file(0, 14, 1), truth, quick_backtest(LeadRule::one_hour));

    ASSERT_TRUE(result.has_value()) << result.error().message;
    std::map<std::int32_t, std::size_t> rows;
    for (const BacktestRow& row : result->rows) {
        ++rows[row.series];
    }
    EXPECT_EQ(rows[0], 96U);
    EXPECT_EQ(rows[1] + result->left_out, 96U);
    EXPECT_GE(rows[1], 90U);
    EXPECT_GT(result->by_naive, 0U);
}

// Sums of a series' own models take a megabyte: beyond a number of series there are none.
TEST(Backtest, TooManySeriesShareTheirModels) {
    const SeriesFile history = make_file(0, 14);
    const SeriesFile truth = make_file(14, 15);
    BacktestOptions options = quick_backtest(LeadRule::one_hour);
    const auto without = run(history, truth, options);
    options.learn.own_rows_min = 100;
    const auto with = run(history, truth, options);
    options.learn.own_series_max = 1;
    const auto too_many = run(history, truth, options);
    ASSERT_TRUE(without && with && too_many);
    EXPECT_NE(with->rows.back().load, without->rows.back().load);
    EXPECT_EQ(too_many->rows.back().load, without->rows.back().load);
}

TEST(MakePanel, RefusesWhatHasNoGrid) {
    SeriesFile file{.names = {"F0"}, .rows = {{0, 0, 1.0}}};
    EXPECT_EQ(make_panel(std::vector{file}).error().message, "no series has two readings");
    file.rows.push_back({0, 7 * 3600, 1.0});
    EXPECT_FALSE(make_panel(std::vector{file}).has_value());
}

}  // namespace
}  // namespace headroom::forecast
