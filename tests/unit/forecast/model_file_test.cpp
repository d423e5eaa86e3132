#include "forecast/model_file.hpp"

#include "core/random.hpp"
#include "unit/forecast/hourly_panel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace headroom::forecast {
namespace {

TrainEnsembleOptions quick_ensemble() {
    TrainEnsembleOptions options;
    options.learn.trees = {.rounds_max = 10, .depth_max = 3, .eta = 0.3, .bins = 32};
    options.learn.width_trees = {.rounds_max = 5, .depth_max = 2, .eta = 0.3, .bins = 32};
    options.learn.watched_share = 0.15;
    options.leads_s = {3600, 12 * 3600};
    return options;
}

const Ensemble& trained_ensemble() {
    static const Ensemble ensemble = *train_ensemble(hourly_panel(30), {}, quick_ensemble(), nullptr);
    return ensemble;
}

TEST(TrainEnsemble, IsBetterThanItsBaseAndForecastsUpToTheHorizon) {
    ASSERT_EQ(trained_ensemble().leads.size(), 2U);
    EXPECT_LT(trained_ensemble().leads[0].error_mean, trained_ensemble().leads[0].base_error_mean);
    EXPECT_LE(trained_ensemble().leads[1].error_mean, 1.05 * trained_ensemble().leads[1].base_error_mean);

    const Panel panel = hourly_panel(29);
    const auto forecasts = forecast_ensemble(trained_ensemble(), panel, {}, 24 * 3600);
    ASSERT_TRUE(forecasts.has_value()) << forecasts.error().message;
    ASSERT_EQ(forecasts->size(), 2U);
    const EnsembleForecast& first = forecasts->front();
    EXPECT_EQ(first.origin_s, (panel.series[0].load.end() - 1) * 3600);
    EXPECT_TRUE(first.reason.empty());
    ASSERT_EQ(first.steps.size(), 24U);
    const GridSeries truth = hourly_panel(30).series[0].load;
    for (const EnsembleForecast::Step& step : first.steps) {
        EXPECT_TRUE(std::ranges::is_sorted(step.load));
        EXPECT_NEAR(step.load[3], truth.at(step.target_s / 3600), 6.0);
    }
}

TEST(TrainEnsemble, ServesASeriesItNeverSawAndSaysSo) {
    Panel panel = hourly_panel(10);
    panel.series[1].name = "new";
    panel.series.push_back({"empty", {.first = 0, .values = {std::nan("")}}});
    const auto forecasts = forecast_ensemble(trained_ensemble(), panel, {}, 3600);
    ASSERT_TRUE(forecasts.has_value());
    EXPECT_EQ(forecasts->at(1).reason, "not in the training: by the models of all series");
    EXPECT_EQ(forecasts->at(1).steps.size(), 1U);
    EXPECT_EQ(forecasts->at(2).reason, "no load is known");
    EXPECT_TRUE(forecasts->at(2).steps.empty());
}

TEST(TrainEnsemble, RefusesAnotherGridAndTooFewRows) {
    Panel panel = hourly_panel(3);
    panel.step_s = 1800;
    EXPECT_EQ(forecast_ensemble(trained_ensemble(), panel, {}, 3600).error().code, Errc::conflict);
    EXPECT_EQ(train_ensemble(hourly_panel(3), {}, quick_ensemble(), nullptr).error().code, Errc::invalid);
}

TEST(ModelFile, ReadsBackWhatForecastsTheSameToTheBit) {
    const std::string text = write_model(trained_ensemble());
    EXPECT_EQ(text, write_model(*train_ensemble(hourly_panel(30), {}, quick_ensemble(), nullptr)));
    const auto read = read_model(text);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(write_model(*read), text);
    const Panel panel = hourly_panel(20);
    const auto one = forecast_ensemble(trained_ensemble(), panel, {}, 12 * 3600);
    const auto two = forecast_ensemble(*read, panel, {}, 12 * 3600);
    ASSERT_TRUE(one && two);
    for (std::size_t i = 0; i < one->front().steps.size(); ++i) {
        EXPECT_EQ(one->front().steps[i].load, two->front().steps[i].load);
    }
}

TEST(ModelFile, RefusesWhatWasChangedCutOffOrIsAnotherFile) {
    const std::string text = write_model(trained_ensemble());
    std::string changed = text;
    changed[text.find("\"seed\":") + 7] = '9';
    EXPECT_EQ(read_model(changed).error().code, Errc::corrupt);
    EXPECT_EQ(read_model(std::string_view(text).substr(0, text.size() / 2)).error().code, Errc::corrupt);
    EXPECT_EQ(read_model("headroom-forecast-model 1 ").error().code, Errc::corrupt);
    EXPECT_EQ(read_model("").error().code, Errc::unsupported);
    EXPECT_EQ(load_model("/nowhere/at.model").error().code, Errc::not_found);
}

}  // namespace
}  // namespace headroom::forecast
