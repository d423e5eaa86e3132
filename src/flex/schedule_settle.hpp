#pragma once

#include "flex/schedule_problem.hpp"

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace headroom::flex {

// What a plan must not depend on: DERs that it does not use, and the unit in which power is told.

/// Watts of which the problem's powers, energies, ramps and needs are whole multiples, and by which its fees
/// divide: so coarse that the largest power still has thousands of steps. A problem ten times as large has a
/// resolution ten times as large wherever its numbers allow it.
[[nodiscard]] std::int64_t resolution_w(const ScheduleProblem& problem);
/// The problem in units of `unit_w` watts, which must divide it; a pound is then `unit_w` pounds.
[[nodiscard]] ScheduleProblem in_units(ScheduleProblem problem, std::int64_t unit_w);
/// Powers in units of `unit_w` as watts.
void to_watts(std::int64_t unit_w, Schedule& schedule);

/// Those of `units` that `schedule`, which has powers of them alone, uses, and beside them others of the same
/// DER: units of its group that have its key.
[[nodiscard]] std::vector<std::size_t> used_units(const ScheduleProblem& problem,
                                                  const std::vector<std::size_t>& units,
                                                  const Schedule& schedule);
/// `schedule` of `units` as one of all of the problem's units.
[[nodiscard]] Schedule widened(const ScheduleProblem& problem, const std::vector<std::size_t>& units,
                               const Schedule& schedule);
/// The problem as if only `units` had been offered: what the others' rebound made of its needs is gone too.
[[nodiscard]] ScheduleProblem only(const ScheduleProblem& problem, const std::vector<std::size_t>& units);

/// Solves with all units, then with those of the DERs that the plan uses, until a plan uses all that it was
/// made from: that one is the answer, a plan of `units`. Who offers just these gets the same plan, by
/// construction. `solve` is handed units of `problem`, ascending, and answers a Result of what has
/// `powers()`, their schedule.
template <class Solve>
[[nodiscard]] auto settle(const ScheduleProblem& problem, std::vector<std::size_t>& units, Solve solve) {
    units.resize(problem.units.size());
    std::iota(units.begin(), units.end(), std::size_t{0});
    auto found = solve(units);
    while (found) {
        std::vector<std::size_t> used = used_units(problem, units, found->powers());
        if (used.size() == units.size()) {
            break;
        }
        units = std::move(used);
        found = solve(units);
    }
    return found;
}

}  // namespace headroom::flex
