#pragma once

#include "core/time.hpp"
#include "flex/contract.hpp"
#include "flex/offer.hpp"
#include "risk/overload.hpp"

#include <string>

namespace headroom::app {

// What the Beckn bench buys, and from whom.

/// A catalogue file: so many providers with so many offers each, all on one feeder.
[[nodiscard]] std::string beckn_catalogue_text(int providers, int offers);
/// A need of 5 kW for an hour there, two hours ahead; each number is an event of its own.
[[nodiscard]] risk::Overload beckn_overload(int number, UtcTime now);
/// 5 kW of one offer for that hour.
[[nodiscard]] flex::Contract beckn_contract(const risk::Overload& overload, const flex::Offer& offer);

}  // namespace headroom::app
