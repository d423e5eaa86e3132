#pragma once

#include "core/result.hpp"
#include "core/units.hpp"
#include "settlement/statement.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

namespace headroom::settlement {

/// An exact share: numerator / denominator, 0 ≤ numerator ≤ denominator.
struct Share {
    std::int64_t numerator = 0;
    std::int64_t denominator = 1;
};

/// Which energy a curve's factor multiplies.
enum class PaymentBasis { delivered, instructed };

/// Errors: `invalid` for an unknown curve, constants out of range or points that do not rise.
[[nodiscard]] Result<void> check_curve(const PaymentCurve& curve);
[[nodiscard]] PaymentBasis basis_of(const PaymentCurve& curve);
/// The delivery that is paid at most, in ppm of what was instructed: the curve's own, or `otherwise`.
[[nodiscard]] std::int64_t delivery_cap_ppm(const PaymentCurve& curve, std::int64_t otherwise);

/// The curve's factor at delivered/instructed; `instructed` > 0. Exact: no binary fractions.
[[nodiscard]] Share factor_at(const PaymentCurve& curve, WattHours delivered, WattHours instructed);

/// energy × price × factor, to the micro-pound, halves to even.
[[nodiscard]] MicroPounds utilisation_of(WattHours energy, MicroPoundsPerMwh price, Share factor);
/// Power armed for a time at a price per MW and hour, to the micro-pound, halves to even.
[[nodiscard]] MicroPounds availability_of(Watts armed, milliseconds time, MicroPounds price_per_mw_h);

/// Shares of `pot` pence in proportion to `weights` (≥ 0, their sum > 0), by largest remainder; of equal
/// remainders the lower index gains. They always sum to the pot.
[[nodiscard]] std::vector<std::int64_t> split_pence(std::int64_t pot,
                                                    const std::vector<std::int64_t>& weights);

/// Ten-thousandths of a MWh (100 Wh) for files with four decimals, halves to even.
[[nodiscard]] std::int64_t to_mwh_e4(WattHours energy);
/// The sign turned round for BSC flows: export positive.
[[nodiscard]] constexpr WattHours to_cva(WattHours net_import) {
    return -net_import;
}

}  // namespace headroom::settlement
