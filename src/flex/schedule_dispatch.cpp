#include "flex/schedule_dispatch.hpp"

#include "core/units.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

namespace headroom::flex {
namespace {

constexpr std::int64_t tolerance_uw = 500'000;
constexpr double swap_gain_least = 1e-6;  // share of the cost, below which a swap is rounding

std::uint64_t bit(std::size_t slot) {
    return std::uint64_t{1} << slot;
}

double cost_of_relief(const ScheduleProblem& problem, const ScheduleUnit& der) {
    return problem.slot_cost(der.price) / static_cast<double>(der.relief_ppm);
}

}  // namespace

bool is_even(const ScheduleUnit& der) {
    return der.power_min_w < der.power_max_w && der.rebound_ppm == 0 && der.ramp_up_w == 0 &&
           der.ramp_down_w == 0;
}

PlanDispatch::PlanDispatch(const ScheduleProblem& problem)
    : problem_(problem),
      slots_(problem.slots()),
      worth_(problem.slot_cost(problem.shortfall_price) / 1e6),
      rank_(problem.units.size(), 0) {
    std::vector<std::uint32_t> order(problem.units.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&problem](std::uint32_t a, std::uint32_t b) {
        return cost_of_relief(problem, problem.units[a]) < cost_of_relief(problem, problem.units[b]);
    });
    for (std::uint32_t rank = 0; rank < order.size(); ++rank) {
        rank_[order[rank]] = rank;
    }
}

void PlanDispatch::mark(std::size_t row, std::size_t slot) {
    Row& of = rows_[row];
    const std::int64_t now = power_w_[row * slots_ + slot];
    const bool may_rise = now > 0 && now < problem_.cap_w(problem_.units[of.unit], slot);
    of.up = may_rise ? of.up | bit(slot) : of.up & ~bit(slot);
    of.down = now > of.hold_w ? of.down | bit(slot) : of.down & ~bit(slot);
}

void PlanDispatch::take(const PlanState& state) {
    cover_uw_ = state.cover_uw();
    rows_.clear();
    for (const std::uint32_t unit : state.used()) {
        if (is_even(problem_.units[unit])) {
            rows_.push_back({.unit = unit});
        }
    }
    std::sort(rows_.begin(), rows_.end(),
              [this](const Row& a, const Row& b) { return rank_[a.unit] < rank_[b.unit]; });
    power_w_.resize(rows_.size() * slots_);
    is_seen_.resize(rows_.size());
    for (std::size_t row = 0; row < rows_.size(); ++row) {
        Row& of = rows_[row];
        const ScheduleUnit& der = problem_.units[of.unit];
        of.relief_ppm = der.relief_ppm;
        of.cost = cost_of_relief(problem_, der);
        of.hold_w = std::max<std::int64_t>(der.power_min_w, 1);
        of.left_w = der.energy_w_slots;
        const std::int32_t* power_w = state.power_w(of.unit);
        std::copy_n(power_w, slots_, &power_w_[row * slots_]);
        for (std::size_t slot = 0; slot < slots_; ++slot) {
            if (power_w[slot] > 0) {
                of.left_w -= power_w[slot];
                mark(row, slot);
            }
        }
    }
    cells_ += static_cast<std::int64_t>(rows_.size() * (slots_ + 24)) / 4;
}

void PlanDispatch::give(PlanState& state) {
    for (std::size_t row = 0; row < rows_.size(); ++row) {
        if (rows_[row].is_changed) {
            state.set(rows_[row].unit, &power_w_[row * slots_]);
            cells_ += static_cast<std::int64_t>(slots_);
        }
    }
}

void PlanDispatch::move(std::size_t row, int slot, std::int64_t power_w) {
    const auto at = static_cast<std::size_t>(slot);
    Row& of = rows_[row];
    power_w_[row * slots_ + at] += static_cast<std::int32_t>(power_w);
    cover_uw_[at] += power_w * of.relief_ppm;
    of.left_w -= power_w;
    of.is_changed = true;
    mark(row, at);
}

std::int64_t PlanDispatch::missing_uw(std::size_t slot) const {
    return problem_.target_w[slot] == schedule_unconstrained
               ? 0
               : problem_.target_w[slot] * whole_ppm - cover_uw_[slot];
}

std::int64_t PlanDispatch::free_w(std::size_t row, int slot, bool raises) const {
    const auto at = static_cast<std::size_t>(slot);
    const std::int64_t now = power_w_[row * slots_ + at];
    return raises ? problem_.cap_w(problem_.units[rows_[row].unit], at) - now : now - rows_[row].hold_w;
}

/// From the slots `front`, which end at row `end`, to those from which these are reached.
template <bool raises>
void PlanDispatch::spread(std::size_t end, std::uint64_t front, std::uint64_t& reached) {
    while (front != 0) {
        std::uint64_t next = 0;
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            const Row& of = rows_[row];
            const std::uint64_t through = (raises ? of.down : of.up) & front;
            const std::uint64_t fresh = (raises ? of.up : of.down) & ~reached;
            if (through == 0 || fresh == 0) {
                continue;
            }
            reached |= fresh;
            next |= fresh;
            for (std::uint64_t each = fresh; each != 0; each &= each - 1) {
                ways_[static_cast<std::size_t>(std::countr_zero(each))] = {row, std::countr_zero(through),
                                                                           end};
            }
        }
        cells_ += static_cast<std::int64_t>(rows_.size()) / 4 + 1;
        front = next;
    }
}

