#include "flex/schedule_solve.hpp"

#include "flex/schedule_improve.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::flex {
namespace {

constexpr double optimal_gap = 1e-6;  // share of the cost
constexpr std::size_t few_units = 30;

/// A plan that is covered, or costs as little as can be proven, needs no more search.
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

}  // namespace

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
    budget.bound_work = is_small ? 35'000 : 200'000 + cells * 4;
    budget.improve_work = is_small ? std::min<std::int64_t>(70'000, 1'000 + cells * 120) : 2'000;
    if (problem.units.size() <= few_units) {
        // Few DERs are hard to fit together and quickly tried; one random sequence may be an unlucky one.
        budget.improve_work = std::min<std::int64_t>(85'000, 1'600 + cells * 190);
        budget.rounds = 5;
    }
    return budget;
}

Result<ScheduleSolution> solve_schedule(const ScheduleProblem& problem, const ScheduleBudget& budget,
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
    ScheduleSearch search(problem, items, planner, bound);
    search.build();
    if (search.objective() > static_cast<double>(out.first.objective().value)) {
        search.start(out.first);
    }
    const double goal = std::max(0.5, optimal_gap * std::fabs(bound.bound()));
    search.improve_anew(budget.rounds, goal, budget.improve_work, budget.stop);
    if (Schedule found = search.state().schedule(); found.objective() < out.schedule.objective()) {
        out.schedule = std::move(found);
    }
    prefer_cheaper(problem, out.schedule);
    const auto cost = static_cast<double>(out.schedule.objective().value);
    out.bound = std::min(bound.bound(), cost);
    out.gap_percent = cost > 0.0 ? 100.0 * (cost - out.bound) / cost : 0.0;
    out.price = bound.prices();
    out.work_units = planner.work();
    out.stopped = budget.stop && budget.stop();
    out.status = status_of(out.schedule, out.bound);
    return out;
}

}  // namespace headroom::flex
