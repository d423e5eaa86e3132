#pragma once

#include "contingency/relief.hpp"
#include "contingency/shelf_network.hpp"
#include "contingency/shelf_plan.hpp"
#include "contingency/shelf_state.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace headroom::contingency {

/// What a way of doing it takes for granted.
struct Assumptions {
    bool switches = true;
    bool counts_relief = true;
    bool remote_only = false;
    std::int64_t load_ppm = 1'000'000;  ///< of every load at the chosen quantile
};

/// Load that goes over one tie.
struct Move {
    ShelfNetwork::WayOut way;
    PhaseWatts load_w{};
    std::int64_t close_after_minutes = 0;
    bool waits_for_orders = false;
};

/// An element that carries more than before.
struct Carried {
    std::size_t element = 0;
    PhaseWatts before_w{};
    PhaseWatts after_w{};  ///< without relief
    PhaseWatts need_w{};   ///< over the binding limit from when load arrives on, ≥ 0
};

/// Where the load of a lost element goes.
struct Transfer {
    PeriodWatts interrupted_w{};  ///< sum of the phases
    PeriodWatts unrestored_w{};
    std::vector<Move> moves;
    std::vector<UnusedTie> unused;
    std::vector<Carried> carried;  ///< the deepest first
};

/// Moves the load of `lost` along its ways out: first as much as fits within every limit, the quickest way
/// first, then as much as fits with relief below those who carry it. No carrier comes above its binding limit
/// by more than the relief below it, and no tie above its rating, in any half-hour from the switching on.
/// What `lost` and the receiver have both above them carries no more than before. A part of an element can
/// move by itself: where along it there is a switch for that is the control engineer's to see. The way down
/// from `scenario/transfer` is the same, with phases and whole watts in place of one curve.
[[nodiscard]] Transfer find_transfer(const ShelfNetwork& network, const ShelfState& state,
                                     const ReliefTotals& totals, std::size_t lost,
                                     const Assumptions& assumes);

/// The half-hour of the plan in which a time after the loss lies; `shelf_periods` or more: beyond it.
[[nodiscard]] std::size_t period_after(const ShelfState& state, std::int64_t minutes_after);
/// How much of a half-hour lies after a time after the loss, in milliseconds.
[[nodiscard]] std::int64_t ms_after(const ShelfState& state, std::size_t period, std::int64_t minutes_after);
/// Minutes from the loss until a half-hour of the plan begins, ≥ 0.
[[nodiscard]] std::int64_t minutes_until(const ShelfState& state, std::size_t period);
/// The load of an element on a phase at the chosen quantile, thirds of the sum where phases are not known.
[[nodiscard]] std::int64_t high_load_w(const ElementLoad& load, std::size_t phase, std::size_t period);

}  // namespace headroom::contingency
