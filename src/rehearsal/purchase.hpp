#pragma once

#include "rehearsal/rehearsal.hpp"

#include <span>

namespace headroom::rehearsal {

/// What an alarm asks for: `need_w` by half-hour from `first`, decided at half-hour `origin`.
struct Need {
    const grid::Limit* limit = nullptr;
    std::int64_t origin = 0;
    std::int64_t first = 0;
    std::vector<std::int64_t> need_w;
    std::int64_t peak_w = 0;  ///< greatest load foretold
};

/// Asks the planner of the control room for the cheapest cover from `offers`, which are made available for
/// the window; without offers everything is bought at the reference price. Errors: those of
/// `flex::make_plan`.
[[nodiscard]] Result<Purchase> buy(const Need& need, std::span<const flex::Offer> offers,
                                   const std::vector<std::string>& feeders_below, bool has_offers,
                                   const RehearsalOptions& options);

}  // namespace headroom::rehearsal
