#pragma once

#include "core/time.hpp"
#include "flex/contract.hpp"
#include "flex/offer.hpp"
#include "risk/overload.hpp"

#include <string>

namespace headroom::app {

// What the Beckn bench buys, and from whom.

/// Providers of the large market.
inline constexpr int providers_many = 200;
/// Offers of each of them.
inline constexpr int offers_each = 50;

/// A catalogue file: so many providers with so many offers each, all on one feeder.
[[nodiscard]] std::string beckn_catalogue_text(int providers, int offers);
/// A need of 5 kW for an hour there, two hours ahead; each number is an event of its own.
[[nodiscard]] risk::Overload beckn_overload(int number, UtcTime now);
/// 5 kW of one offer for that hour.
[[nodiscard]] flex::Contract beckn_contract(const risk::Overload& overload, const flex::Offer& offer);

}  // namespace headroom::app
