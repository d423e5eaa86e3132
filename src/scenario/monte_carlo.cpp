#include "scenario/monte_carlo.hpp"

#include "core/json_object.hpp"
#include "core/random.hpp"
#include "scenario/event_weather.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace headroom::scenario {
namespace {

double share_below(double z) {
    return 0.5 * std::erfc(-z / std::numbers::sqrt2);
}

/// The scenario as it is in one draw, within the bounds of its levers.
Scenario drawn(const Scenario& scenario, const MonteCarloOptions& options, const Random& random,
               std::uint64_t draw) {
    const auto z = [&](std::string_view what) { return random.normal(Random::key(what), draw); };
    const EventFigures& figures = event_figures(scenario.event);
    Scenario out = scenario;
    Levers& levers = out.levers;
    levers.temperature_offset_k =
        std::clamp(levers.temperature_offset_k + options.temperature_k * z("temperature"), -20.0, 20.0);
    levers.ev_uptake = std::min(levers.ev_uptake * std::exp(options.ev_uptake_share * z("ev_uptake")), 20.0);
    const double rain = std::exp(options.rainfall_share * z("rain"));
    const auto moved = [&](std::optional<double> lever, std::optional<double> figure, double most) {
        const std::optional<double> base = lever ? lever : figure;
        return base ? std::optional(std::min(*base * rain, most)) : base;
    };
    levers.total_rainfall_mm = moved(levers.total_rainfall_mm, figures.total_rainfall_mm, 2000.0);
    levers.rainfall_max_mm_per_h = moved(levers.rainfall_max_mm_per_h, figures.rainfall_max_mm_per_h,
                                         std::min(400.0, levers.total_rainfall_mm.value_or(400.0)));
    levers.quantile = std::clamp(share_below(z("load")), 0.01, 0.99);
    return out;
}

double quantile_of(std::vector<float>& values, double share) {
    const double at = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    const auto low = static_cast<double>(values[below]);
    return low + (static_cast<double>(values[above]) - low) * (at - static_cast<double>(below));
}

}  // namespace

Result<std::vector<MonteCarloBand>> monte_carlo(const Scenario& scenario, std::span<const Asset> assets,
                                                const BaseWeather& weather, std::uint64_t seed,
                                                const MonteCarloOptions& options, const RunWatch& watch) {
    const auto is_share = [](double value) { return value >= 0.0 && value <= 2.0; };
    if (options.draws < 2 || options.draws > 1000) {
        return Error{Errc::invalid, "draws must be between 2 and 1000", "/draws"};
    }
    if (!(options.temperature_k >= 0.0 && options.temperature_k <= 10.0) ||
        !is_share(options.ev_uptake_share) || !is_share(options.rainfall_share)) {
        return Error{Errc::invalid, "a spread is outside its bounds", "/temperature_k"};
    }
    const Random random(seed);
    std::vector<std::vector<float>> loadings(assets.size());
    std::vector<MonteCarloBand> bands(assets.size());
    for (std::size_t draw = 0; draw < options.draws; ++draw) {
        const RunWatch inner{.progress =
                                 [&](std::size_t done, std::size_t all) {
                                     if (watch.progress) {
                                         watch.progress(draw * all + done, options.draws * all);
                                     }
                                 },
                             .cancelled = watch.cancelled};
        const Result<RunResult> result =
            run(drawn(scenario, options, random, draw), assets, weather, seed, inner);
        if (!result) {
            return result.error();
        }
        for (std::size_t i = 0; i < assets.size(); ++i) {
            const AssetOutcome& outcome = result->outcomes[i];
            const double weight = 1.0 / static_cast<double>(options.draws);
            loadings[i].push_back(static_cast<float>(outcome.loading_percent));
            bands[i].over_probability += outcome.over_hours > 0.0 ? weight : 0.0;
            bands[i].critical_probability += outcome.loading_percent > 120.0 ? weight : 0.0;
            bands[i].outage_probability += weight * outcome.outage_probability;
        }
    }
    for (std::size_t i = 0; i < assets.size(); ++i) {
        std::ranges::sort(loadings[i]);
        bands[i].asset_id = assets[i].id;
        bands[i].loading_p10_percent = quantile_of(loadings[i], 0.1);
        bands[i].loading_p50_percent = quantile_of(loadings[i], 0.5);
        bands[i].loading_p90_percent = quantile_of(loadings[i], 0.9);
    }
    return bands;
}

json::Object to_json(const MonteCarloBand& band) {
    return json::object({{"asset_id", band.asset_id},
                         {"loading_p10_percent", band.loading_p10_percent},
                         {"loading_p50_percent", band.loading_p50_percent},
                         {"loading_p90_percent", band.loading_p90_percent},
                         {"over_probability", band.over_probability},
                         {"critical_probability", band.critical_probability},
                         {"outage_probability", band.outage_probability}});
}

}  // namespace headroom::scenario
