#pragma once

#include "agents/series_store.hpp"
#include "scenario/asset.hpp"

#include <map>
#include <string>
#include <vector>

namespace headroom::agents {

/// So much of the past is read for a scenario; the model needs 21 days.
inline constexpr auto asset_history_days = std::chrono::days{120};
/// Beyond so many assets with a recorded past the others are projected from their class profiles.
inline constexpr std::size_t asset_histories_max = 100;

/// The recorded half-hours of assets before `now`, by id, with the weather that feeds had told for the same
/// half-hours. What trust kept apart (`ID/p_kw/sum/raw`) is not known; what the
/// operator had bought (`ID/p_kw/sum/dispatched`) and what our own events delivered (`ID/p_kw/sum/delivered`)
/// is added back, and `source` says so. Assets of which nothing was recorded are missing.
Awaitable<std::map<std::string, scenario::History>> recorded_histories(SeriesStore& series,
                                                                       std::vector<std::string> ids,
                                                                       UtcTime now);

}  // namespace headroom::agents
