#include "app/bench_forecast.hpp"

#include "core/clock.hpp"
#include "core/random.hpp"
#include "features/half_hours.hpp"
#include "forecast/ensemble.hpp"
#include "forecast/window_ridge.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

json::Value result_of(const std::string& name, const std::string& unit, std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return json::Object{{"name", name},         {"value", values[values.size() / 2]},
                        {"unit", unit},         {"min", values.front()},
                        {"max", values.back()}, {"runs", static_cast<std::int64_t>(values.size())}};
}

Result<json::Object> bench_ett(const std::filesystem::path& file) {
    const Result<forecast::EvenTable> table = forecast::read_even_table(file);
    if (!table) {
        return table.error();
    }
    json::Array results;
    for (const std::size_t horizon : {96U, 192U, 336U, 720U}) {
        const SteadyTime begin = steady_now();
        const Result<forecast::WindowScore> score = forecast::score_windows(*table, {.horizon = horizon});
        if (!score) {
            return Error{score.error().code, file.string() + ": " + score.error().message};
        }
        const std::string steps = std::to_string(horizon);
        results.push_back(result_of("forecast.ett_mse_" + steps, "1", {score->mse}));
        results.push_back(result_of("forecast.ett_mae_" + steps, "1", {score->mae}));
        results.push_back(
            result_of("forecast.ett_s_" + steps, "s", {milliseconds_between(begin, steady_now()) / 1000.0}));
    }
    return json::Object{{"results", std::move(results)}};
}

constexpr std::int64_t period_s = 1800;
constexpr int days = 29;

/// A feeder's half-hours with morning and evening peaks, weekends and noise that lasts.
std::vector<double> made_up_loads(std::uint64_t feeder, int half_hours) {
    const Random random(17);
    const double size = 60.0 + 3.0 * static_cast<double>(feeder % 50);
    const double evening = 0.5 + random.uniform(feeder, 0);
    std::vector<double> kw;
    double lasting = 0.0;
    for (int i = 0; i < half_hours; ++i) {
        const double hour = static_cast<double>(i % 48) / 2.0;
        const double shape = 1.0 + 0.3 * std::exp(-std::pow((hour - 8.0) / 2.0, 2.0)) +
                             evening * std::exp(-std::pow((hour - 18.0) / 2.5, 2.0)) -
                             (i / 48 % 7 >= 5 ? 0.15 : 0.0);
        lasting = 0.9 * lasting + 0.05 * random.normal(feeder, static_cast<std::uint64_t>(i) + 1);
        kw.push_back(size * (shape + lasting));
    }
    return kw;
}

forecast::Panel made_up_panel(std::uint64_t first, std::size_t feeders, int half_hours) {
    forecast::Panel panel{.step_s = period_s, .series = {}};
    for (std::size_t i = 0; i < feeders; ++i) {
        panel.series.push_back({.name = "F-" + std::to_string(first + i),
                                .load = {.first = 981'000, .values = made_up_loads(first + i, half_hours)}});
    }
    return panel;
}

Result<json::Value> measure_training(const BenchForecastOptions& options) {
    const std::size_t feeders = options.rows / (static_cast<std::size_t>(days) * 48) + 1;
    const forecast::Panel panel = made_up_panel(0, feeders, days * 48 + 2);
    forecast::TrainEnsembleOptions how{.leads_s = {3600}, .rows_max = 2 * options.rows};
    how.learn.rows_max = options.rows;
    how.learn.threads = std::max(1U, std::thread::hardware_concurrency());
    const SteadyTime begin = steady_now();
    const Result<forecast::Ensemble> ensemble = forecast::train_ensemble(panel, {}, how, nullptr);
    const double seconds = milliseconds_between(begin, steady_now()) / 1000.0;
    if (!ensemble) {
        return ensemble.error();
    }
    if (ensemble->leads.front().rows < options.rows) {
        return Error{Errc::invalid,
                     "only " + std::to_string(ensemble->leads.front().rows) + " rows were learnt from"};
    }
    return result_of("forecast.train_1m_rows_s", "s", {seconds});
}

}  // namespace

Result<json::Object> bench_forecast(const BenchForecastOptions& options) {
    if (!options.ett.empty()) {
        return bench_ett(options.ett);
    }
    Result<json::Value> training = measure_training(options);
    if (!training) {
        return training.error();
    }
    return json::Object{{"results", json::Array{std::move(*training)}}};
}

}  // namespace headroom::app
