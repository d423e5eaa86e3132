#pragma once

#include "agents/scenario_weather.hpp"
#include "desk/scenario_answers.hpp"
#include "scenario/run.hpp"
#include "scenario/run_input.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace headroom::desk {

/// A run that is over, with all that it was made from. Nothing of it changes any more.
struct FinishedRun {
    scenario::RunInput input;
    scenario::RunResult result;
    std::vector<agents::WeatherOrigin> origins;
    std::string input_json;    ///< of `input`
    std::string input_sha256;  ///< of `input_json`
    double elapsed_ms = 0.0;
};

/// Where and when the weather of a scenario is wanted: amid its assets.
[[nodiscard]] agents::WeatherQuery weather_query(const scenario::Scenario& scenario,
                                                 const std::vector<scenario::Asset>& assets);
/// Found weather as a run takes it.
[[nodiscard]] scenario::BaseWeather base_weather(agents::FoundWeather found);

[[nodiscard]] ScenarioAnswer scenario_answer(const scenario::Scenario& scenario, bool is_built_in);
[[nodiscard]] ScenarioAssetAnswer asset_answer(const scenario::Asset& asset);
[[nodiscard]] std::map<std::string, std::int64_t> risk_counts(const scenario::RunResult& result);

/// Everything but curves, which stand for the assets named, or without any for the first `curves_max` of the
/// risks. `run` is what the list says of it. Errors: `not_found` for an asset that is not in the run.
[[nodiscard]] Result<ScenarioResultAnswer> result_answer(const FinishedRun& run, ScenarioRunAnswer listed,
                                                         const std::vector<std::string>& assets,
                                                         std::size_t curves_max);

/// The answer of the contract's POST /scenario/run, with the fields that were added.
[[nodiscard]] json::Object contract_answer(const FinishedRun& run, const std::string& run_id);

/// Two runs asset by asset.
[[nodiscard]] ScenarioDiffAnswer diff_answer(const FinishedRun& run, const FinishedRun& other);

}  // namespace headroom::desk
