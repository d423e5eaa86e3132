#include "flex/schedule_choose.hpp"

#include "flex/schedule_settle.hpp"
#include "flex/schedule_sure.hpp"
#include "flex/schedule_turns.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <utility>

namespace headroom::flex {
namespace {

constexpr int margin_rounds = 6;
constexpr double share_tolerance = 0.004;  // of shares that are drawn
constexpr int budget_rounds = 8;
constexpr std::int64_t plan_draws_most = 4'000;
constexpr std::size_t units_changed = 300;  // up to so many a plan for a probability is changed DER by DER
constexpr std::int64_t changes_work = 160'000'000;
constexpr std::size_t cells_searched =
    40'000;  // up to so many the alternatives are searched, not only greedy

/// The plan as if only `units` had been offered; turns that nobody has any more do not count.
PreparedPlan only_units(const PreparedPlan& prepared, const std::vector<std::size_t>& units) {
    PreparedPlan out;
    out.problem = only(prepared.problem, units);
    std::vector<int> turns;
    for (const std::size_t unit : units) {
        out.der_of_unit.push_back(prepared.der_of_unit[unit]);
        if (!prepared.turn_of_unit.empty()) {
            turns.push_back(prepared.turn_of_unit[unit]);
        }
        if (!prepared.weight_of_unit.empty()) {
            out.weight_of_unit.push_back(prepared.weight_of_unit[unit]);
        }
    }
    const std::set<int> there(turns.begin(), turns.end());
    out.turns = std::max(1, static_cast<int>(there.size()));
    if (out.turns > 1) {
        for (const int turn : turns) {
            out.turn_of_unit.push_back(static_cast<int>(std::distance(there.begin(), there.find(turn))));
        }
    }
    if (std::all_of(out.weight_of_unit.begin(), out.weight_of_unit.end(),
                    [](std::int64_t weight) { return weight == 0; })) {
        out.weight_of_unit.clear();
    }
    return out;
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
    std::vector<double> reliability;
    ScheduleProblem weighed = prepared.problem;  // what is offered at what it counts as
    for (std::size_t unit = 0; unit < weighed.units.size(); ++unit) {
        reliability.push_back(request.ders[prepared.der_of_unit[unit]].reliability);
        weighed.units[unit].price += prepared.weight_of_unit.empty() ? 0 : prepared.weight_of_unit[unit];
    }
    // Who is changed until the draws just suffice suits these draws better than others: hence a little more.
    SureAim aim{.probability = std::min(probability + share_tolerance, 0.999),
                .draws = draws,
                .seed = seed,
                .work = changes_work / effort,
                .may_swap = prepared.turns == 1};
    const auto worth = [&weighed](Schedule schedule) {
        evaluate(weighed, schedule);
        return schedule.objective();
    };
    std::optional<Chosen> best;
    std::optional<Chosen> nearest;
    double surest = 0.0;
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
        double certainty = certainty_of(request, prepared, found->schedule, draws, seed);
        (certainty >= probability - share_tolerance ? high : low) = margin;
        margin = 0.5 * (low + high);
        if (problem.units.size() <= units_changed) {
            aim.from_all = aim.may_swap && round + 1 == margin_rounds;
            certainty = make_sure(weighed, reliability, aim, found->schedule);
            evaluate(problem, found->schedule);
        }
        const bool is_enough = certainty >= probability - share_tolerance;
        const MicroPounds cost = worth(found->schedule);
        surest = std::max(surest, certainty);
        if (!nearest || nearest->certainty < surest - share_tolerance ||
            (certainty >= surest - share_tolerance && cost < worth(nearest->solution.schedule))) {
            nearest = Chosen{*found, problem, certainty};
        }
        if (is_enough && (!best || cost < worth(best->solution.schedule))) {
            best = Chosen{*found, problem, certainty};
        }
    }
    Chosen out = best ? std::move(*best) : std::move(*nearest);
    out.solution.work_units = work;
    return out;
}

Result<Chosen> solve_once(const PlanRequest& request, const PreparedPlan& prepared,
                          const FirstPlan& on_first) {
    if (request.probability) {
        return solve_for(request, prepared, *request.probability, 6, on_first);
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
    return std::clamp<std::int64_t>(40'000'000 / std::max<std::int64_t>(1, cells), 400, plan_draws_most);
}

Result<Chosen> choose_plan(const PlanRequest& request, const PreparedPlan& prepared,
                           std::optional<std::int64_t> micro_gbp_most, const FirstPlan& on_first) {
    const ScheduleProblem& problem = prepared.problem;
    std::optional<Chosen> first;
    std::int64_t work = 0;
    std::vector<std::size_t> units;
    Result<Chosen> found = settle(problem, units, [&](const std::vector<std::size_t>& of) {
        PreparedPlan part = only_units(prepared, of);
        const std::int64_t unit_w = resolution_w(part.problem);
        part.problem = in_units(std::move(part.problem), unit_w);
        Result<Chosen> chosen = solve_once(request, part, first ? FirstPlan{} : on_first);
        if (!chosen) {
            return chosen;
        }
        if (micro_gbp_most) {
            keep_within(part, *micro_gbp_most / unit_w, *chosen);
        }
        to_watts(unit_w, chosen->solution.schedule);
        chosen->solution.schedule.cost.value *= unit_w;
        chosen->solution.schedule.shortfall_cost.value *= unit_w;
        to_watts(unit_w, chosen->solution.first);
        chosen->solution.bound *= static_cast<double>(unit_w);
        work += chosen->solution.work_units;
        first = first ? std::move(first) : *chosen;
        return chosen;
    });
    if (!found) {
        return found;
    }
    // Bound, prices and the first plan are those of all that is offered.
    Chosen out = std::move(*first);
    out.solution.status = found->solution.status;
    if (out.solution.status == ScheduleStatus::optimal && units.size() < problem.units.size()) {
        // Proven for what is used alone.
        out.solution.status = status_of(found->solution.schedule, out.solution.bound);
    }
    out.solution.schedule = widened(problem, units, found->solution.schedule);
    out.solution.work_units = work;
    out.certainty = found->certainty;
    evaluate(problem, out.solution.first);
    return out;
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
