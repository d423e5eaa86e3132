#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::trust {

/// How a meter was connected or set up wrongly.
enum class CommissioningKind : std::uint8_t { reversed, unit, phase_order, missing, unexplained };
[[nodiscard]] std::string_view to_string(CommissioningKind kind);

/// A balance that is off from the start, and the one change that would make it even.
struct CommissioningFault {
    CommissioningKind kind = CommissioningKind::unexplained;
    std::string meter;       ///< the feeder's name or "the busbar"; empty when none can be told
    std::string proposal;    ///< the correction, for an operator to apply
    double before_kw = 0.0;  ///< mean |busbar − Σ feeders| of a phase without it
    double after_kw = 0.0;   ///< and with it (and with those named before)
    /// The proposal as a mapping, where it is one: phase p is `factor[p]` times what the meter calls phase
    /// `order[p]`. Empty for `missing` and `unexplained`.
    std::vector<double> factor = {};
    std::vector<std::size_t> order = {};
};

/// Readings of one time, kW: the busbar by phase; the feeders by feeder, then phase. All finite.
struct BalanceSample {
    std::vector<double> busbar_kw;
    std::vector<double> feeders_kw;
};

/// What is wrong with a substation whose balance never was even: told from tampering by being there from the
/// first reading on. Tries, for each feeder and the busbar, the other sign (all phases, one phase), a
/// thousand times or a thousandth, and other orders of the phases; the change that leaves the least
/// difference is kept when it removes at least half of it, and the search goes on with it in place, four
/// times at most. Meters that read nothing are told as missing where the difference is an import that nobody
/// meters. Empty when the balance is even (within half a kilowatt and 2 % of the load). All samples have the
/// same sizes; fewer than twelve tell nothing.
[[nodiscard]] std::vector<CommissioningFault> find_commissioning_faults(
    std::span<const BalanceSample> samples, std::span<const std::string> feeders);

}  // namespace headroom::trust
