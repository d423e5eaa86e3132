#pragma once

#include "flex/schedule_problem.hpp"

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace headroom::flex {

enum class ScheduleStatus {
    optimal,   ///< the bound is reached
    feasible,  ///< the need is covered, within the gap that is told
    partial,   ///< some of the need stays uncovered: there is no more, or it costs more than it is worth
};
[[nodiscard]] std::string_view to_string(ScheduleStatus status);

/// What a search may take. Work is counted, not timed, so that a replay does as much; the units follow from
/// the size of the problem alone.
struct ScheduleBudget {
    std::int64_t bound_work = 0;
    std::int64_t improve_work = 0;
    int rounds = 1;  ///< searches among which it is shared out; the best counts
    /// Asked between steps; true ends the search early. How far it came stands in `work_units`.
    std::function<bool()> stop = {};
};
[[nodiscard]] ScheduleBudget schedule_budget(const ScheduleProblem& problem);

struct ScheduleSolution {
    Schedule schedule;
    Schedule first;      ///< the plan that was there at once: greedy by price
    double bound = 0.0;  ///< µ£; no plan has a lower objective
    double gap_percent = 0.0;
    ScheduleStatus status = ScheduleStatus::partial;
    std::vector<double> price;  ///< µ£ that a watt of relief is worth through the slot
    std::int64_t work_units = 0;
    bool stopped = false;  ///< by `stop`

    [[nodiscard]] const Schedule& powers() const { return schedule; }
};

/// Told once, when the first plan stands.
using FirstPlan = std::function<void(const Schedule&)>;

/// A plan that leaves some of the need open is partial; one within a millionth of `bound` (µ£) is optimal.
[[nodiscard]] ScheduleStatus status_of(const Schedule& schedule, double bound);

/// One search: a first plan by price, then the bound and its prices, a plan bought at those prices, and
/// changes of it while work is left. Pure and deterministic: the same problem gives the same bytes. Errors:
/// as `check_problem`.
[[nodiscard]] Result<ScheduleSolution> search_schedule(const ScheduleProblem& problem,
                                                       const ScheduleBudget& budget,
                                                       const FirstPlan& on_first = {});

/// What a search of a problem may take.
using ScheduleBudgets = std::function<ScheduleBudget(const ScheduleProblem&)>;

/// Searches once more with nothing but what the plan uses, until a plan uses all that it was made from
/// (schedule_settle.hpp): units that are not used change nothing, by construction, and a problem ten times as
/// large has the same plan ten times as large where its numbers allow it. Bound, prices and the first plan
/// are those of all units. Errors: as `check_problem`.
[[nodiscard]] Result<ScheduleSolution> solve_schedule(const ScheduleProblem& problem,
                                                      const ScheduleBudgets& budget = schedule_budget,
                                                      const FirstPlan& on_first = {});

/// Hands the schedules of DERs that are alike in all but price to the cheapest of them, and of the same price
/// to the first by id. Never dearer, and no limit is touched.
void prefer_cheaper(const ScheduleProblem& problem, Schedule& schedule);

/// Greedy by price: the cheapest relief first, each DER filling what is left.
[[nodiscard]] Schedule schedule_by_price(const ScheduleProblem& problem);

}  // namespace headroom::flex
