#include "flex/plan_turns.hpp"

#include "core/random.hpp"
#include "flex/schedule_solve.hpp"

#include <algorithm>
#include <numeric>

namespace headroom::flex {
namespace {

constexpr std::int64_t ppm = 1'000'000;
/// Work of the schedule optimiser in a live event: tens of milliseconds at most.
constexpr std::int64_t live_bound_work = 6'000;
constexpr std::int64_t live_improve_work = 3'000;
constexpr std::int64_t live_rounds = 2;

/// The candidates of one turn, for what `given` leaves of the target.
Problem part_of(const Problem& problem, const std::vector<std::size_t>& turn_of, std::size_t turn,
                const Cover& given, std::vector<std::size_t>& members) {
    Problem part;
    part.slots = problem.slots;
    part.need_w = problem.need_w;
    part.target_uw = problem.target_uw;
    part.unserved_price = problem.unserved_price;
    part.cost_max = std::max<std::int64_t>(0, problem.cost_max - given.cost);
    members.clear();
    for (std::size_t i = 0; i < problem.candidates.size(); ++i) {
        for (std::size_t slot = 0; slot < problem.slots; ++slot) {
            const std::int64_t relief =
                given.power_w[i * problem.slots + slot] * problem.candidates[i].relief_uw_per_w;
            part.target_uw[slot] = std::max<std::int64_t>(0, part.target_uw[slot] - relief);
            part.need_w[slot] = std::max<std::int64_t>(0, part.need_w[slot] - relief / ppm);
        }
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

/// One turn by the search, and where that is cut short by the schedule optimiser too.
Search best_of_engines(Search found, const Problem& part, const PlanInput& input, bool& by_schedule) {
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
        const Problem part = part_of(problem, turns, turn, out.best, members);
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

std::optional<ScheduledCover> cover_by_schedule(const Problem& problem, const PlanInput& input) {
    if (problem.slots > schedule_slots_max || problem.candidates.empty() ||
        problem.candidates.size() > schedule_units_max) {
        return std::nullopt;
    }
    ScheduleProblem schedule;
    schedule.step = period_length;
    schedule.shortfall_price = problem.unserved_price / 1'000;  // a MWh is a thousand kWh
    for (const std::int64_t target : problem.target_uw) {
        schedule.target_w.push_back(target > 0 ? (target + ppm - 1) / ppm : schedule_unconstrained);
    }
    bool is_exact = true;
    for (const Candidate& candidate : problem.candidates) {
        ScheduleUnit unit;
        std::int64_t least = 0;
        for (std::size_t slot = 0; slot < problem.slots; ++slot) {
            const std::int64_t cap = candidate.cap_w[slot];
            if (cap > 0) {
                unit.slots |= std::uint64_t{1} << slot;
                least = least == 0 ? cap : std::min(least, cap);
                unit.power_max_w = std::max(unit.power_max_w, cap);
            }
        }
        // What is free differs by half-hour: the least of it holds in all, and no bound is proven.
        is_exact = is_exact && least == unit.power_max_w;
        unit.power_max_w = least;
        if (candidate.is_block()) {
            return std::nullopt;
        }
        unit.energy_w_slots = candidate.supply_w;
        unit.run_max = std::max<std::int64_t>(1, static_cast<std::int64_t>(candidate.run_max));
        unit.activations_max =
            candidate.has_runs(problem.slots) ? 1 : static_cast<std::int64_t>(problem.slots);
        unit.price = (candidate.price + 999) / 1'000;
        is_exact = is_exact && candidate.price % 1'000 == 0;
        unit.relief_ppm = candidate.relief_uw_per_w;
        unit.key = Random(0).bits(Random::key(input.offers[candidate.offer].der), 0);
        schedule.units.push_back(unit);
    }
    ScheduleBudget budget = schedule_budget(schedule);
    budget.bound_work = std::min(budget.bound_work, live_bound_work);
    budget.improve_work = std::min(budget.improve_work, live_improve_work);
    budget.rounds = std::min(budget.rounds, static_cast<int>(live_rounds));
    const Result<ScheduleSolution> found = solve_schedule(schedule, budget);
    if (!found) {
        return std::nullopt;
    }
    ScheduledCover out;
    out.work = found->work_units;
    out.cover.power_w.assign(found->schedule.power_w.begin(), found->schedule.power_w.end());
    evaluate(problem, input, out.cover);
    if (out.cover.cost > problem.cost_max) {
        return std::nullopt;
    }
    // Costs of lines are rounded apart, and a target to the next watt.
    const auto slack = static_cast<std::int64_t>(2 * problem.candidates.size()) +
                       static_cast<std::int64_t>(problem.slots) * (problem.unserved_price / 2'000'000 + 1);
    out.bound = is_exact ? static_cast<std::int64_t>(found->bound) - slack : 0;
    return out;
}

}  // namespace headroom::flex
