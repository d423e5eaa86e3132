#pragma once

#include "contingency/shelf_network.hpp"
#include "contingency/shelf_state.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace headroom::contingency {

/// Slower DERs are not counted on by the shelf.
inline constexpr std::int64_t notice_minutes_max = 30;

/// Relief on one phase of one feeder: an armed event to be fired, or what its free DERs can give together.
struct ReliefSlot {
    std::size_t feeder = 0;
    std::size_t phase = phase_sum;  ///< the sum only where the feeder is limited on its sum alone
    const ArmedRelief* armed = nullptr;
    PeriodWatts free_w{};
    std::int64_t notice_minutes = 0;
};

/// Why nothing is asked of the DERs on this feeder; empty when they may be asked: it and all that supplies it
/// are in normal service, it is not in an engineer's hands and not stopped.
[[nodiscard]] std::string why_not_asked(const ShelfNetwork& network, const ShelfState& state,
                                        std::size_t feeder);

/// The slots of one feeder, armed events first; what the guard would let through within a minute at most.
/// Three-phase DERs give a third on each phase.
[[nodiscard]] std::vector<ReliefSlot> slots_of(const ShelfNetwork& network, const ShelfState& state,
                                               std::size_t feeder);

/// What could be relieved below every element, by phase. A phase has a third of what is known on the sum
/// only.
struct ReliefTotals {
    std::vector<PhaseWatts> below_w;           ///< by element
    std::vector<std::int64_t> notice_minutes;  ///< of the slowest that is counted
    std::vector<std::int64_t> sources;         ///< slots below
};
[[nodiscard]] ReliefTotals relief_totals(const ShelfNetwork& network, const ShelfState& state);

/// What a slot gives on a phase: all of it on its own and on the sum, a third when it is the sum's.
[[nodiscard]] constexpr bool counts_on(const ReliefSlot& slot, std::size_t phase) {
    return phase == phase_sum || slot.phase == phase || slot.phase == phase_sum;
}
[[nodiscard]] constexpr std::int64_t parts_on(const ReliefSlot& slot, std::size_t phase) {
    return slot.phase == phase_sum && phase != phase_sum ? 3 : 1;
}

}  // namespace headroom::contingency
