#include "flex/schedule_choose.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::flex {
namespace {

constexpr std::int64_t ppm = 1'000'000;
constexpr int margin_rounds = 6;
constexpr int budget_rounds = 8;
constexpr std::int64_t draws_most = 4'000;
constexpr std::size_t cells_searched =
    40'000;  // up to so many the alternatives are searched, not only greedy

/// What is wanted beyond what `cover_uw` gives already.
std::vector<std::int64_t> open_target(const std::vector<std::int64_t>& target_w,
                                      const std::vector<std::int64_t>& cover_uw) {
    std::vector<std::int64_t> out = target_w;
    for (std::size_t t = 0; t < out.size(); ++t) {
        if (out[t] != schedule_unconstrained) {
            const std::int64_t left = out[t] * ppm - cover_uw[t];
            out[t] = left > 0 ? (left + ppm - 1) / ppm : left / ppm;
        }
    }
    return out;
}

/// One turn's units as a problem of their own; units of a group that is used already stay away.
ScheduleProblem part_of(const PreparedPlan& prepared, const ScheduleProblem& problem, int turn,
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
            most = std::max(most, prepared.weight_of_unit[unit] * ppm / der.relief_ppm);
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

/// The target of each slot raised by `margin` standard deviations of what `schedule` would deliver.
std::vector<std::int64_t> with_margin(const PlanRequest& request, const PreparedPlan& prepared,
                                      const Schedule& schedule, double margin) {
    const ScheduleProblem& problem = prepared.problem;
    const std::size_t slots = problem.slots();
    std::vector<double> variance(slots, 0.0);
    for (std::size_t unit = 0; unit < problem.units.size(); ++unit) {
        const PlanDer& der = request.ders[prepared.der_of_unit[unit]];
        for (std::size_t t = 0; t < slots; ++t) {
            const double relief = der.sensitivity * schedule.power_w[unit * slots + t];
            variance[t] += relief * relief * der.reliability * (1.0 - der.reliability);
        }
    }
    std::vector<std::int64_t> target = problem.target_w;
    for (std::size_t t = 0; t < slots; ++t) {
        if (target[t] > 0) {
            target[t] += std::llround(margin * std::sqrt(variance[t]));
        }
    }
    return target;
}

/// Solves for a probability. The need is raised by so many standard deviations of the plan's own delivery
/// that drawn deliveries cover it as often as asked: the number is searched, since slots fail together and
/// DERs are lumps, so that no quantile is exact (docs/formats/plans.md).
Result<Chosen> solve_for(const PlanRequest& request, const PreparedPlan& prepared, double probability,
                         std::int64_t effort, const FirstPlan& on_first) {
    const std::int64_t draws = draws_for(prepared.problem);
    const auto seed = static_cast<std::uint64_t>(request.seed) + 1;
    ScheduleProblem problem = prepared.problem;
    ScheduleBudget budget = schedule_budget(problem);
    budget.bound_work = budget.bound_work / effort + 500;
    budget.improve_work /= effort;
    double low = -1.0;
    double high = 4.0;
    double margin = 1.3;
    std::optional<Chosen> best;
    std::optional<Chosen> nearest;
    std::int64_t work = 0;
    Result<ScheduleSolution> start = solve_in_turns(prepared, problem, budget, on_first);
    if (!start) {
        return start.error();
    }
    Schedule shape = start->schedule;
    work += start->work_units;
    for (int round = 0; round < margin_rounds; ++round) {
        problem.target_w = with_margin(request, prepared, shape, margin);
        Result<ScheduleSolution> found = solve_in_turns(prepared, problem, budget);
        if (!found) {
            return found.error();
        }
        work += found->work_units;
        shape = found->schedule;
        const double certainty = certainty_of(request, prepared, found->schedule, draws, seed);
        const bool is_enough = certainty >= probability - 0.004;
        if (!nearest || certainty > nearest->certainty) {
            nearest = Chosen{*found, problem, certainty};
        }
        if (is_enough && (!best || found->schedule.cost < best->solution.schedule.cost)) {
            best = Chosen{*found, problem, certainty};
        }
        (is_enough ? high : low) = margin;
        margin = 0.5 * (low + high);
    }
    Chosen out = best ? std::move(*best) : std::move(*nearest);
    out.solution.work_units = work;
    return out;
}

Result<Chosen> solve_once(const PlanRequest& request, const PreparedPlan& prepared,
                          const FirstPlan& on_first) {
    if (request.probability) {
        return solve_for(request, prepared, *request.probability, 4, on_first);
    }
    Result<ScheduleSolution> found =
        solve_in_turns(prepared, prepared.problem, schedule_budget(prepared.problem), on_first);
    if (!found) {
        return found.error();
    }
    return Chosen{std::move(*found), prepared.problem, 0.0};
}

/// The most relief that money buys: the worth of what stays open is lowered until the purchases fit.
void keep_within(const PreparedPlan& prepared, std::int64_t micro_gbp_most, Chosen& chosen) {
    if (chosen.solution.schedule.cost.value <= micro_gbp_most) {
        return;
    }
    ScheduleProblem problem = chosen.problem;
    ScheduleBudget budget = schedule_budget(problem);
    budget.bound_work = budget.bound_work / 4 + 500;
    budget.improve_work /= 4;
    std::int64_t low = 0;
    std::int64_t high = problem.shortfall_price;
    Schedule best;
    best.power_w.assign(chosen.solution.schedule.power_w.size(), 0);
    for (int round = 0; round < budget_rounds; ++round) {
        problem.shortfall_price = low + (high - low) / 2;
        const Result<ScheduleSolution> found = solve_in_turns(prepared, problem, budget);
        if (!found) {
            break;
        }
        chosen.solution.work_units += found->work_units;
        const bool fits = found->schedule.cost.value <= micro_gbp_most;
        if (fits) {
            best = found->schedule;
        }
        (fits ? low : high) = problem.shortfall_price;
    }
    evaluate(chosen.problem, best);
    chosen.solution.schedule = std::move(best);
    chosen.solution.status = ScheduleStatus::partial;
}

}  // namespace

std::int64_t draws_for(const ScheduleProblem& problem) {
    const auto cells = static_cast<std::int64_t>(problem.units.size() * problem.slots());
    return std::clamp<std::int64_t>(40'000'000 / std::max<std::int64_t>(1, cells), 400, draws_most);
}

Result<ScheduleSolution> solve_in_turns(const PreparedPlan& prepared, const ScheduleProblem& problem,
                                        const ScheduleBudget& budget, const FirstPlan& on_first) {
    if (prepared.turns == 1 && prepared.weight_of_unit.empty()) {
        return solve_schedule(problem, budget, on_first);
    }
    ScheduleBudget bound_only = budget;
    bound_only.improve_work = 0;
    bound_only.rounds = 1;
    Result<ScheduleSolution> out = solve_schedule(problem, bound_only, on_first);
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
        ScheduleProblem part = part_of(prepared, problem, turn, is_group_used, units);
        part.target_w = open_target(problem.target_w, cover_uw);
        const bool is_open = std::any_of(part.target_w.begin(), part.target_w.end(),
                                         [](std::int64_t target) { return target > 0; });
        if (!is_open || units.empty()) {
            continue;
        }
        Result<ScheduleSolution> found = solve_schedule(part, budget);
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

Result<Chosen> choose_plan(const PlanRequest& request, const PreparedPlan& prepared,
                           std::optional<std::int64_t> micro_gbp_most, const FirstPlan& on_first) {
    Result<Chosen> chosen = solve_once(request, prepared, on_first);
    if (chosen && micro_gbp_most) {
        keep_within(prepared, *micro_gbp_most, *chosen);
    }
    return chosen;
}

Schedule other_way(const PlanRequest& request, const PreparedPlan& weighed,
                   std::optional<double> probability) {
    const ScheduleProblem& problem = weighed.problem;
    if (problem.units.size() * problem.slots() > cells_searched) {
        return schedule_by_price(problem);
    }
    if (probability) {
        if (Result<Chosen> found = solve_for(request, weighed, *probability, 12, {})) {
            return std::move(found->solution.schedule);
        }
    }
    ScheduleBudget budget = schedule_budget(problem);
    budget.bound_work = budget.bound_work / 4 + 500;
    budget.improve_work /= 6;
    Result<ScheduleSolution> found = solve_in_turns(weighed, problem, budget);
    return found ? std::move(found->schedule) : schedule_by_price(problem);
}

}  // namespace headroom::flex
