#include "core/units.hpp"

#include "core/result.hpp"

#include <cmath>
#include <limits>

namespace headroom {
namespace {

__extension__ using Int128 = __int128;

std::int64_t narrow(Int128 value) {
    HEADROOM_ASSERT(value >= std::numeric_limits<std::int64_t>::min() &&
                    value <= std::numeric_limits<std::int64_t>::max());
    return static_cast<std::int64_t>(value);
}

Int128 divide_half_even_wide(Int128 numerator, Int128 denominator) {
    Int128 quotient = numerator / denominator;
    Int128 rest = numerator % denominator;
    if (rest < 0) {  // floor division: 0 <= rest < denominator from here on
        rest += denominator;
        --quotient;
    }
    // rest >= denominator - rest says "at least half" without doubling, which could overflow.
    const Int128 other = denominator - rest;
    const bool up = rest > other || (rest == other && quotient % 2 != 0);
    return up ? quotient + 1 : quotient;
}

std::int64_t to_thousandths(double value) {
    HEADROOM_ASSERT(std::isfinite(value) && std::fabs(value) < 9e12);
    // The processor's default rounding mode is to nearest, halves to even, and nothing here changes it.
    return static_cast<std::int64_t>(std::nearbyint(value * 1000.0));
}

}  // namespace

Watts to_watts(Kilowatts power) {
    return Watts{to_thousandths(power.value)};
}

WattHours to_watt_hours(KilowattHours energy) {
    return WattHours{to_thousandths(energy.value)};
}

std::int64_t divide_half_even(std::int64_t numerator, std::int64_t denominator) {
    HEADROOM_ASSERT(denominator > 0);
    return narrow(divide_half_even_wide(numerator, denominator));
}

std::int64_t multiply_divide_half_even(std::int64_t a, std::int64_t b, std::int64_t denominator) {
    HEADROOM_ASSERT(denominator > 0);
    return narrow(divide_half_even_wide(static_cast<Int128>(a) * b, denominator));
}

WattHours energy_of(Watts power, std::chrono::milliseconds time) {
    return WattHours{multiply_divide_half_even(power.value, time.count(), 3'600'000)};
}

MicroPounds cost_of(WattHours energy, MicroPoundsPerMwh price) {
    return MicroPounds{multiply_divide_half_even(energy.value, price.value, 1'000'000)};
}

std::int64_t round_to_pence(MicroPounds amount) {
    return divide_half_even(amount.value, 10'000);
}

}  // namespace headroom
