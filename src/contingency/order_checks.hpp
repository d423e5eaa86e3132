#pragma once

#include "contingency/relief.hpp"
#include "contingency/shelf_plan.hpp"

#include <vector>

namespace headroom::contingency {

/// Fills in who would answer the order, what `grid::authorise` would grant and what the guard would say to
/// each DER, one after the other. An order at a feeder whose limits are not verified is for a person.
void check_order(const ShelfNetwork& network, const ShelfState& state, const ReliefSlot& slot,
                 ShelfOrder& order);

/// What the guard counts over all orders of one loss: instructions that begin together.
void check_together(const ShelfState& state, std::vector<ShelfOrder>& orders);

/// The limit that an order on a feeder's phase relieves: that phase's, or the sum's where the phase has none;
/// nullptr for an element without limits.
[[nodiscard]] const PhaseLimits* limit_for(const ShelfNetwork& network, std::size_t feeder,
                                           std::size_t phase);

}  // namespace headroom::contingency