/// For every slot the cheapest way to more relief there, or the way to less that saves the most.
template <bool raises>
void PlanDispatch::find_ways() {
    ways_.fill(Way{});
    std::uint64_t reached = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        const std::size_t row = raises ? i : rows_.size() - 1 - i;
        const Row& of = rows_[row];
        const std::uint64_t fresh = raises && of.left_w <= 0 ? 0 : (raises ? of.up : of.down) & ~reached;
        if (fresh == 0) {
            continue;
        }
        reached |= fresh;
        for (std::uint64_t each = fresh; each != 0; each &= each - 1) {
            ways_[static_cast<std::size_t>(std::countr_zero(each))] = {row, -1, row};
        }
        spread<raises>(row, fresh, reached);
    }
    cells_ += static_cast<std::int64_t>(rows_.size()) / 4 + 16;
}

/// Moves up to `most_uw` along the slot's way. Answers how much relief it came to.
template <bool raises>
std::int64_t PlanDispatch::push(int slot, std::int64_t most_uw) {
    std::int64_t most = most_uw;
    for (int at = slot; at >= 0;) {
        const Way& way = ways_[static_cast<std::size_t>(at)];
        std::int64_t power = free_w(way.row, at, raises);
        if (way.next >= 0) {
            power = std::min(power, free_w(way.row, way.next, !raises));
        } else if (raises) {
            power = std::min(power, rows_[way.row].left_w);
        }
        most = std::min(most, power * rows_[way.row].relief_ppm);
        at = way.next;
    }
    // From one DER to the next whole watts do not fit: what is raised is rounded up where it can be, what is
    // taken back is rounded down.
    std::int64_t moved = 0;
    for (int at = slot; at >= 0;) {
        const Way way = ways_[static_cast<std::size_t>(at)];
        const std::int64_t relief = rows_[way.row].relief_ppm;
        const std::int64_t there = way.next >= 0 ? free_w(way.row, way.next, !raises)
                                   : raises      ? rows_[way.row].left_w
                                                 : most;
        const std::int64_t wanted = raises ? (most + relief - 1) / relief : most / relief;
        const std::int64_t power = std::min({wanted, free_w(way.row, at, raises), there});
        if (power <= 0) {
            break;
        }
        move(way.row, at, raises ? power : -power);
        if (way.next >= 0) {
            move(way.row, way.next, raises ? -power : power);
        }
        moved = at == slot ? power * relief : moved;
        most = power * relief;
        at = way.next;
    }
    return moved;
}

bool PlanDispatch::fill() {
    find_ways<true>();
    for (std::size_t slot = 0; slot < slots_; ++slot) {
        const Way& way = ways_[slot];
        if (missing_uw(slot) >= tolerance_uw && way.end != nobody && rows_[way.end].cost < worth_ &&
            push<true>(static_cast<int>(slot), missing_uw(slot)) > 0) {
            return true;
        }
    }
    return false;
}

bool PlanDispatch::lower() {
    find_ways<false>();
    for (std::size_t slot = 0; slot < slots_; ++slot) {
        const bool is_over =
            problem_.target_w[slot] != schedule_unconstrained && missing_uw(slot) <= -2 * tolerance_uw;
        if (is_over && ways_[slot].end != nobody &&
            push<false>(static_cast<int>(slot), -missing_uw(slot)) > 0) {
            return true;
        }
    }
    return false;
}

/// Lets a cheaper DER with energy left stand in for a dear one.
bool PlanDispatch::swap() {
    find_ways<true>();
    for (std::size_t i = rows_.size(); i-- > 0;) {
        const double limit = rows_[i].cost * (1.0 - swap_gain_least);
        for (std::uint64_t each = rows_[i].down; each != 0; each &= each - 1) {
            const int slot = std::countr_zero(each);
            const Way& way = ways_[static_cast<std::size_t>(slot)];
            if (way.end == nobody || rows_[way.end].cost >= limit) {
                continue;
            }
            const std::int64_t free_uw = free_w(i, slot, false) * rows_[i].relief_ppm;
            const std::int64_t power = push<true>(slot, free_uw) / rows_[i].relief_ppm;
            if (power > 0) {
                move(i, slot, -std::min(power, free_w(i, slot, false)));
                return true;
            }
        }
    }
    return false;
}

std::int64_t PlanDispatch::run(PlanState& state) {
    cells_ = 0;
    take(state);
    const std::size_t most = 4 * slots_ + 2 * rows_.size();
    for (std::size_t round = 0; round < most && fill(); ++round) {
    }
    for (std::size_t round = 0; round < most && lower(); ++round) {
    }
    for (std::size_t round = 0; round < most && swap(); ++round) {
    }
    give(state);
    return cells_;
}

}  // namespace headroom::flex
