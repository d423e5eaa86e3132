#pragma once

#include "features/half_hour_ring.hpp"
#include "features/reading_ring.hpp"
#include "features/stream_row.hpp"
#include "forecast/series_panel.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace headroom::forecast {

/// Spread that a streaming row is told in; 0 when its newest reading or its spread is not known.
[[nodiscard]] double ramp_spread(std::span<const float> row);
/// The streaming row without its units, as the ramp's trees read it: `ramp_columns` and the external ones.
void make_ramp_row(std::span<const float> row, double spread, std::vector<float>& out);
inline constexpr std::size_t ramp_columns = 20;

/// Names of the external columns that the covariates give: each that is known ahead, as it is and its change
/// until every lead.
[[nodiscard]] std::vector<std::string> ramp_external(std::span<const Covariate> covariates);

/// Replays a series slot by slot through the rings of the control room, and hands out the row at every slot
/// that holds a reading.
void replay_rows(const Panel& panel, std::size_t series, std::span<const Covariate> covariates,
                 const std::function<void(std::int64_t slot, std::span<const float> row)>& take);

}  // namespace headroom::forecast
