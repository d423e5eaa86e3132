#pragma once

#include "flex/schedule_plan.hpp"

#include <cstdint>
#include <optional>

namespace headroom::flex {

// How the plan of a request is chosen: a probability, a budget.

struct Chosen {
    ScheduleSolution solution;
    ScheduleProblem problem;  ///< with the target that was solved for
    double certainty = 0.0;

    [[nodiscard]] const Schedule& powers() const { return solution.schedule; }
};

/// Draws that a plan of this size can afford.
[[nodiscard]] std::int64_t draws_for(const ScheduleProblem& problem);

/// The plan: for the request's probability where it has one, within `micro_gbp_most` where there is a budget.
[[nodiscard]] Result<Chosen> choose_plan(const PlanRequest& request, const PreparedPlan& prepared,
                                         std::optional<std::int64_t> micro_gbp_most,
                                         const FirstPlan& on_first);

/// A plan of the same offers under other weights, with less effort; greedy where that would take too long.
[[nodiscard]] Schedule other_way(const PlanRequest& request, const PreparedPlan& weighed,
                                 std::optional<double> probability);

}  // namespace headroom::flex
