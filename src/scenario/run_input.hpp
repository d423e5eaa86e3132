#pragma once

#include "core/json.hpp"
#include "scenario/run.hpp"

#include <cstdint>
#include <vector>

namespace headroom::scenario {

/// Everything a run is made from. Kept beside a result, it gives the same result again.
struct RunInput {
    Scenario scenario;
    std::vector<Asset> assets;
    BaseWeather weather;
    std::uint64_t seed = 0;  ///< at most 2^53 - 1, so that JSON holds it
    bool operator==(const RunInput&) const = default;
};

[[nodiscard]] inline Result<RunResult> run(const RunInput& input, const RunWatch& watch = {}) {
    return run(input.scenario, input.assets, input.weather, input.seed, watch);
}

/// The form in docs/formats/scenario-model.md.
[[nodiscard]] json::Value to_json(const RunInput& input);
/// Errors: `invalid` with the pointer of the first field that does not fit.
[[nodiscard]] Result<RunInput> run_input_from_json(const json::Value& value);

}  // namespace headroom::scenario
