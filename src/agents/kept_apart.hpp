#pragma once

#include "agents/delivered_load.hpp"
#include "agents/series_store.hpp"
#include "core/async.hpp"
#include "core/time.hpp"

#include <set>
#include <string>

namespace headroom::agents {

/// Which half-hours of [from, to) of the meters of these DERs trust keeps apart, as the series store has it.
Awaitable<IsKeptApart> kept_apart(SeriesStore& series, std::set<std::string> ders, UtcTime from, UtcTime to);

}  // namespace headroom::agents
