#include "app/bench_forecast.hpp"

#include "app/bench_result.hpp"
#include "app/bench_usage.hpp"
#include "core/clock.hpp"
#include "core/random.hpp"
#include "features/half_hours.hpp"
#include "forecast/ensemble.hpp"
#include "forecast/live_forecast.hpp"
#include "forecast/window_ridge.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

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
        results.push_back(median_result("forecast.ett_mse_" + steps, "1", {score->mse}));
        results.push_back(median_result("forecast.ett_mae_" + steps, "1", {score->mae}));
        results.push_back(median_result("forecast.ett_s_" + steps, "s",
                                        {milliseconds_between(begin, steady_now()) / 1000.0}));
    }
    return json::Object{{"results", std::move(results)}};
}

constexpr std::int64_t period_s = 1800;
constexpr int trained_on_days = 29;
constexpr std::size_t singles = 20'000;

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

Result<json::Array> measure_training(const BenchForecastOptions& options) {
    const std::size_t feeders = options.rows / (static_cast<std::size_t>(trained_on_days) * 48) + 1;
    const forecast::Panel panel = made_up_panel(0, feeders, trained_on_days * 48 + 2);
    forecast::TrainEnsembleOptions how{.leads_s = {3600}, .rows_max = 2 * options.rows};
    how.learn.rows_max = options.rows;
    how.learn.threads = std::max(1U, std::thread::hardware_concurrency());
    const SteadyTime begin = steady_now();
    const Usage before = usage_now();
    const Result<forecast::Ensemble> ensemble = forecast::train_ensemble(panel, {}, how, nullptr);
    const double seconds = milliseconds_between(begin, steady_now()) / 1000.0;
    const double cpu_seconds = (usage_now().process_us - before.process_us) / 1e6;
    if (!ensemble) {
        return ensemble.error();
    }
    if (ensemble->leads.front().rows < options.rows) {
        return Error{Errc::invalid,
                     "only " + std::to_string(ensemble->leads.front().rows) + " rows were learnt from"};
    }
    return json::Array{median_result("forecast.train_1m_rows_s", "s", {seconds}),
                       median_result("forecast.train_1m_rows_cpu_s", "s", {cpu_seconds})};
}

/// Half-hours ahead that a tick tells: 30 min, 1, 2, 4, 12, 24 and 48 hours.
constexpr std::array<std::size_t, 7> horizons{0, 1, 3, 7, 23, 47, 95};
constexpr std::size_t patterns = 500;
constexpr std::size_t taught_feeders = 40;

/// Feeders whose half-hours lie in memory of their own, as the control room keeps them.
struct Feeders {
    std::int64_t first = 0;
    std::int64_t origin = 0;
    std::size_t kept = 0;
    std::vector<float> kw;
    std::vector<forecast::LivePoint> points;

    explicit Feeders(std::size_t count) : first(981'000), kept(forecast::live_past_periods) {
        origin = first + static_cast<std::int64_t>(kept);
        std::vector<std::vector<double>> made;
        for (std::size_t i = 0; i < std::min(count, patterns); ++i) {
            made.push_back(made_up_loads(taught_feeders + i, static_cast<int>(kept)));
        }
        kw.reserve(count * kept);
        for (std::size_t i = 0; i < count; ++i) {
            const float size = 1.0F + 0.001F * static_cast<float>(i % 997);
            for (const double load : made[i % made.size()]) {
                kw.push_back(size * static_cast<float>(load));
            }
        }
        for (std::size_t i = 0; i < count; ++i) {
            forecast::LivePoint& point = points.emplace_back();
            point.past = {.first = first, .kw = std::span(kw).subspan(i * kept, kept)};
            point.scale = forecast::live_scale(point.past, origin);  // once a day in the control room
            point.point_class = i % forecast::point_classes;
        }
    }
};

