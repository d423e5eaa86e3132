#include "forecast/ramp.hpp"
#include "forecast/ramp_models.hpp"

#include "core/random.hpp"
#include "forecast/ramp_rows.hpp"
#include "forecast/ramp_training.hpp"
#include "unit/forecast/folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <numbers>
#include <string>

namespace headroom::forecast {
namespace {

constexpr std::int64_t quarter_hour_s = 900;
constexpr std::int64_t first_slot = 1'893'408;  // 2024-01-01

/// Quarter-hours of two feeders of very different size: a wave of six hours and noise.
Panel quarter_hour_panel(int days) {
    const Random random(4);
    Panel panel{.step_s = quarter_hour_s, .series = {{"small", {}}, {"large", {}}}};
    for (std::size_t i = 0; i < 2; ++i) {
        panel.series[i].load.first = first_slot;
        const double size = i == 0 ? 1.0 : 400.0;
        for (int k = 0; k < 96 * days; ++k) {
            const double wave = std::sin(2.0 * std::numbers::pi * static_cast<double>(k) / 24.0);
            panel.series[i].load.values.push_back(
                size * (50.0 + 10.0 * wave + 0.5 * random.normal(i, static_cast<std::uint64_t>(k))));
        }
    }
    return panel;
}

SeriesFile truth_of(const Panel& panel, std::int64_t from_slot) {
    SeriesFile file;
    for (std::size_t i = 0; i < panel.series.size(); ++i) {
        file.names.push_back(panel.series[i].name);
        for (std::int64_t slot = from_slot; slot < panel.series[i].load.end(); ++slot) {
            file.rows.push_back(
                {static_cast<std::int32_t>(i), slot * quarter_hour_s, panel.series[i].load.at(slot)});
        }
    }
    return file;
}

const RampModel& trained_ramp() {
    static const RampModel model = *train_ramp(quarter_hour_panel(16), {}, {});
    return model;
}

TEST(TrainRamp, HasTheLeadsThatTheReadingsAllow) {
    ASSERT_EQ(trained_ramp().leads.size(), 3U);
    EXPECT_EQ(trained_ramp().leads.front().lead_s, 900);
    EXPECT_EQ(trained_ramp().leads.back().lead_s, 3600);
    Panel half_hours = quarter_hour_panel(16);
    half_hours.step_s = 1800;
    EXPECT_EQ(train_ramp(half_hours, {}, {})->leads.size(), 2U);
    half_hours.step_s = 3600;
    EXPECT_EQ(train_ramp(half_hours, {}, {}).error().code, Errc::invalid);
    EXPECT_EQ(train_ramp(quarter_hour_panel(2), {}, {}).error().message,
              "a ramp of 15 min has 380 rows to learn from, at least 400 are needed");
}

// What it has not seen it tells far better than "no ramp", within a band that holds what it promises.
TEST(ScoreRamp, FollowsAWaveWithinItsBand) {
    const Panel panel = quarter_hour_panel(20);
    const Result<RampScore> score =
        score_ramp(trained_ramp(), panel, {}, truth_of(panel, first_slot + 16 * 96));
    ASSERT_TRUE(score.has_value()) << score.error().message;
    ASSERT_EQ(score->leads.size(), 3U);
    const RampScore::Lead& hour = score->leads.back();
    EXPECT_LT(hour.ratio, 0.2);
    EXPECT_NEAR(hour.band_share, 0.8, 0.08);
    EXPECT_GT(hour.rows, 700U);
    EXPECT_EQ(
        score_ramp(*train_ramp(quarter_hour_panel(16), {}, {}), Panel{.step_s = 300, .series = {}}, {}, {})
            .error()
            .code,
        Errc::conflict);
}

TEST(Ramp, AnswersInUnitsAMinuteForFeedersOfAnySize) {
    const Panel panel = quarter_hour_panel(3);
    std::vector<double> answers;
    for (const std::size_t series : {0U, 1U}) {
        RampForecast last;
        replay_rows(panel, series, {},
                    [&](std::int64_t, std::span<const float> row) { last = ramp(trained_ramp(), row); });
        ASSERT_EQ(last.leads.size(), 3U);
        for (const RampForecast::Lead& lead : last.leads) {
            EXPECT_TRUE(std::ranges::is_sorted(lead.kw_min));
        }
        answers.push_back(last.leads.back().kw_min[3]);
    }
    // The wave begins again at zero: ten units in six quarter-hours, here 7 in the first four.
    EXPECT_NEAR(answers[0], 8.7 / 60.0, 0.05);
    EXPECT_NEAR(answers[1] / answers[0], 400.0, 120.0);
}

TEST(Ramp, SaysNothingWithoutANewestReading) {
    std::vector<float> row(features::stream_count, std::numeric_limits<float>::quiet_NaN());
    EXPECT_TRUE(ramp(trained_ramp(), row).leads.empty());
}

// Readings behind a slot are turned round: its row may not change.
TEST(ReplayRows, KnowsNothingBehindItsSlot) {
    const Panel one = quarter_hour_panel(4);
    Panel two = one;
    const std::int64_t turned = first_slot + 300;
    for (std::int64_t slot = turned; slot < two.series[0].load.end(); ++slot) {
        two.series[0].load.values[static_cast<std::size_t>(slot - first_slot)] = 7.0;
    }
    std::vector<std::vector<float>> rows;
    for (const Panel* panel : std::initializer_list<const Panel*>{&one, &two}) {
        replay_rows(*panel, 0, {}, [&](std::int64_t slot, std::span<const float> row) {
            if (slot == turned - 1) {
                rows.emplace_back(row.begin(), row.end());
                std::ranges::replace_if(
                    rows.back(), [](float v) { return std::isnan(v); }, -1.0F);
            }
        });
    }
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0], rows[1]);
}

