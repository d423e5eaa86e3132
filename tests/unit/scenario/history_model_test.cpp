#include "scenario/history_model.hpp"

#include "core/random.hpp"
#include "scenario/backtest.hpp"
#include "scenario/event_weather.hpp"
#include "unit/scenario/run_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace headroom::scenario {
namespace {

/// A year and more of a load that heats below 15.5 °C and cools above 18 °C, with evenings and weekends.
History made_up_history(int days, double noise_kw) {
    History history{.start = day(2024, 1, 1), .load_kw = {}, .temperature_c = {}, .radiation_w_per_m2 = {}};
    const Random random(5);
    for (int i = 0; i < days * 48; ++i) {
        const double year = 2.0 * std::numbers::pi * i / (48.0 * 365.25);
        const double spell = 4.0 * random.normal(1, static_cast<std::uint64_t>(i / 240));
        history.temperature_c.emplace_back(11.0 - 8.0 * std::cos(year) + spell +
                                           4.0 * std::sin(2.0 * std::numbers::pi * (i % 48 - 18) / 48.0));
    }
    std::vector<double> air;
    for (const auto& value : history.temperature_c) {
        air.push_back(*value);
    }
    const std::vector<double> felt = felt_temperature(air);
    for (int i = 0; i < days * 48; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const DaySlot slot = day_slot(history.start + i * period_length);
        const double evening = slot.half_hour >= 34 && slot.half_hour < 42 ? 300.0 : 0.0;
        history.load_kw.emplace_back(900.0 + evening - (slot.is_rest_day ? 120.0 : 0.0) +
                                     30.0 * std::max(0.0, 15.5 - felt[at]) +
                                     40.0 * std::max(0.0, felt[at] - 18.0) +
                                     noise_kw * random.normal(2, static_cast<std::uint64_t>(i)));
    }
    return history;
}

TEST(HistoryModel, FindsTheTemperatureResponseItWasMadeWith) {
    const Result<HistoryModel> model = HistoryModel::fit(made_up_history(500, 20.0));
    ASSERT_TRUE(model.has_value());
    const DaySlot noon{.half_hour = 24, .is_rest_day = false, .winter = 0.0};
    const auto at = [&](double degrees) {
        return model->load_kw(noon, {.felt_c = degrees, .air_c = degrees});
    };
    EXPECT_NEAR(at(16.5), 900.0, 25.0);
    EXPECT_NEAR(at(0.0) - at(10.0), 300.0, 40.0);
    EXPECT_NEAR(at(26.0) - at(20.0), 240.0, 50.0);
    EXPECT_NEAR(model->offset_kw(noon, 0.5), 0.0, 1e-9);
    EXPECT_NEAR(model->offset_kw(noon, 0.9), 1.2816 * 20.0, 5.0);
    EXPECT_NEAR(model->offset_kw(noon, 0.1), -1.2816 * 20.0, 5.0);
}

TEST(HistoryModel, LeavesStuckAndSpikingHalfHoursOut) {
    History history = made_up_history(200, 20.0);
    for (std::size_t i = 100; i < history.load_kw.size(); i += 400) {
        history.load_kw[i] = i % 800 < 400 ? 0.0 : 9'000.0;
    }
    const Result<HistoryModel> model = HistoryModel::fit(history);
    ASSERT_TRUE(model.has_value());
    EXPECT_LT(model->highest_kw(), 2'500.0);
}

TEST(HistoryModel, RefusesWhatIsTooShort) {
    const Result<HistoryModel> model = HistoryModel::fit(made_up_history(20, 20.0));
    ASSERT_FALSE(model.has_value());
    EXPECT_EQ(model.error().code, Errc::unsupported);
}

TEST(HistoryModel, ShortHistoryFallsBackAndSaysSo) {
    std::vector<Asset> assets{asset("a", AssetType::feeder, 2'000.0)};
    assets[0].history = made_up_history(5, 10.0);
    const RunResult result = run_or_die(scenario(Event::normal, day(2026, 2, 2), 24), assets);
    ASSERT_FALSE(result.risks.empty());
    const auto& sources = result.risks[0].data_sources;
    EXPECT_TRUE(std::ranges::any_of(
        sources, [](const std::string& source) { return source.starts_with("history not used"); }));
}

TEST(HistoryModel, ColdSnapLoadsAnAssetWithItsOwnHistory) {
    std::vector<Asset> assets{asset("a", AssetType::feeder, 2'000.0)};
    assets[0].history = made_up_history(500, 20.0);
    const RunResult usual = run_or_die(scenario(Event::normal, day(2026, 1, 13), 48), assets);
    const RunResult cold = run_or_die(scenario(Event::cold_snap, day(2026, 1, 13), 48), assets);
    EXPECT_GT(cold.outcomes[0].peak_kw, usual.outcomes[0].peak_kw + 50.0);
}

TEST(Backtest, BeatsTheSeasonsMeanWhereWeatherMattersAndForgetsTheTestedDays) {
    const History history = made_up_history(500, 20.0);
    for (const bool strict : {true, false}) {
        BacktestOptions options{.days = 3};
        if (strict) {
            options.train_until = day(2025, 1, 1);
        }
        const Result<BacktestReport> report = backtest("made up", history, options);
        ASSERT_TRUE(report.has_value()) << report.error().message;
        EXPECT_EQ(report->days.size(), 6U);
        EXPECT_LT(report->error_percent, 6.0);
        EXPECT_LT(report->error_percent, report->season_mean_error_percent);
    }
    // What is tested is never learnt from: spoiling its loads changes no projection.
    History spoilt = history;
    const auto first = static_cast<std::size_t>((day(2025, 1, 1) - history.start) / period_length);
    for (std::size_t i = first; i < spoilt.load_kw.size(); ++i) {
        *spoilt.load_kw[i] += 5'000.0;
    }
    const BacktestOptions options{.days = 3, .train_until = day(2025, 1, 1)};
    const Result<BacktestReport> clean = backtest("a", history, options);
    const Result<BacktestReport> other = backtest("a", spoilt, options);
    ASSERT_TRUE(clean.has_value());
    ASSERT_TRUE(other.has_value());
    for (std::size_t i = 0; i < clean->days.size(); ++i) {
        EXPECT_EQ(clean->days[i].projected_peak_kw, other->days[i].projected_peak_kw);
        EXPECT_NEAR(other->days[i].actual_peak_kw - clean->days[i].actual_peak_kw, 5'000.0, 1e-6);
    }
}

TEST(Backtest, SaysWhenThereAreTooFewDays) {
    const Result<BacktestReport> report = backtest("short", made_up_history(15, 1.0), {});
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code, Errc::invalid);
}

}  // namespace
}  // namespace headroom::scenario
