#include "scenario/outcomes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headroom::scenario {
namespace {

constexpr double half_hour_min = 30.0;

std::size_t model_of(ThermalKind kind) {
    return static_cast<std::size_t>(kind) - static_cast<std::size_t>(ThermalKind::onan);
}

double size_of(float kw) {
    return std::abs(static_cast<double>(kw));
}

/// Beyond five times the nameplate protection has long acted; no temperature is reckoned for more.
double load_factor(float kw, const Asset& asset) {
    constexpr double most = 5.0;
    return std::min(size_of(kw) / asset.capacity_kw, most);
}

}  // namespace

ThermalRun::ThermalRun(std::span<const double> air_c)
    : air_c_(air_c),
      models_{ThermalModel(character_of(ThermalKind::onan), half_hour_min / steps),
              ThermalModel(character_of(ThermalKind::onaf), half_hour_min / steps),
              ThermalModel(character_of(ThermalKind::ofaf), half_hour_min / steps)} {}

void ThermalRun::follow(const Asset& asset, std::span<const float> load_kw, std::span<float> hot_spot_c,
                        AssetOutcome& outcome) const {
    if (!is_transformer(asset.thermal) || load_kw.empty()) {
        return;
    }
    const ThermalModel& model = models_[model_of(asset.thermal)];
    ThermalState state = model.steady(load_factor(load_kw[0], asset));
    for (std::size_t i = 0; i < load_kw.size(); ++i) {
        const ThermalModel::Target target = model.target(load_factor(load_kw[i], asset));
        double hottest = -std::numeric_limits<double>::infinity();
        for (std::size_t step = 0; step < steps; ++step) {
            model.step_to(state, target);
            const double hot_spot = air_c_[i] + state.hot_spot_rise_k();
            hottest = std::max(hottest, hot_spot);
            outcome.loss_of_life_hours +=
                relative_ageing(hot_spot) * half_hour_h / static_cast<double>(steps);
        }
        hot_spot_c[i] = static_cast<float>(hottest);
        outcome.hot_spot_max_c = i == 0 ? hottest : std::max(outcome.hot_spot_max_c, hottest);
    }
    outcome.relative_ageing_max = relative_ageing(outcome.hot_spot_max_c);
}

void measure(const Scenario& scenario, std::size_t asset, CurveBook& book, AssetOutcome& outcome) {
    const std::span<const float> load = book.load(asset);
    const std::span<const float> rating = book.rating(asset);
    std::size_t worst = 0;
    double worst_loading = -1.0;
    for (std::size_t i = 0; i < load.size(); ++i) {
        const double kw = size_of(load[i]);
        const auto limit = static_cast<double>(rating[i]);
        const double over = kw - limit;
        if (over > 0.0) {
            outcome.over_hours += half_hour_h;
            outcome.energy_over_kwh += over * half_hour_h;
        }
        outcome.energy_kwh += static_cast<double>(load[i]) * half_hour_h;
        const double loading = kw / limit;
        if (loading > worst_loading) {
            worst_loading = loading;
            worst = i;
        }
    }
    const auto limit = static_cast<double>(rating[worst]);
    const double low = size_of(book.low(asset)[worst]);
    const double high = size_of(book.high(asset)[worst]);
    outcome.peak_kw = size_of(load[worst]);
    outcome.peak_rating_kw = limit;
    outcome.loading_percent = 100.0 * worst_loading;
    outcome.loading_low_percent = 100.0 * std::min(low, high) / limit;
    outcome.loading_high_percent = 100.0 * std::max(low, high) / limit;
    outcome.peak_time = scenario.start + static_cast<std::int64_t>(worst) * period_length;
    outcome.headroom_kw = limit - outcome.peak_kw;
}

}  // namespace headroom::scenario
