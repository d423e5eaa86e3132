#pragma once

#include "flex/schedule_plan.hpp"

#include <cstdint>
#include <vector>

namespace headroom::flex {

// A request's problem in the turns of the ladder and of preference, with weights that are not paid.

/// `problem` (the prepared one, perhaps with another target) turn by turn: each turn's units are asked for
/// what the turns before leave open. With one turn and no weights it is `solve_schedule`. The bound is that
/// of all units together at their true prices.
[[nodiscard]] Result<ScheduleSolution> solve_in_turns(const PreparedPlan& prepared,
                                                      const ScheduleProblem& problem,
                                                      const ScheduleBudget& budget,
                                                      const FirstPlan& on_first = {});

}  // namespace headroom::flex
