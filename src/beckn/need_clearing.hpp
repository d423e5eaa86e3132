#pragma once

#include "core/time.hpp"
#include "flex/interval_grid.hpp"
#include "flex/need.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace headroom::beckn {

/// An offer curve that stands when the gate closes.
struct StandingBid {
    std::string id;  ///< different for each
    UtcTime at{};    ///< when it came: the earlier goes first among equal prices
    std::vector<std::vector<flex::BidStep>> curve;  ///< by slot, as many as the need has
};

/// What the market made of all bids, slot by slot.
struct Clearing {
    flex::IntervalGrid cleared_w;  ///< ≤ what was wanted
    /// The price of the last step that was taken, which all that were taken get; 0 where nothing was.
    flex::IntervalGrid price_per_mwh;
    std::map<std::string, flex::IntervalGrid> awards_w;  ///< by bid, only those that got something
};

/// Pay-as-clear. Each slot is a market of its own: steps are taken from the cheapest on until what is wanted
/// is covered, equal prices by time of the bid, then by its id; the last may be taken in part, and its price
/// is paid to all. A point of a curve says that up to this power stands at this price or a higher one, so
/// that a curve which falls offers no less at a higher price. Whole watts and whole micro-units; the order of
/// `bids` does not matter.
[[nodiscard]] Clearing clear(const flex::IntervalGrid& wanted_w, const std::vector<StandingBid>& bids);

}  // namespace headroom::beckn
