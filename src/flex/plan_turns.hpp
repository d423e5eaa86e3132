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
    Problem problem;  ///< at what is paid
    Cover nothing;
    Cover best;                    ///< what the plan is
    Cover cheapest;                ///< by what is paid alone
    std::optional<Cover> weighed;  ///< by prices and weights; nothing where nothing is weighed
    Cover certain;
    Cover greedy;
    FlexPlan plan;
    std::int64_t unit_w = 1;  ///< in which the plan was found
    bool complete = true;
    bool by_schedule = false;
};

/// What an offer counts as beside its price, and what its DER takes back.
struct Weighing {
    std::int64_t price = 0;        ///< µ£/MWh, ≥ 0; not paid
    std::int64_t rebound_ppm = 0;  ///< of its last power
    std::size_t rebound_slots = 0;
};

/// How offers are asked beside their prices. All of it may be left out.
struct Asking {
    /// In which turn; equal numbers are one turn, lower ones come first. Empty: all in one.
    std::function<std::size_t(const Offer&)> turn_of = {};
    std::function<Weighing(const Offer&)> weigh = {};  ///< empty: nothing is weighed, nothing comes back
    /// Load that may come back, W by half-hour from the need's start on; where the need is above 0 it does
    /// not count. Empty: not known, and rebound is not looked at. At least as long as the need.
    std::vector<std::int64_t> room_w = {};
    bool may_schedule = false;  ///< the schedule optimiser plans too where the search is cut short
};

/// What one search of a problem finds, evaluated on that problem.
struct FoundCovers {
    Cover best;                    ///< the chosen one
    Cover cheapest;                ///< by what is paid alone
    std::optional<Cover> weighed;  ///< by prices and weights; nothing where nothing is weighed
    std::string chosen;            ///< do_nothing, cheapest or weighed
    std::vector<std::int64_t> target_uw;
    bool is_enough = true;               ///< as sure as is asked for
    std::int64_t share_ppm = 1'000'000;  ///< how sure, where that is asked for
    std::int64_t unit_w = 1;             ///< that it was found in
    std::optional<std::int64_t> bound;
    std::int64_t work = 0;
    bool complete = true;
    bool by_schedule = false;
};

/// The problem of `input`, with what comes back after release. Errors: as `make_plan`.
[[nodiscard]] Result<Problem> problem_under(const PlanInput& input, const Asking& asking);
/// One search, of all candidates. With turns it is that of the turns unless doing nothing is better; with
/// weights the one that is cheapest by price and weight together, as long as it leaves no more uncovered than
/// the one by price alone.
[[nodiscard]] FoundCovers find_covers(const PlanInput& input, const Asking& asking, const Problem& problem);

struct SettledCovers;
/// The plan that was settled on, among the ways that the whole of what is offered leaves open. Errors:
/// `invalid` for costs beyond what can be written down.
[[nodiscard]] Result<PlannedCovers> told_covers(const PlanInput& input, const Asking& asking, Problem problem,
                                                SettledCovers settled);

/// What `make_plan` does: searches, once more with nothing but what the plan uses until it uses all that it
/// was made from, and tells. Errors: as `make_plan`.
[[nodiscard]] Result<PlannedCovers> plan_covers(const PlanInput& input, const Asking& asking);

}  // namespace headroom::flex
