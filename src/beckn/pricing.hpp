#pragma once

#include "core/units.hpp"
#include "flex/interval_grid.hpp"
#include "flex/offer.hpp"

#include <cstdint>

namespace headroom::beckn {

/// Energy of the powers of a grid: their sum over its step, rounded once.
[[nodiscard]] WattHours energy_of_grid(const flex::IntervalGrid& grid);
/// What an offer's terms make of a grid: utilisation and availability on its energy, each rounded once, as a
/// plan counts it. Buyer and simulated seller use the same function, so that an honest quote is equal to the
/// plan's cost to the micro-pound.
[[nodiscard]] MicroPounds price_of(const flex::Offer& offer, const flex::IntervalGrid& grid);
/// Whether `now` exceeds `before` by more than the tolerance.
[[nodiscard]] bool is_price_rise(MicroPounds before, MicroPounds now, std::int64_t tolerance_ppm);

}  // namespace headroom::beckn
