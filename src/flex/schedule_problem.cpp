#include "flex/schedule_problem.hpp"

#include "core/units.hpp"

#include <algorithm>

namespace headroom::flex {
namespace {

constexpr std::int64_t power_limit_w = 1'000'000'000;
constexpr std::int64_t money_limit = 1'000'000'000'000'000;  // µ£

bool in_bounds(const ScheduleUnit& unit) {
    return unit.power_max_w > 0 && unit.power_max_w <= power_limit_w && unit.power_min_w >= 0 &&
           unit.power_min_w <= unit.power_max_w && unit.energy_w_slots >= 0 && unit.run_max >= 1 &&
           unit.rest_min >= 1 && unit.activations_max >= 1 && unit.activation_cost >= 0 &&
           unit.activation_cost <= money_limit && unit.price >= 0 && unit.price <= money_limit / whole_ppm &&
           unit.relief_ppm > 0 && unit.relief_ppm <= 100 * whole_ppm && unit.rebound_ppm >= 0 &&
           unit.rebound_ppm <= 10 * whole_ppm && unit.rebound_slots >= 0;
}

/// A unit at its least power must be able to begin, to end and to last.
bool is_possible(const ScheduleProblem& problem, const ScheduleUnit& unit) {
    const std::int64_t least = std::max<std::int64_t>(unit.power_min_w, 1);
    const bool has_ramps = (unit.ramp_up_w == 0 || unit.ramp_up_w >= least) &&
                           (unit.ramp_down_w == 0 || unit.ramp_down_w >= least) && unit.ramp_up_w >= 0 &&
                           unit.ramp_down_w >= 0;
    if (unit.run_min < 1 || unit.run_min > unit.run_max || !has_ramps ||
        unit.extra >= static_cast<std::int64_t>(problem.extras.size())) {
        return false;
    }
    if (unit.extra < 0) {
        return true;
    }
    const UnitExtra& extra = problem.extras[static_cast<std::size_t>(unit.extra)];
    bool is_open = (extra.cap_w.empty() || extra.cap_w.size() == problem.slots()) &&
                   (extra.load_w.empty() || extra.load_w.size() == problem.slots()) && extra.use_cost >= 0;
    for (std::size_t t = 0; is_open && t < problem.slots(); ++t) {
        is_open = (unit.slots >> t & 1U) == 0 || problem.cap_w(unit, t) >= least;
    }
    return is_open;
}

}  // namespace

Result<void> check_problem(const ScheduleProblem& problem) {
    if (problem.target_w.empty() || problem.slots() > schedule_slots_max) {
        return Error{Errc::invalid, "a schedule has 1 to " + std::to_string(schedule_slots_max) + " slots"};
    }
    if (problem.step < minutes{1} || problem.step > hours{24}) {
        return Error{Errc::invalid, "a slot is a minute to a day long"};
    }
    if (problem.units.size() > schedule_units_max) {
        return Error{Errc::invalid, "more than " + std::to_string(schedule_units_max) + " DERs"};
    }
    if (problem.shortfall_price < 0 || problem.shortfall_price > money_limit / whole_ppm) {
        return Error{Errc::invalid, "the price of shortfall is out of bounds"};
    }
    for (const std::int64_t target : problem.target_w) {
        if (target != schedule_unconstrained &&
            (target > 100 * power_limit_w || target < -100 * power_limit_w)) {
            return Error{Errc::invalid, "a need of " + std::to_string(target) + " W is out of bounds"};
        }
    }
    const auto faulty = std::find_if_not(
        problem.units.begin(), problem.units.end(),
        [&problem](const ScheduleUnit& unit) { return in_bounds(unit) && is_possible(problem, unit); });
    if (faulty != problem.units.end()) {
        return Error{Errc::invalid,
                     "DER " + std::to_string(faulty - problem.units.begin()) + " is out of bounds"};
    }
    return {};
}

MicroPounds unit_cost(const ScheduleProblem& problem, std::size_t unit, const std::int32_t* power_w) {
    const ScheduleUnit& der = problem.units[unit];
    std::int64_t sum = 0;
    std::int64_t starts = 0;
    for (std::size_t t = 0; t < problem.slots(); ++t) {
        sum += power_w[t];
        starts += power_w[t] > 0 && (t == 0 || power_w[t - 1] == 0) ? 1 : 0;
    }
    const std::int64_t once =
        starts > 0 && der.extra >= 0 ? problem.extras[static_cast<std::size_t>(der.extra)].use_cost : 0;
    return MicroPounds{once + starts * der.activation_cost +
                       multiply_divide_half_even(sum * problem.step.count(), der.price, 3'600'000'000)};
}

void add_cover(const ScheduleProblem& problem, std::size_t unit, const std::int32_t* power_w,
               std::int64_t sign, std::vector<std::int64_t>& cover_uw) {
    const ScheduleUnit& der = problem.units[unit];
    const std::size_t slots = problem.slots();
    if (der.extra >= 0 &&
        std::any_of(power_w, power_w + slots, [](std::int32_t power) { return power > 0; })) {
        const UnitExtra& extra = problem.extras[static_cast<std::size_t>(der.extra)];
        for (std::size_t t = 0; t < extra.load_w.size(); ++t) {
            cover_uw[t] -= sign * extra.load_w[t] * der.relief_ppm;
        }
    }
    for (std::size_t t = 0; t < slots; ++t) {
        if (power_w[t] == 0) {
            continue;
        }
        cover_uw[t] += sign * power_w[t] * der.relief_ppm;
        if (der.rebound_ppm == 0 || (t + 1 < slots && power_w[t + 1] > 0)) {
            continue;
        }
        const std::int64_t back =
            multiply_divide_half_even(power_w[t] * der.relief_ppm, der.rebound_ppm, whole_ppm);
        const std::size_t until = std::min(slots, t + 1 + static_cast<std::size_t>(der.rebound_slots));
        for (std::size_t after = t + 1; after < until; ++after) {
            cover_uw[after] -= sign * back;
        }
    }
}

void evaluate(const ScheduleProblem& problem, Schedule& schedule) {
    const std::size_t slots = problem.slots();
    std::vector<std::int64_t> cover_uw(slots, 0);
    schedule.cost = MicroPounds{};
    for (std::size_t unit = 0; unit < problem.units.size(); ++unit) {
        const std::int32_t* power_w = &schedule.power_w[unit * slots];
        schedule.cost += unit_cost(problem, unit, power_w);
        add_cover(problem, unit, power_w, 1, cover_uw);
    }
    schedule.shortfall_w.assign(slots, 0);
    std::int64_t sum = 0;
    for (std::size_t t = 0; t < slots; ++t) {
        if (problem.target_w[t] != schedule_unconstrained) {
            const std::int64_t left = problem.target_w[t] * whole_ppm - cover_uw[t];
            schedule.shortfall_w[t] = left > 0 ? divide_half_even(left, whole_ppm) : 0;
        }
        sum += schedule.shortfall_w[t];
    }
    schedule.shortfall_cost = MicroPounds{
        multiply_divide_half_even(sum * problem.step.count(), problem.shortfall_price, 3'600'000'000)};
}

}  // namespace headroom::flex
