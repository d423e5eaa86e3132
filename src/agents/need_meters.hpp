#pragma once

#include "agents/need_market.hpp"
#include "agents/series_store.hpp"

namespace headroom::agents {

/// What our own meters say of an order: for each meter of the contract that is a point of our series, its
/// baseline by the need's method and what it showed, slot by slot, in W of import. Nothing when a meter is
/// not ours, a half-hour is missing, there is no baseline, or the need's slots are not settlement periods:
/// then the seller's evidence decides.
[[nodiscard]] MeasureOrder measure_from_series(SeriesStore& series, int history_days = 60);

}  // namespace headroom::agents
