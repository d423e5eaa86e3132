#pragma once

#include "agents/series_store.hpp"
#include "forecast/live_covariates.hpp"

#include <string>
#include <vector>

namespace headroom::agents {

/// Key of what was said so many half-hours before: "feeds/temperature_c/said_48"; "feeds/national_demand_mw"
/// of what is measured.
[[nodiscard]] std::string covariate_key(std::size_t column, std::size_t said);

/// What a book noted, as blocks for the series store.
[[nodiscard]] std::vector<store::SeriesBlock> blocks_of(const std::vector<forecast::CovariateSeries>& noted);

/// What was stored of [from, to), of every column and distance of which there is something.
Awaitable<std::vector<forecast::CovariateSeries>> read_covariates(SeriesStore& series, UtcTime from,
                                                                  UtcTime to);

}  // namespace headroom::agents
