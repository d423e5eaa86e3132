#pragma once

#include "contingency/make_shelf.hpp"

#include <cstddef>
#include <vector>

namespace headroom::contingency {

/// What could be done about the loss of `element` when what has been learnt may not hold: as planned; with
/// every load 15 % above the chosen quantile (own figure), by remote control and without anybody's
/// flexibility; and waiting for repair.
[[nodiscard]] std::vector<Pathway> pathways_for(const ShelfNetwork& network, const ShelfState& state,
                                                const ReliefTotals& totals, std::size_t element);

/// Energy that is not served over the plan's hours, from the loss on.
[[nodiscard]] std::int64_t unserved_wh(const ShelfState& state, const Transfer& transfer);

}  // namespace headroom::contingency
