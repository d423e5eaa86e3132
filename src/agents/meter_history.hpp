#pragma once

#include "settlement/statement.hpp"
#include "store/series.hpp"

#include <string>

namespace headroom::agents {

/// A series of half-hourly means of net import as a meter's history: whole Wh, missing where there is no
/// mean.
[[nodiscard]] settlement::MeterHistory history_of(const std::string& der, const store::SeriesBlock& block);

}  // namespace headroom::agents