/// Answers how many could not be served.
std::size_t tell_forecaster(forecast::LiveForecaster& forecaster, const forecast::LiveModel& model,
                            const forecast::LiveTracking& tracking, std::int64_t origin,
                            std::span<const forecast::LivePoint> points) {
    forecaster.look(model, origin, points);
    std::size_t unserved = 0;
    for (const std::size_t horizon : horizons) {
        forecaster.forecast(tracking, {.from = horizon, .to = horizon + 1});
        unserved += forecaster.rows().empty() ? points.size() : 0U;
    }
    for (std::size_t i = 0; i < points.size(); ++i) {
        unserved += forecaster.fault(i) != forecast::Fallback::none ? 1U : 0U;
    }
    return unserved;
}

Result<json::Array> measure_serving(const BenchForecastOptions& options) {
    // Where there are a hundred thousand feeders, none has models of its own.
    forecast::TrainEnsembleOptions how;
    how.learn.own_series_max = 0;
    how.learn.threads = std::max(1U, std::thread::hardware_concurrency());
    Result<forecast::Ensemble> ensemble =
        forecast::train_ensemble(made_up_panel(0, taught_feeders, trained_on_days * 48), {}, how, nullptr);
    if (!ensemble) {
        return ensemble.error();
    }
    const Result<forecast::LiveModel> model = forecast::LiveModel::make(std::move(*ensemble), "bench");
    if (!model) {
        return model.error();
    }
    const forecast::LiveTracking tracking{};
    const Feeders feeders(options.feeders);
    std::vector<double> ticks_s;
    std::vector<double> ticks_cpu_s;
    std::atomic<std::size_t> unserved{0};
    for (int run = 0; run < options.runs; ++run) {
        const SteadyTime begin = steady_now();
        const Usage before = usage_now();
        std::atomic<std::size_t> next{0};
        const auto work = [&] {
            forecast::LiveForecaster forecaster;
            const std::span<const forecast::LivePoint> all = feeders.points;
            for (std::size_t at = next.fetch_add(forecast::live_block); at < all.size();
                 at = next.fetch_add(forecast::live_block)) {
                unserved += tell_forecaster(forecaster, *model, tracking, feeders.origin,
                                            all.subspan(at, std::min(forecast::live_block, all.size() - at)));
            }
        };
        std::thread other(work);
        work();
        other.join();
        ticks_s.push_back(milliseconds_between(begin, steady_now()) / 1000.0);
        ticks_cpu_s.push_back((usage_now().process_us - before.process_us) / 1e6);
    }
    std::vector<double> single_us;
    std::vector<double> single_cpu_us;
    forecast::LiveForecaster forecaster;
    for (std::size_t i = 0; i < singles; ++i) {
        const std::size_t feeder = (i * 7919) % feeders.points.size();
        const Usage before = usage_now();
        const SteadyTime begin = steady_now();
        unserved += tell_forecaster(forecaster, *model, tracking, feeders.origin,
                                    std::span(feeders.points).subspan(feeder, 1));
        single_us.push_back(1000.0 * milliseconds_between(begin, steady_now()));
        single_cpu_us.push_back(usage_now().thread_us - before.thread_us);
    }
    if (unserved > 0) {
        return Error{Errc::invalid, std::to_string(unserved.load()) + " feeders could not be served"};
    }
    const auto at = [](std::vector<double>& values, double share) {
        std::ranges::sort(values);
        return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
    };
    return json::Array{median_result("forecast.tick_100k_feeders_s", "s", ticks_s),
                       median_result("forecast.tick_100k_feeders_cpu_s", "s", ticks_cpu_s),
                       median_result("forecast.single_us_p50", "us", {at(single_us, 0.5)}),
                       median_result("forecast.single_us_p99", "us", {at(single_us, 0.99)}),
                       median_result("forecast.single_cpu_us_p50", "us", {at(single_cpu_us, 0.5)})};
}

}  // namespace

Result<json::Object> bench_forecast(const BenchForecastOptions& options) {
    if (!options.ett.empty()) {
        return bench_ett(options.ett);
    }
    Result<json::Array> results = measure_serving(options);
    if (!results) {
        return results.error();
    }
    const Result<json::Array> training = measure_training(options);
    if (!training) {
        return training.error();
    }
    results->insert(results->end(), training->begin(), training->end());
    return json::Object{{"results", std::move(*results)}};
}

}  // namespace headroom::app
