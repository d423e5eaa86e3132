#pragma once

#include "contingency/transfer.hpp"

#include <string>
#include <vector>

namespace headroom::contingency {

struct LossOrders {
    std::vector<ShelfOrder> orders;
    std::int64_t short_w = 0;  ///< largest need that no order meets
};

/// Who is asked for the relief that a transfer needs: armed events first, then what is free, the largest
/// first; what relieves a carrier below counts for those above it. Each order has been put to
/// `grid::authorise` and its DERs to the guard as they would be when it is sent; what these answer is kept.
[[nodiscard]] LossOrders orders_for(const ShelfNetwork& network, const ShelfState& state,
                                    const Transfer& transfer);

}  // namespace headroom::contingency
