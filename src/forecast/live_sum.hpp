#pragma once

#include "forecast/load_forecast.hpp"

#include <optional>
#include <span>

namespace headroom::forecast {

/// The forecast of a substation that agrees with those of its feeders: its P50 is the sum of theirs, in every
/// half-hour that all of them reach. How far the other quantiles lie from it is taken from `own`, the
/// forecast of the substation's own meter, where there is one; else from the feeders' distances, half of
/// whose errors are taken to be common to all (weather, calendar) and half each feeder's own.
///
/// Nothing when there are no parts, or one of them has no forecast. Whole watts, not crossing. Pure.
[[nodiscard]] std::optional<LoadForecast> coherent_sum(std::span<const LoadForecast> parts,
                                                       const LoadForecast* own);

}  // namespace headroom::forecast
