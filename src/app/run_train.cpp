#include "app/run_train.hpp"

#include "app/commands.hpp"
#include "app/fan_plot.hpp"
#include "app/forecast_input.hpp"
#include "app/progress_bar.hpp"
#include "app/run_ramp.hpp"
#include "app/time_text.hpp"
#include "core/csv.hpp"
#include "core/json.hpp"
#include "forecast/coherence.hpp"
#include "forecast/model_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <iterator>
#include <thread>
#include <utility>

namespace headroom::app {
namespace {

using forecast::Covariate;
using forecast::Ensemble;
using forecast::EnsembleForecast;
using forecast::Panel;

Result<Ensemble> train(const TrainCommand& command) {
    const Result<forecast::Region> region = forecast::parse_region(command.region);
    if (!region) {
        return region.error();
    }
    const Result<ForecastInput> input = read_forecast_input(
        command.history, command.covariates, {.ahead = command.known_ahead, .measured = command.measured});
    if (!input) {
        return input.error();
    }
    forecast::TrainEnsembleOptions options{.region = *region, .learn = {}};
    options.learn.seed = command.seed;
    options.learn.watched_share = 0.15;
    options.learn.threads = std::max(1U, std::thread::hardware_concurrency());
    ProgressBar bar("train");
    Result<Ensemble> ensemble =
        forecast::train_ensemble(input->panel, input->covariates, options,
                                 [&bar](double done, std::string_view what) { bar.show(done, what); });
    if (!ensemble) {
        return ensemble;
    }
    if (const Result<void> saved = forecast::save_model(*ensemble, command.out); !saved) {
        return saved.error();
    }
    if (!command.ramp.empty()) {
        bar.show(1.0, "ramps");
        const Result<json::Array> learnt =
            train_ramp_into(command.ramp, input->panel, input->covariates, command.seed);
        if (!learnt) {
            return learnt.error();
        }
    }
    return ensemble;
}

void print_csv(const std::vector<EnsembleForecast>& forecasts) {
    std::string text = "series,origin,timestamp";
    for (const double quantile : forecast::quantiles) {
        text += fmt::format(",q{:g}", quantile);
    }
    text += '\n';
    for (const EnsembleForecast& forecast : forecasts) {
        for (const EnsembleForecast::Step& step : forecast.steps) {
            append_csv_text(text, forecast.series);
            text += ',' + time_text(forecast.origin_s) + ',' + time_text(step.target_s);
            for (const double load : step.load) {
                fmt::format_to(std::back_inserter(text), ",{:.6g}", load);
            }
            text += '\n';
        }
    }
    std::cout << text;
}

json::Array forecasts_json(const std::vector<EnsembleForecast>& forecasts) {
    json::Array list;
    for (const EnsembleForecast& forecast : forecasts) {
        json::Array steps;
        for (const EnsembleForecast::Step& step : forecast.steps) {
            steps.emplace_back(json::Object{{"time", time_text(step.target_s)},
                                            {"load", json::Array(step.load.begin(), step.load.end())}});
        }
        list.emplace_back(json::Object{{"series", forecast.series},
                                       {"origin", time_text(forecast.origin_s)},
                                       {"reason", forecast.reason},
                                       {"steps", std::move(steps)}});
    }
    return list;
}

}  // namespace

int run_train(const TrainCommand& command) {
    const auto begun = std::chrono::steady_clock::now();
    const Result<Ensemble> ensemble = train(command);
    if (!ensemble) {
        std::cerr << "headroom train: " << ensemble.error().message << "\n";
        return exit_code_of(ensemble.error());
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    json::Array leads;
    for (const forecast::EnsembleLead& lead : ensemble->leads) {
        leads.emplace_back(
            json::Object{{"lead_s", lead.lead_s},
                         {"rows", static_cast<std::int64_t>(lead.rows)},
                         {"trees", static_cast<std::int64_t>(lead.model.all_trees.roots().size())},
                         {"error_mean", lead.error_mean},
                         {"base_error_mean", lead.base_error_mean}});
    }
    if (command.is_json) {
        std::cout << json::write(json::Object{{"model", command.out.string()},
                                              {"schema_hash", ensemble->schema_hash},
                                              {"data_from", time_text(ensemble->data_from_s)},
                                              {"data_to", time_text(ensemble->data_to_s)},
                                              {"series", static_cast<std::int64_t>(ensemble->series.size())},
                                              {"leads", std::move(leads)},
                                              {"seconds", seconds}})
                  << "\n";
        return 0;
    }
    std::cout << fmt::format("{}: {} series from {} to {}, in {:.1f} s\n", command.out.string(),
                             ensemble->series.size(), time_text(ensemble->data_from_s),
                             time_text(ensemble->data_to_s), seconds);
    for (const forecast::EnsembleLead& lead : ensemble->leads) {
        std::cout << fmt::format(
            "  {:5} min ahead: mean error {:.4f} of the spread on rows not seen, base alone {:.4f}; {} rows, "
            "{} trees\n",
            lead.lead_s / 60, lead.error_mean, lead.base_error_mean, lead.rows,
            lead.model.all_trees.roots().size());
    }
    return 0;
}

int run_forecast(const ForecastCommand& command) {
    const auto fail = [](const Error& error) {
        std::cerr << "headroom forecast: " << error.message << "\n";
        return exit_code_of(error);
    };
    const Result<Ensemble> ensemble = forecast::load_model(command.model);
    if (!ensemble) {
        return fail(ensemble.error());
    }
    Result<ForecastInput> input = read_forecast_input(
        command.history, command.covariates, {.ahead = command.known_ahead, .measured = command.measured});
    if (!input) {
        return fail(input.error());
    }
    Result<std::vector<EnsembleForecast>> forecasts = forecast::forecast_ensemble(
        *ensemble, input->panel, input->covariates, static_cast<std::int64_t>(command.hours * 3600.0));
    if (!forecasts) {
        return fail(forecasts.error());
    }
    if (!command.hierarchy.empty()) {
        const Result<forecast::Hierarchy> hierarchy = forecast::read_hierarchy(command.hierarchy);
        const Result<void> coherent =
            hierarchy
                ? forecast::make_coherent(*ensemble, input->panel, input->covariates, *hierarchy, *forecasts)
                : Result<void>(hierarchy.error());
        if (!coherent) {
            return fail(coherent.error());
        }
    }
    if (!command.series.empty()) {
        std::erase_if(*forecasts, [&command](const auto& f) { return f.series != command.series; });
        if (forecasts->empty()) {
            return fail({Errc::not_found, "no series is named " + command.series});
        }
    }
    if (command.is_json) {
        std::cout << json::write(forecasts_json(*forecasts)) << "\n";
    } else if (command.is_plot) {
        for (const EnsembleForecast& forecast : *forecasts) {
            std::cout << fan_plot(forecast);
        }
    } else {
        print_csv(*forecasts);
    }
    for (const EnsembleForecast& forecast : *forecasts) {
        if (!command.is_json && !forecast.reason.empty()) {
            std::cerr << forecast.series << ": " << forecast.reason << "\n";
        }
    }
    return 0;
}

}  // namespace headroom::app
