#include "forecast/outlook_score.hpp"

#include "core/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace headroom::forecast {
namespace {

/// A day's wave on a level that differs from day to day, for ten weeks, the last two of them to be foretold.
std::vector<SeriesFile> wave_files(std::int64_t step_s) {
    std::vector<SeriesFile> files(2);
    const std::int64_t begin = 1'767'571'200;  // Monday, 5 January 2026
    for (SeriesFile& file : files) {
        file.names = {"A"};
    }
    for (std::int64_t at = 0; at < 10 * 7 * 86'400; at += step_s) {
        const auto day = static_cast<std::uint64_t>(at / 86'400);
        const double wave = std::sin(2.0 * std::numbers::pi * static_cast<double>(at % 86'400) / 86'400.0);
        const double load = 50.0 + 20.0 * wave + 4.0 * Random(5).normal(0, day);
        files[at < 8 * 7 * 86'400 ? 0 : 1].rows.push_back({0, begin + at, load});
    }
    return files;
}

TEST(BacktestOutlook, JudgesEveryLeadBesideLastWeeksHalfHour) {
    const std::vector<SeriesFile> files = wave_files(900);
    const Panel panel = make_panel(files).value();
    const Result<OutlookBacktest> done = backtest_outlook(panel, files[1], 8, Region::england_and_wales);
    ASSERT_TRUE(done.has_value());

    ASSERT_EQ(done->scores.size(), 6U);  // two to seven days ahead
    EXPECT_EQ(done->scores.front().days, 2);
    EXPECT_EQ(done->scores.back().days, 7);
    for (const OutlookScore& score : done->scores) {
        EXPECT_EQ(score.rows, 14U * 48U) << score.days;  // each half-hour of the truth once a lead
        EXPECT_LT(score.rcrps, score.naive_rcrps) << score.days;
        EXPECT_GT(score.within_p90, 0.8) << score.days;
    }
    for (const OutlookRow& row : done->rows) {
        EXPECT_EQ(row.origin_s % 86'400, 6 * 3600);
        EXPECT_GE(row.target_s - row.origin_s, 2 * 86'400);
    }
}

TEST(BacktestOutlook, SaysWhyThereWasNoOutlook) {
    std::vector<SeriesFile> files = wave_files(1800);
    std::erase_if(files[0].rows,
                  [](const SeriesRow& row) { return row.unix_s < 1'767'571'200 + 50LL * 86'400; });
    const Panel panel = make_panel(files).value();
    const Result<OutlookBacktest> done = backtest_outlook(panel, files[1], 7, Region::england_and_wales);
    ASSERT_TRUE(done.has_value());
    EXPECT_GT(done->refused, 0U);
    EXPECT_NE(done->refused_because.find("needs 14 days"), std::string::npos) << done->refused_because;
}

TEST(BacktestOutlook, RefusesReadingsThatHalfAnHourIsNoMultipleOf) {
    const std::vector<SeriesFile> files = wave_files(3600);
    const Panel panel = make_panel(files).value();
    EXPECT_EQ(backtest_outlook(panel, files[1], 7, Region::england_and_wales).error().code, Errc::invalid);
}

}  // namespace
}  // namespace headroom::forecast
