#include "flex/plan_turns.hpp"

#include "core/units.hpp"

#include <algorithm>
#include <numeric>

namespace headroom::flex {
namespace {

/// What `given` leaves of the part's target and of the room for what comes back.
void take_from(const Problem& problem, const Cover& given, Problem& part) {
    const std::vector<std::int64_t> back_uw = rebound_of(problem, given);
    std::vector<std::int64_t> relief_uw(problem.slots, 0);
    for (std::size_t i = 0; i < problem.candidates.size(); ++i) {
        for (std::size_t slot = 0; slot < problem.slots; ++slot) {
            relief_uw[slot] +=
                given.power_w[i * problem.slots + slot] * problem.candidates[i].relief_uw_per_w;
        }
    }
    for (std::size_t slot = 0; slot < std::max(problem.slots, back_uw.size()); ++slot) {
        const std::int64_t relief = slot < problem.slots ? relief_uw[slot] : 0;
        const std::int64_t net = relief - (slot < back_uw.size() ? back_uw[slot] : 0);
        const std::int64_t target = slot < problem.slots ? problem.target_uw[slot] : 0;
        if (slot < problem.slots) {
            part.target_uw[slot] = target > 0 ? std::max<std::int64_t>(0, target - net) : 0;
            part.need_w[slot] = std::max<std::int64_t>(0, problem.need_w[slot] - net / whole_ppm);
        }
        if (slot < back_uw.size()) {
            part.room_uw[slot] = target > 0 ? std::max<std::int64_t>(0, net - target)
                                            : std::max<std::int64_t>(0, problem.room_uw[slot] + net);
        }
    }
}

/// The candidates of one turn, for what `given` leaves of the target.
Problem problem_of_turn(const Problem& problem, const std::vector<std::size_t>& turn_of, std::size_t turn,
                        const Cover& given, std::vector<std::size_t>& members) {
    Problem part;
    part.slots = problem.slots;
    part.need_w = problem.need_w;
    part.target_uw = problem.target_uw;
    part.room_uw = problem.room_uw;
    part.unserved_price = problem.unserved_price;
    part.cost_max = std::max<std::int64_t>(0, problem.cost_max - given.cost);
    take_from(problem, given, part);
    members.clear();
    for (std::size_t i = 0; i < problem.candidates.size(); ++i) {
        if (turn_of[i] == turn) {
            members.push_back(i);
            part.candidates.push_back(problem.candidates[i]);
        }
    }
    part.by_price.resize(part.candidates.size());
    std::iota(part.by_price.begin(), part.by_price.end(), std::size_t{0});
    std::stable_sort(part.by_price.begin(), part.by_price.end(), [&part](std::size_t a, std::size_t b) {
        return is_cheaper(part.candidates[a], part.candidates[b]);
    });
    return part;
}

Search search_part(const Problem& part, const PlanInput& input) {
    Cover nothing;
    nothing.power_w.assign(part.candidates.size() * part.slots, 0);
    evaluate(part, input, nothing);
    Cover start = fill_in_order(part, input, part.by_price);
    Cover certain = fill_in_order(part, input, most_certain_first(part));
    if (certain.objective() < start.objective()) {
        start = std::move(certain);
    }
    if (nothing.objective() <= start.objective()) {
        start = std::move(nothing);
    }
    return search(part, input, std::move(start), input.rules.node_budget);
}

/// One turn by the search, and by the schedule optimiser too where that is cut short, or where something
/// comes back after release: of that the search's relaxation knows nothing.
Search best_of_engines(Search found, const Problem& part, const PlanInput& input, bool& by_schedule) {
    if (part.has_rebound()) {
        found.complete = false;
    }
    if (found.complete) {
        return found;
    }
    std::optional<ScheduledCover> other = cover_by_schedule(part, input);
    if (!other) {
        return found;
    }
    found.work += other->work;
    found.bound = std::max(found.bound, other->bound);
    if (other->cover.objective() < found.best.objective()) {
        found.best = std::move(other->cover);
        by_schedule = true;
    }
    return found;
}

}  // namespace

std::vector<std::size_t> most_certain_first(const Problem& problem) {
    std::vector<std::size_t> order = problem.by_price;
    std::stable_sort(order.begin(), order.end(), [&problem](std::size_t a, std::size_t b) {
        return problem.candidates[a].reliability_ppm > problem.candidates[b].reliability_ppm;
    });
    return order;
}

TurnsFound search_in_turns(const Problem& problem, const PlanInput& input,
                           const std::vector<std::size_t>& turn_of, bool may_schedule) {
    TurnsFound out;
    const std::vector<std::size_t> all(problem.candidates.size(), 0);
    const std::vector<std::size_t>& turns = turn_of.empty() ? all : turn_of;
    const std::size_t last = turns.empty() ? 0 : *std::max_element(turns.begin(), turns.end());
    out.best.power_w.assign(problem.candidates.size() * problem.slots, 0);
    evaluate(problem, input, out.best);
    std::vector<std::size_t> members;
    for (std::size_t turn = 0; turn <= last; ++turn) {
        const Problem part = problem_of_turn(problem, turns, turn, out.best, members);
        Search found = search_part(part, input);
        if (may_schedule) {
            found = best_of_engines(std::move(found), part, input, out.by_schedule);
        }
        out.work += found.work;
        out.complete = out.complete && found.complete;
        for (std::size_t i = 0; i < members.size(); ++i) {
            std::copy_n(found.best.power_w.begin() + static_cast<std::ptrdiff_t>(i * problem.slots),
                        problem.slots,
                        out.best.power_w.begin() + static_cast<std::ptrdiff_t>(members[i] * problem.slots));
        }
        evaluate(problem, input, out.best);
        if (last == 0) {
            out.bound = found.bound;
        }
    }
    return out;
}

}  // namespace headroom::flex
