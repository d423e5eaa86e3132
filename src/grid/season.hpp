#pragma once

#include "core/time.hpp"
#include "grid/network.hpp"

namespace headroom::grid {

/// The season of ratings at an instant: winter December to February, summer May to August, never `all`.
/// Source: ENA EREC P27.
[[nodiscard]] Season season_at(UtcTime at);

}  // namespace headroom::grid
