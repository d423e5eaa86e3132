#include "beckn/pricing.hpp"

namespace headroom::beckn {

WattHours energy_of_grid(const flex::IntervalGrid& grid) {
    std::int64_t sum_w = 0;
    for (const std::int64_t watts : grid.values) {
        sum_w += watts;
    }
    return energy_of(Watts{sum_w}, grid.step);
}

MicroPounds price_of(const flex::Offer& offer, const flex::IntervalGrid& grid) {
    const WattHours energy = energy_of_grid(grid);
    return cost_of(energy, offer.utilisation) +
           cost_of(energy, MicroPoundsPerMwh{offer.availability_per_mw_h.value});
}

bool is_price_rise(MicroPounds before, MicroPounds now, std::int64_t tolerance_ppm) {
    constexpr std::int64_t ppm = 1'000'000;
    const std::int64_t allowed = multiply_divide_half_even(before.value, tolerance_ppm, ppm);
    return now.value > before.value && now.value - before.value > allowed;
}

}  // namespace headroom::beckn
