#pragma once

#include "rehearsal/rehearsal.hpp"

namespace headroom::rehearsal {

/// Load at any quantile of a row, drawn straight between those it has; outside of them the nearest.
[[nodiscard]] double at_quantile(const std::array<float, forecast::quantile_count>& row, double quantile);

/// From the walks of `out` to its overloads, alarms, purchases, feeders and coverage. Pure. Errors: those of
/// the planner.
[[nodiscard]] Result<void> score(Rehearsal& out, const grid::Network& network,
                                 const std::vector<flex::Offer>& offers,
                                 const forecast::BacktestProgress& progress);

}  // namespace headroom::rehearsal
