#pragma once

#include "settlement/statement.hpp"
#include "store/series.hpp"

#include <string>

namespace headroom::agents {

/// Energy of a half-hour in Wh times this is its mean power in kW.
inline constexpr double kw_of_wh = 2.0 / 1000.0;

/// A series of half-hourly means of net import as a meter's history: whole Wh, missing where there is no
/// mean.
[[nodiscard]] settlement::MeterHistory history_of(const std::string& der, const store::SeriesBlock& block);

}  // namespace headroom::agents
