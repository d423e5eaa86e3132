#pragma once

#include "core/json.hpp"
#include "scenario/run.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace headroom::scenario {

/// How far a scenario's own assumptions may be off. Standard deviations.
struct MonteCarloOptions {
    std::size_t draws = 100;        ///< 2 … 1,000
    double temperature_k = 1.2;     ///< of the event's temperatures: a forecast of some days ahead
    double ev_uptake_share = 0.15;  ///< of the logarithm of the charging
    double rainfall_share = 0.25;   ///< of the logarithm of the event's rain
};

/// What the draws say of one asset.
struct MonteCarloBand {
    std::string asset_id;
    double loading_p10_percent = 0.0;
    double loading_p50_percent = 0.0;
    double loading_p90_percent = 0.0;
    double over_probability = 0.0;      ///< share of the draws in which its rating is exceeded
    double critical_probability = 0.0;  ///< in which the loading is above 120 %
    double outage_probability = 0.0;    ///< mean over the draws, from flood and storm
    bool operator==(const MonteCarloBand&) const = default;
};

/// Runs the scenario `draws` times, each with its temperatures, charging, rain and quantile of load moved by
/// independent draws from (seed, draw), and counts. In the order of the assets. One run after the other on
/// the calling thread: so many times the time of `run`; `watch` is told and asked across all of them. Errors:
/// those of `run`; `invalid` for options outside their bounds.
[[nodiscard]] Result<std::vector<MonteCarloBand>> monte_carlo(const Scenario& scenario,
                                                              std::span<const Asset> assets,
                                                              const BaseWeather& weather, std::uint64_t seed,
                                                              const MonteCarloOptions& options,
                                                              const RunWatch& watch = {});

[[nodiscard]] json::Object to_json(const MonteCarloBand& band);

}  // namespace headroom::scenario
