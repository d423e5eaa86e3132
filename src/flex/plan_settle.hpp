#pragma once

#include "flex/plan_turns.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace headroom::flex {

// Inside of make_plan and make_event_plan: what a live plan must not depend on, which is offers that it does
// not use and the unit in which power is told. As schedule_settle.hpp does it for plans of handed-in offers.

/// The problem as if only `candidates`, ascending, had been offered.
[[nodiscard]] Problem only(const Problem& problem, const std::vector<std::size_t>& candidates);

/// Watts of which all powers, energies, needs and `sizes_w` are whole multiples, and by which the money
/// divides: so coarse that the largest need still has thousands of steps.
[[nodiscard]] std::int64_t resolution_w(const Problem& problem, const std::vector<std::int64_t>& sizes_w);
/// The problem in units of `unit_w` watts, which must divide it; a pound is then `unit_w` pounds.
[[nodiscard]] Problem in_units(Problem problem, std::int64_t unit_w);

/// Finds plans of a problem that is told in units of so many watts: one at least, the best first.
using FindCovers = std::function<std::vector<FoundCovers>(const Problem&, std::int64_t unit_w)>;

/// A plan of all candidates, then of those that it uses, until one uses all that it was made from.
struct SettledCovers {
    FoundCovers first;  ///< with everything that is offered
    FoundCovers last;   ///< with nothing but what it uses
    std::int64_t work = 0;
};
/// Covers of what it answers are those of the whole problem, in watts, not evaluated. Who offers just what
/// the last one uses gets it again, by construction. Where the best plan ends in one that is not enough, the
/// next best is followed. `sizes_w` is what `find` looks at beside the problem.
[[nodiscard]] SettledCovers settle(const Problem& problem, const std::vector<std::int64_t>& sizes_w,
                                   const FindCovers& find);

}  // namespace headroom::flex
