#pragma once

#include "flex/plan_problem.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace headroom::flex {

// Inside of make_plan and make_event_plan: the search, turn by turn, and with which engine.

struct TurnsFound {
    Cover best;                         ///< evaluated on the whole problem
    std::optional<std::int64_t> bound;  ///< of one turn; of several nothing is proven about all together
    std::int64_t work = 0;
    bool complete = true;
    bool by_schedule = false;  ///< the schedule optimiser found the better plan of a turn
};

/// Candidates, those that delivered best first.
[[nodiscard]] std::vector<std::size_t> most_certain_first(const Problem& problem);

/// Searches with one turn (`turn_of` empty: all candidates in one) after the other, each for what is left.
/// With `may_schedule` a turn whose search does not come to its end is planned by the schedule optimiser too.
[[nodiscard]] TurnsFound search_in_turns(const Problem& problem, const PlanInput& input,
                                         const std::vector<std::size_t>& turn_of, bool may_schedule);

/// The same problem as the schedule optimiser solves it, its plan as a cover: nothing when a candidate's
/// block cannot be said in its words, or when there is nothing to plan. `bound` is proven for the problem.
struct ScheduledCover {
    Cover cover;
    std::int64_t bound = 0;
    std::int64_t work = 0;
};
[[nodiscard]] std::optional<ScheduledCover> cover_by_schedule(const Problem& problem, const PlanInput& input);

/// A plan with the problem and the covers that it was made from.
struct PlannedCovers {
    Problem problem;
    Cover nothing;
    Cover best;
    Cover certain;
    Cover greedy;
    FlexPlan plan;
    bool complete = true;
    bool by_schedule = false;
};

/// In which turn an offer is asked; equal numbers are one turn, lower ones come first.
using TurnOfOffer = std::function<std::size_t(const Offer&)>;

/// What `make_plan` does; with `turn_of` in turns, and then the plan is that of the turns unless doing
/// nothing is better. Errors: as `make_plan`.
[[nodiscard]] Result<PlannedCovers> plan_covers(const PlanInput& input, const TurnOfOffer& turn_of,
                                                bool may_schedule);

}  // namespace headroom::flex
