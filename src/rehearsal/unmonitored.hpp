#pragma once

#include "rehearsal/rehearsal.hpp"

namespace headroom::rehearsal {

/// Feeders of the network that no limit was walked for: their peak from the loading of monitored feeders of
/// the same kind (of all, where there are fewer than three), or, where the busbar of their substation is
/// metered, from what its monitored feeders leave of it, shared by rating. Feeders without a rating are left
/// out: nothing can be said of them.
[[nodiscard]] std::vector<UnmonitoredFeeder> estimate_unmonitored(
    const grid::Network& network, const std::vector<LimitWalk>& walks,
    const std::map<std::string, forecast::GridSeries>& busbar_kw);

}  // namespace headroom::rehearsal
