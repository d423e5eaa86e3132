#pragma once

#include "contingency/transfer.hpp"

#include <vector>

namespace headroom::contingency {

/// How those who carry more stand against each of their limits.
[[nodiscard]] std::vector<Receiver> receivers_of(const ShelfNetwork& network, const ShelfState& state,
                                                 const Transfer& transfer);

}  // namespace headroom::contingency
