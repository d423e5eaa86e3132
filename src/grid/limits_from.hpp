#pragma once

#include "core/result.hpp"
#include "grid/network.hpp"

#include <span>
#include <string>
#include <string_view>

namespace headroom::grid {

/// A stand-in for a limit that nobody gave: the value that `percentile` per cent of the readings do not
/// exceed (nearest rank: the ⌈percentile/100·N⌉-th smallest), to the thousandth. It is unverified, so it
/// never allows acting; its source reads "percentile 95 of 4032 readings, " and `source`.
///
/// `values_kw` are in the limit's direction (import positive for import), in any order; values that are not
/// finite are passed over. Errors: `invalid` for a percentile outside (0, 100], no finite reading, or a value
/// that is not above 0 (there is nothing to guard in this direction).
[[nodiscard]] Result<Limit> percentile_limit(std::string_view asset, Phase phase, Direction direction,
                                             std::span<const double> values_kw, double percentile,
                                             std::string_view source);
/// The same from the packed histories.
[[nodiscard]] Result<Limit> percentile_limit(std::string_view asset, Phase phase, Direction direction,
                                             std::span<const float> values_kw, double percentile,
                                             std::string_view source);

}  // namespace headroom::grid
