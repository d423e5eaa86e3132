#pragma once

#include "core/time.hpp"
#include "flex/interval_grid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headroom::flex {

/// What a buyer wants, slot by slot, in one currency. All grids share start, step and length.
/// Prices are millionths of a unit of `currency` for one megawatt-hour.
struct Need {
    IntervalGrid requested_w;                       ///< ≥ 0
    std::optional<IntervalGrid> price_per_mwh;      ///< negative: paid for more consumption
    std::optional<IntervalGrid> shortfall_per_mwh;  ///< charged for what was offered and not delivered, ≥ 0

    bool operator==(const Need&) const = default;
};

/// One point of an offer curve: the power that stands at this price of the market.
struct BidStep {
    std::int64_t power_w = 0;
    std::int64_t price_per_mwh = 0;

    bool operator==(const BidStep&) const = default;
};

/// What a seller put forward for a need, and what the market made of it, on the need's own grid.
struct Bid {
    UtcTime start{};
    milliseconds step = period_length;
    std::vector<std::vector<BidStep>> curve;  ///< by slot; in a market with a fixed price one step, price 0
    bool is_priced = false;                   ///< whether the steps carry prices
    std::optional<IntervalGrid> cleared_w;    ///< from the buyer, after the clearing
    std::optional<IntervalGrid> clearing_per_mwh;  ///< the price that all cleared steps of the slot get

    bool operator==(const Bid&) const = default;
};

}  // namespace headroom::flex
