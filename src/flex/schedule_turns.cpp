#include "flex/schedule_turns.hpp"

#include "core/units.hpp"

#include <algorithm>
#include <utility>

namespace headroom::flex {
namespace {

/// What is wanted beyond what `cover_uw` gives already.
std::vector<std::int64_t> open_target(const std::vector<std::int64_t>& target_w,
                                      const std::vector<std::int64_t>& cover_uw) {
    std::vector<std::int64_t> out = target_w;
    for (std::size_t t = 0; t < out.size(); ++t) {
        if (out[t] != schedule_unconstrained) {
            const std::int64_t left = out[t] * whole_ppm - cover_uw[t];
            out[t] = left > 0 ? (left + whole_ppm - 1) / whole_ppm : left / whole_ppm;
        }
    }
    return out;
}

/// One turn's units as a problem of their own; units of a group that is used already stay away.
ScheduleProblem units_of_turn(const PreparedPlan& prepared, const ScheduleProblem& problem, int turn,
                              const std::vector<bool>& is_group_used, std::vector<std::size_t>& units) {
    ScheduleProblem part = problem;
    part.units.clear();
    units.clear();
    std::int64_t most = 0;
    for (std::size_t unit = 0; unit < problem.units.size(); ++unit) {
        ScheduleUnit der = problem.units[unit];
        const bool is_turn = prepared.turn_of_unit.empty() || prepared.turn_of_unit[unit] == turn;
        if (!is_turn || (der.group >= 0 && is_group_used[static_cast<std::size_t>(der.group)])) {
            continue;
        }
        if (!prepared.weight_of_unit.empty()) {
            der.price += prepared.weight_of_unit[unit];
            most = std::max(most, prepared.weight_of_unit[unit] * whole_ppm / der.relief_ppm);
        }
        units.push_back(unit);
        part.units.push_back(der);
    }
    // What was worth covering stays worth covering.
    part.shortfall_price = std::min<std::int64_t>(part.shortfall_price + most, 900'000'000);
    return part;
}

std::size_t groups_of(const ScheduleProblem& problem) {
    std::int64_t most = -1;
    for (const ScheduleUnit& der : problem.units) {
        most = std::max(most, der.group);
    }
    return static_cast<std::size_t>(most + 1);
}

}  // namespace

Result<ScheduleSolution> solve_in_turns(const PreparedPlan& prepared, const ScheduleProblem& problem,
                                        const ScheduleBudget& budget, const FirstPlan& on_first) {
    if (prepared.turns == 1 && prepared.weight_of_unit.empty()) {
        return search_schedule(problem, budget, on_first);
    }
    ScheduleBudget bound_only = budget;
    bound_only.improve_work = 0;
    bound_only.rounds = 1;
    Result<ScheduleSolution> out = search_schedule(problem, bound_only, on_first);
    if (!out) {
        return out;
    }
    const std::size_t slots = problem.slots();
    Schedule whole;
    whole.power_w.assign(problem.units.size() * slots, 0);
    std::vector<std::int64_t> cover_uw(slots, 0);
    std::vector<bool> is_group_used(groups_of(problem), false);
    std::vector<std::size_t> units;
    for (int turn = 0; turn < prepared.turns; ++turn) {
        ScheduleProblem part = units_of_turn(prepared, problem, turn, is_group_used, units);
        part.target_w = open_target(problem.target_w, cover_uw);
        const bool is_open = std::any_of(part.target_w.begin(), part.target_w.end(),
                                         [](std::int64_t target) { return target > 0; });
        if (!is_open || units.empty()) {
            continue;
        }
        Result<ScheduleSolution> found = search_schedule(part, budget);
        if (!found) {
            return found;
        }
        out->work_units += found->work_units;
        for (std::size_t i = 0; i < units.size(); ++i) {
            const std::int32_t* power_w = &found->schedule.power_w[i * slots];
            std::copy_n(power_w, slots, &whole.power_w[units[i] * slots]);
            add_cover(problem, units[i], power_w, 1, cover_uw);
            const std::int64_t group = problem.units[units[i]].group;
            const bool is_used =
                std::any_of(power_w, power_w + slots, [](std::int32_t power) { return power > 0; });
            if (group >= 0 && is_used) {
                is_group_used[static_cast<std::size_t>(group)] = true;
            }
        }
    }
    evaluate(problem, whole);
    const auto cost = static_cast<double>(whole.objective().value);
    out->schedule = std::move(whole);
    out->bound = std::min(out->bound, cost);
    out->gap_percent = cost > 0.0 ? 100.0 * (cost - out->bound) / cost : 0.0;
    const bool is_short = std::any_of(out->schedule.shortfall_w.begin(), out->schedule.shortfall_w.end(),
                                      [](std::int64_t left) { return left > 0; });
    out->status = is_short ? ScheduleStatus::partial : ScheduleStatus::feasible;
    return out;
}

}  // namespace headroom::flex
