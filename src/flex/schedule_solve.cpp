#include "flex/schedule_solve.hpp"

#include "flex/schedule_improve.hpp"
#include "flex/schedule_settle.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace headroom::flex {
namespace {

constexpr double optimal_gap = 1e-6;  // share of the cost
constexpr std::size_t few_units = 30;
constexpr double rest_share = 2e-3;  // of the cost, for which a plan may use all that it was made from

}  // namespace

ScheduleStatus status_of(const Schedule& schedule, double bound) {
    const auto cost = static_cast<double>(schedule.objective().value);
    const bool is_short = std::any_of(schedule.shortfall_w.begin(), schedule.shortfall_w.end(),
                                      [](std::int64_t left) { return left > 0; });
    if (is_short) {
        return ScheduleStatus::partial;
    }
    return cost - bound <= std::max(1.0, cost * optimal_gap) ? ScheduleStatus::optimal
                                                             : ScheduleStatus::feasible;
}

std::string_view to_string(ScheduleStatus status) {
    switch (status) {
        case ScheduleStatus::optimal:
            return "optimal";
        case ScheduleStatus::feasible:
            return "feasible";
        case ScheduleStatus::partial:
            return "partial";
    }
    return "partial";
}

ScheduleBudget schedule_budget(const ScheduleProblem& problem) {
    const auto cells = static_cast<std::int64_t>(problem.units.size() * problem.slots());
    const bool is_small = problem.units.size() < 1'000;
    ScheduleBudget budget;
    budget.bound_work = is_small ? 18'000 : 200'000 + cells * 4;
    budget.improve_work = is_small ? std::min<std::int64_t>(24'000, 1'000 + cells * 120) : 2'000;
    if (problem.units.size() <= few_units) {
        // Few DERs are hard to fit together and quickly tried; one random sequence may be an unlucky one.
        budget.improve_work = std::min<std::int64_t>(31'000, 1'600 + cells * 190);
        budget.rounds = 5;
    }
    return budget;
}

Result<ScheduleSolution> search_schedule(const ScheduleProblem& problem, const ScheduleBudget& budget,
                                         const FirstPlan& on_first) {
    if (const Result<void> sound = check_problem(problem); !sound) {
        return sound.error();
    }
    ScheduleSolution out;
    out.first = schedule_by_price(problem);
    if (on_first) {
        on_first(out.first);
    }
    out.schedule = out.first;
    out.price.assign(problem.slots(), 0.0);
    if (problem.units.empty()) {
        out.bound = static_cast<double>(out.first.objective().value);
        out.status = status_of(out.schedule, out.bound);
        return out;
    }
    const ScheduleItems items(problem);
    UnitPlanner planner(problem);
    BoundSearch bound(problem, items, planner);
    bound.search(static_cast<double>(out.first.objective().value), budget.bound_work);
    const double proven = bound.bound_in_watts();
    ScheduleSearch search(problem, items, planner, bound);
    search.build();
    if (search.objective() > static_cast<double>(out.first.objective().value)) {
        search.start(out.first);
    }
    const double goal = std::max(0.5, optimal_gap * std::fabs(bound.bound()));
    search.improve_anew(budget.rounds, goal, budget.improve_work, budget.stop);
    search.use_rest(rest_share);
    if (Schedule found = search.state().schedule(); found.objective() < out.schedule.objective()) {
        out.schedule = std::move(found);
    }
    prefer_cheaper(problem, out.schedule);
    const auto cost = static_cast<double>(out.schedule.objective().value);
    out.bound = std::min(proven, cost);
    out.gap_percent = cost > 0.0 ? 100.0 * (cost - out.bound) / cost : 0.0;
    out.price = bound.prices();
    out.work_units = planner.work();
    out.stopped = budget.stop && budget.stop();
    out.status = status_of(out.schedule, out.bound);
    return out;
}

Result<ScheduleSolution> solve_schedule(const ScheduleProblem& problem, const ScheduleBudgets& budget,
                                        const FirstPlan& on_first) {
    if (const Result<void> sound = check_problem(problem); !sound) {
        return sound.error();
    }
    std::optional<ScheduleSolution> first;
    std::int64_t work = 0;
    std::vector<std::size_t> units;
    Result<ScheduleSolution> found = settle(problem, units, [&](const std::vector<std::size_t>& of) {
        const ScheduleProblem part = only(problem, of);
        const std::int64_t unit_w = resolution_w(part);
        Result<ScheduleSolution> plan =
            search_schedule(in_units(part, unit_w), budget(part), first ? FirstPlan{} : on_first);
        if (plan) {
            to_watts(unit_w, plan->schedule);
            to_watts(unit_w, plan->first);
            plan->bound *= static_cast<double>(unit_w);
            work += plan->work_units;
            first = first ? std::move(first) : *plan;
        }
        return plan;
    });
    if (!found) {
        return found;
    }
    ScheduleSolution out = std::move(*first);
    evaluate(problem, out.first);
    out.schedule = widened(problem, units, found->schedule);
    const auto cost = static_cast<double>(out.schedule.objective().value);
    out.bound = std::min(out.bound, cost);
    out.gap_percent = cost > 0.0 ? 100.0 * (cost - out.bound) / cost : 0.0;
    out.status = status_of(out.schedule, out.bound);
    out.work_units = work;
    out.stopped = out.stopped || found->stopped;
    return out;
}

}  // namespace headroom::flex