TEST(RampFile, IsReadBackToTheByteAndRefusesWhatWasChanged) {
    const std::string text = write_ramp(trained_ramp());
    const Result<RampModel> read = read_ramp(text);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(write_ramp(*read), text);
    EXPECT_EQ(write_ramp(*train_ramp(quarter_hour_panel(16), {}, {})), text);
    std::string other = text;
    other[other.size() - 20] ^= 1;
    EXPECT_EQ(read_ramp(other).error().code, Errc::corrupt);
    EXPECT_EQ(read_ramp("headroom-forecast-model 1 ").error().code, Errc::unsupported);
}

// The champion saw a wave of six hours, the days behind it have one of four: who learnt from these wins.
TEST(TrainRampChallenger, IsHeldAgainstTheChampionOnReadingsThatNeitherHasSeen) {
    Panel panel = quarter_hour_panel(30);
    for (std::size_t i = 0; i < 2; ++i) {
        const double size = i == 0 ? 1.0 : 400.0;
        for (std::size_t k = 96UL * 16; k < panel.series[i].load.values.size(); ++k) {
            panel.series[i].load.values[k] =
                size * (50.0 + 10.0 * std::sin(2.0 * std::numbers::pi * static_cast<double>(k) / 16.0));
        }
    }
    const std::int64_t held_s = (first_slot + 28 * 96) * quarter_hour_s;
    const Result<RampChallenge> won = train_ramp_challenger(panel, held_s, &trained_ramp(), {});
    ASSERT_TRUE(won.has_value()) << won.error().message;
    EXPECT_TRUE(won->trial.is_won());
    EXPECT_LT(won->trial.pinball, 0.8 * won->trial.champion_pinball);
    EXPECT_EQ(won->model.data_to_s, held_s - quarter_hour_s) << "nothing of what is held back";
    EXPECT_EQ(won->trial.from_s, held_s);

    const Result<RampChallenge> first = train_ramp_challenger(panel, held_s, nullptr, {});
    EXPECT_EQ(first->trial.pinball, won->trial.pinball);
    EXPECT_LT(first->trial.error, first->trial.no_ramp_error);
    EXPECT_TRUE(first->trial.is_won());
    EXPECT_EQ(train_ramp_challenger(panel, held_s, &won->model, {}).error().code, Errc::conflict)
        << "it has learnt from readings as new";
    const std::atomic<bool> is_cancelled{true};
    EXPECT_EQ(train_ramp_challenger(panel, held_s, nullptr, {.is_cancelled = &is_cancelled}).error().code,
              Errc::unavailable);
}

TEST(RampModels, ServeReadingsAsFarApartAsThoseTheyLearntFrom) {
    const Folder folder;
    EXPECT_EQ(RampModels::open(folder.path()).why_not(900), "no ramp model has been trained");
    EXPECT_EQ(RampModels::open(folder.path() / "none").of(900), nullptr);
    ASSERT_TRUE(save_ramp(trained_ramp(), folder.path() / "b.ramp"));
    RampModel older = trained_ramp();
    older.data_to_s -= 1;
    older.seed = 99;
    ASSERT_TRUE(save_ramp(older, folder.path() / "c.ramp"));
    const RampModels models = RampModels::open(folder.path());
    ASSERT_NE(models.of(900), nullptr);
    EXPECT_EQ(models.of(900)->seed, trained_ramp().seed) << "the one learnt from newer data";
    EXPECT_TRUE(models.why_not(900).empty());
    EXPECT_EQ(models.of(60), nullptr);
    EXPECT_EQ(models.why_not(60), "readings come every 60 s, ramps were learnt from 900 s");
    EXPECT_TRUE(models.faults().empty());
}

TEST(RampModels, WhatCannotServeIsNamedAndThePlaceStaysEmpty) {
    const Folder folder;
    std::ofstream(folder.path() / "a.ramp") << "nonsense";
    RampModel weather = trained_ramp();
    weather.external = {"temperature_c"};
    weather.schema_hash = features::stream_schema_hash(weather.external, milliseconds{900'000});
    ASSERT_TRUE(save_ramp(weather, folder.path() / "w.ramp"));
    const RampModels models = RampModels::open(folder.path());
    EXPECT_EQ(models.of(900), nullptr);
    ASSERT_EQ(models.faults().size(), 2U);
    EXPECT_NE(models.faults().front().find("a.ramp"), std::string::npos);
    EXPECT_NE(models.why_not(900).find("a.ramp"), std::string::npos);
}

}  // namespace
}  // namespace headroom::forecast
