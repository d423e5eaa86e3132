#include "app/run_ramp.hpp"

#include "app/backtest_shared.hpp"
#include "app/forecast_input.hpp"
#include "forecast/ramp.hpp"

#include <fmt/format.h>

#include <chrono>
#include <iostream>

namespace headroom::app {
namespace {

json::Array learnt(const forecast::RampModel& model) {
    json::Array leads;
    for (const forecast::RampModel::Lead& lead : model.leads) {
        leads.emplace_back(json::Object{{"lead_s", lead.lead_s},
                                        {"rows", static_cast<std::int64_t>(lead.rows)},
                                        {"error_mean", lead.error_mean},
                                        {"no_ramp_mean", lead.no_ramp_mean}});
    }
    return leads;
}

Result<json::Object> ramp_answer(const BacktestCommand& command) {
    const auto begun = std::chrono::steady_clock::now();
    const forecast::CovariateChoice choice{.ahead = command.known_ahead, .measured = command.measured};
    const Result<ForecastInput> history = read_forecast_input(command.history, command.covariates, choice);
    if (!history) {
        return history.error();
    }
    const Result<BacktestReadings> readings = read_backtest(command);
    if (!readings) {
        return readings.error();
    }
    const forecast::Panel& panel = readings->panel;
    const Result<std::vector<forecast::Covariate>> covariates =
        forecast::read_covariates(command.covariates, panel, choice);
    if (!covariates) {
        return covariates.error();
    }
    const Result<forecast::RampModel> model =
        forecast::train_ramp(history->panel, history->covariates, {.seed = command.seed});
    if (!model) {
        return model.error();
    }
    if (!command.out.empty()) {
        if (const Result<void> saved = forecast::save_ramp(*model, command.out); !saved) {
            return saved.error();
        }
    }
    const Result<forecast::RampScore> score =
        forecast::score_ramp(*model, panel, *covariates, readings->truth);
    if (!score) {
        return score.error();
    }
    json::Array leads;
    for (const forecast::RampScore::Lead& lead : score->leads) {
        leads.emplace_back(json::Object{{"lead_s", lead.lead_s},
                                        {"rows", static_cast<std::int64_t>(lead.rows)},
                                        {"mae_per_min", lead.mae},
                                        {"no_ramp_mae_per_min", lead.no_ramp_mae},
                                        {"ratio_mean", lead.ratio},
                                        {"band_share", lead.band_share},
                                        {"event_f1_band", lead.event_f1},
                                        {"event_f1_median", lead.event_f1_median}});
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    return json::Object{{"learnt", learnt(*model)}, {"ramp", std::move(leads)}, {"seconds", seconds}};
}

}  // namespace

Result<json::Array> train_ramp_into(const std::filesystem::path& file, const forecast::Panel& panel,
                                    const std::vector<forecast::Covariate>& covariates, std::uint32_t seed) {
    const Result<forecast::RampModel> model = forecast::train_ramp(panel, covariates, {.seed = seed});
    if (!model) {
        return model.error();
    }
    if (const Result<void> saved = forecast::save_ramp(*model, file); !saved) {
        return saved.error();
    }
    return learnt(*model);
}

int run_ramp_backtest(const BacktestCommand& command) {
    const Result<json::Object> done = ramp_answer(command);
    if (const std::optional<int> ended = end_backtest(done, command.is_json)) {
        return *ended;
    }
    const json::Value view(*done);
    for (const json::Value& lead : *view.get("ramp")->as_array()) {
        std::cout << fmt::format(
            "{:3} min: mean error {:.5f} a minute, of no ramp {:.5f} (mean quotient {:.3f}); {:.1f} % within "
            "P10 and P90; events F1 {:.3f} by that band, {:.3f} by the median; {} rows\n",
            lead.integer("/lead_s") / 60, lead.number("/mae_per_min"), lead.number("/no_ramp_mae_per_min"),
            lead.number("/ratio_mean"), 100.0 * lead.number("/band_share"), lead.number("/event_f1_band"),
            lead.number("/event_f1_median"), lead.integer("/rows"));
    }
    return 0;
}

}  // namespace headroom::app
