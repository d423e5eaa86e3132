#pragma once

#include "core/result.hpp"
#include "scenario/asset.hpp"
#include "scenario/scenario.hpp"

#include <span>

namespace headroom::scenario {

/// Holds everything that a run is given to its bounds: those of scenario_fields.hpp and asset_fields.hpp, and
/// what goes across fields. Errors: `invalid` with the pointer of the first fault below /scenario, /assets or
/// /weather; `not_found` for no assets.
[[nodiscard]] Result<void> check(const Scenario& scenario, std::span<const Asset> assets,
                                 const BaseWeather& weather);

}  // namespace headroom::scenario
