#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "core/units.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace headroom::flex {

// The scheduling problem behind POST /api/v1/plans: which DERs run in which slots, at which power, so that a
// need is covered at least cost. Whole numbers throughout: W, µ£, slots. Names and reasons are kept by the
// caller (schedule_request.hpp); here a DER is a number.

inline constexpr std::size_t schedule_slots_max = 64;  ///< a slot is a bit of a word
inline constexpr std::size_t schedule_units_max = 20'000;
inline constexpr std::int64_t schedule_energy_unlimited = std::numeric_limits<std::int64_t>::max() / 4;
inline constexpr std::int64_t schedule_unconstrained = std::numeric_limits<std::int64_t>::min() / 4;

/// One DER. While it is active its power lies within [power_min, power_max]; an activation is a run of
/// neighbouring slots with a power above 0.
struct ScheduleUnit {
    std::int64_t power_min_w = 0;  ///< 0: anything from 1 W
    std::int64_t power_max_w = 0;  ///< > 0
    /// Largest sum of the powers over the slots: energy by the length of a slot.
    std::int64_t energy_w_slots = schedule_energy_unlimited;
    std::uint64_t slots = 0;              ///< bit t: may run in slot t, by notice and availability
    std::int64_t run_max = 1;             ///< slots of one activation, ≥ 1
    std::int64_t rest_min = 1;            ///< slots between two activations, ≥ 1
    std::int64_t activations_max = 1;     ///< ≥ 1
    std::int64_t activation_cost = 0;     ///< µ£
    std::int64_t price = 0;               ///< µ£/kWh
    std::int64_t relief_ppm = 1'000'000;  ///< what the limit sees of a watt, > 0: sensitivity by reliability
    std::int64_t rebound_ppm = 0;         ///< of the last power, as load after release
    std::int64_t rebound_slots = 0;       ///< so many slots long
    std::int64_t group = -1;              ///< at most one unit of a group ≥ 0 is used
    std::int64_t run_min = 1;             ///< slots of one activation at least
    std::int64_t ramp_up_w = 0;           ///< largest rise from slot to slot, from none too; 0: not limited
    std::int64_t ramp_down_w = 0;         ///< largest fall, to none too
    std::int64_t extra = -1;              ///< into ScheduleProblem::extras; < 0: nothing more
    std::uint64_t key = 0;                ///< names the DER in random draws; the same whoever else is offered
};

/// Limits by slot of a unit that has such.
struct UnitExtra {
    std::vector<std::int64_t> cap_w;   ///< largest power by slot; empty: as the unit's
    std::vector<std::int64_t> load_w;  ///< load that it makes in other slots once it is used; empty: none
    std::int64_t use_cost = 0;         ///< µ£, once
};

struct ScheduleProblem {
    milliseconds step = period_length;
    /// Relief wanted by slot, W. Negative: room for rebound; `schedule_unconstrained`: any load is welcome.
    std::vector<std::int64_t> target_w;
    std::int64_t shortfall_price = 0;  ///< µ£/kWh of target left uncovered
    std::vector<ScheduleUnit> units;   ///< in the order of their ids
    std::vector<UnitExtra> extras;
    std::uint64_t seed = 0;
    /// A watt in the unit in which powers are told. A bound must hold of plans in which a slot is held with
    /// as little, though powers here are whole units.
    double least_w = 1.0;

    /// Largest power of the unit in the slot.
    [[nodiscard]] std::int64_t cap_w(const ScheduleUnit& unit, std::size_t slot) const {
        return unit.extra < 0 || extras[static_cast<std::size_t>(unit.extra)].cap_w.empty()
                   ? unit.power_max_w
                   : std::min(unit.power_max_w, extras[static_cast<std::size_t>(unit.extra)].cap_w[slot]);
    }
    [[nodiscard]] std::size_t slots() const { return target_w.size(); }
    /// µ£ of one watt through one slot at `price` µ£/kWh.
    [[nodiscard]] double slot_cost(std::int64_t price) const {
        return static_cast<double>(price) * static_cast<double>(step.count()) / 3.6e9;
    }
};

/// Powers and what they come to.
struct Schedule {
    std::vector<std::int32_t> power_w;      ///< [unit * slots + slot]
    std::vector<std::int64_t> shortfall_w;  ///< by slot, to the nearest watt
    MicroPounds cost{};                     ///< activations and energy, each unit rounded once
    MicroPounds shortfall_cost{};

    [[nodiscard]] MicroPounds objective() const { return cost + shortfall_cost; }
};

/// Whether the unit has limits beyond power, energy, times and starts.
[[nodiscard]] inline bool is_special(const ScheduleUnit& unit) {
    return unit.run_min > 1 || unit.ramp_up_w > 0 || unit.ramp_down_w > 0 || unit.extra >= 0;
}

/// Errors: `invalid` for a unit or a need that contradicts itself or is out of bounds.
[[nodiscard]] Result<void> check_problem(const ScheduleProblem& problem);

/// µ£ of one unit's powers, by slot: activations and energy.
[[nodiscard]] MicroPounds unit_cost(const ScheduleProblem& problem, std::size_t unit,
                                    const std::int32_t* power_w);
/// Relief by slot in µW (a negative one is rebound), added to `cover_uw` `sign` times.
void add_cover(const ScheduleProblem& problem, std::size_t unit, const std::int32_t* power_w,
               std::int64_t sign, std::vector<std::int64_t>& cover_uw);
/// Brings costs and shortfalls of `schedule` up to its powers.
void evaluate(const ScheduleProblem& problem, Schedule& schedule);

}  // namespace headroom::flex
