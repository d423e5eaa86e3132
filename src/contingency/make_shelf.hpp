#pragma once

#include "contingency/relief.hpp"
#include "contingency/shelf_network.hpp"
#include "contingency/shelf_plan.hpp"
#include "contingency/shelf_state.hpp"
#include "contingency/transfer.hpp"

#include <cstddef>
#include <vector>

namespace headroom::contingency {

/// The ready plan for the loss of `element` at `state.now`: what is interrupted, which ties take how much of
/// it where, how near to their limits that brings those who carry it, what is ordered from DERs there, and
/// what stays without supply. Covered means: everything can be restored with every carrier within its binding
/// limit, orders counted. With doubts (`doubts_of`, or a load outside its forecast's band among those that
/// take part) the plan is never carried out without a person, and offers pathways with what each assumes.
/// Pure; whole numbers only, one order of work, so that the same state gives the same bytes.
[[nodiscard]] ShelfPlan plan_loss(const ShelfNetwork& network, const ShelfState& state,
                                  const ReliefTotals& totals, std::size_t element);

/// The plans of all elements that carry load or may, worst first (`ranks_before`).
[[nodiscard]] std::vector<ShelfPlan> make_shelf(const ShelfNetwork& network, const ShelfState& state);

/// Uncovered before partly before covered, then by weight, the heaviest first, then by id.
[[nodiscard]] bool ranks_before(const ShelfPlan& a, const ShelfPlan& b);

}  // namespace headroom::contingency
