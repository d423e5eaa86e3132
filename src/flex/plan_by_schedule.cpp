// The covering problem of a live event in the words of the schedule optimiser, and its plan as a cover.
#include "core/random.hpp"
#include "core/units.hpp"
#include "flex/plan_turns.hpp"
#include "flex/schedule_solve.hpp"

#include <algorithm>
#include <limits>

namespace headroom::flex {
namespace {

/// Work of the schedule optimiser in a live event: tens of milliseconds at most.
constexpr std::int64_t live_bound_work = 6'000;
constexpr std::int64_t live_improve_work = 3'000;
constexpr int live_rounds = 2;

ScheduleBudget live_budget(const ScheduleProblem& problem) {
    ScheduleBudget budget = schedule_budget(problem);
    budget.bound_work = std::min(budget.bound_work, live_bound_work);
    budget.improve_work = std::min(budget.improve_work, live_improve_work);
    budget.rounds = std::min(budget.rounds, live_rounds);
    return budget;
}

/// Runs of one block that have the same power.
struct BlockRuns {
    std::size_t shortest = 0;
    std::size_t longest = 0;
    std::int64_t power_w = 0;
    std::uint64_t slots = 0;
};

std::uint64_t bits_of(Run run) {
    const std::uint64_t ones =
        run.length() >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << run.length()) - 1;
    return ones << run.begin;
}

/// Every run that a block could have, with its power: runs of one length that all have the same are told as
/// one, and so are neighbouring lengths of the same power. A run that fits into the slots told is one of the
/// block's own: each of them holds that power, and the energy lasts for the length.
std::vector<BlockRuns> runs_of(const Candidate& block, std::size_t slots) {
    std::vector<BlockRuns> out;
    for (std::size_t length = block.run_min; length <= std::min(block.run_max, slots); ++length) {
        std::vector<BlockRuns> windows;
        bool is_alike = true;
        BlockRuns whole{.shortest = length, .longest = length};
        for (std::size_t begin = 0; begin + length <= slots; ++begin) {
            const Run run{begin, begin + length};
            const std::int64_t power = block_power(block, run);
            if (power <= 0) {
                continue;
            }
            is_alike = is_alike && (whole.power_w == 0 || whole.power_w == power);
            whole.power_w = power;
            whole.slots |= bits_of(run);
            windows.push_back({length, length, power, bits_of(run)});
        }
        if (!is_alike) {
            out.insert(out.end(), windows.begin(), windows.end());
        } else if (!windows.empty()) {
            const bool joins = !out.empty() && out.back().power_w == whole.power_w &&
                               out.back().longest + 1 == length && (whole.slots & ~out.back().slots) == 0;
            if (joins) {
                out.back().longest = length;
            } else {
                out.push_back(whole);
            }
        }
    }
    return out;
}

/// The candidates as units, and whose they are.
class Translation {
  public:
    Translation(const Problem& problem, const PlanInput& input) : problem_(problem), input_(input) {
        schedule.step = period_length;
        schedule.shortfall_price = problem.unserved_price / 1'000;  // a MWh is a thousand kWh
        const bool rebounds = problem.has_rebound();
        const std::size_t slots =
            rebounds ? std::min(std::max(problem.slots, problem.room_uw.size()), schedule_slots_max)
                     : problem.slots;
        for (std::size_t slot = 0; slot < slots; ++slot) {
            const std::int64_t target = slot < problem.slots ? problem.target_uw[slot] : 0;
            schedule.target_w.push_back(target > 0 ? (target + whole_ppm - 1) / whole_ppm
                                        : rebounds ? -(problem.room_uw[slot] / whole_ppm)
                                                   : schedule_unconstrained);
        }
        for (std::size_t i = 0; i < problem.candidates.size(); ++i) {
            problem.candidates[i].is_block() ? add_block(i) : add_plain(i);
        }
    }

    ScheduleProblem schedule;
    std::vector<std::size_t> candidate_of_unit;
    bool is_exact = true;  ///< the same problem to the unit, up to rounding

  private:
    [[nodiscard]] ScheduleUnit unit_of(std::size_t index) {
        const Candidate& candidate = problem_.candidates[index];
        ScheduleUnit unit;
        unit.price = (candidate.price + 999) / 1'000;
        is_exact = is_exact && candidate.price % 1'000 == 0;
        unit.relief_ppm = candidate.relief_uw_per_w;
        if (problem_.has_rebound() && candidate.rebound_ppm > 0) {
            unit.rebound_ppm = candidate.rebound_ppm;
            unit.rebound_slots = static_cast<std::int64_t>(candidate.rebound_slots);
        }
        unit.key = Random(0).bits(Random::key(input_.offers[candidate.offer].der), 0);
        return unit;
    }

    void add_plain(std::size_t index) {
        const Candidate& candidate = problem_.candidates[index];
        ScheduleUnit unit = unit_of(index);
        std::int64_t least = std::numeric_limits<std::int64_t>::max();
        for (std::size_t slot = 0; slot < problem_.slots; ++slot) {
            const std::int64_t cap = candidate.cap_w[slot];
            if (cap > 0) {
                unit.slots |= std::uint64_t{1} << slot;
                least = std::min(least, cap);
                unit.power_max_w = std::max(unit.power_max_w, cap);
            }
        }
        if (least < unit.power_max_w) {
            UnitExtra extra{.cap_w = candidate.cap_w};
            extra.cap_w.resize(schedule.slots(), 0);
            unit.extra = static_cast<std::int64_t>(schedule.extras.size());
            schedule.extras.push_back(std::move(extra));
        }
        unit.energy_w_slots = candidate.supply_w;
        unit.run_max = std::max<std::int64_t>(1, static_cast<std::int64_t>(candidate.run_max));
        unit.activations_max =
            candidate.has_runs(problem_.slots) ? 1 : static_cast<std::int64_t>(problem_.slots);
        add(unit, index);
    }

    /// All its power at one level through one run: a unit for each power, of which one is used.
    void add_block(std::size_t index) {
        const std::vector<BlockRuns> all = runs_of(problem_.candidates[index], problem_.slots);
        for (const BlockRuns& runs : all) {
            ScheduleUnit unit = unit_of(index);
            unit.power_min_w = unit.power_max_w = runs.power_w;
            unit.slots = runs.slots;
            unit.run_min = static_cast<std::int64_t>(runs.shortest);
            unit.run_max = static_cast<std::int64_t>(runs.longest);
            unit.activations_max = 1;
            unit.group = all.size() > 1 ? groups_ : -1;
            add(unit, index);
        }
        groups_ += all.size() > 1 ? 1 : 0;
    }

    void add(const ScheduleUnit& unit, std::size_t index) {
        schedule.units.push_back(unit);
        candidate_of_unit.push_back(index);
    }

    const Problem& problem_;
    const PlanInput& input_;
    std::int64_t groups_ = 0;
};

}  // namespace

std::optional<ScheduledCover> cover_by_schedule(const Problem& problem, const PlanInput& input) {
    if (problem.slots > schedule_slots_max || problem.candidates.empty() ||
        problem.candidates.size() > schedule_units_max) {
        return std::nullopt;
    }
    const Translation translation(problem, input);
    const ScheduleProblem& schedule = translation.schedule;
    if (schedule.units.size() > schedule_units_max) {
        return std::nullopt;
    }
    const Result<ScheduleSolution> found = solve_schedule(schedule, live_budget);
    if (!found) {
        return std::nullopt;
    }
    ScheduledCover out;
    out.work = found->work_units;
    out.cover.power_w.assign(problem.candidates.size() * problem.slots, 0);
    for (std::size_t unit = 0; unit < schedule.units.size(); ++unit) {
        for (std::size_t slot = 0; slot < problem.slots; ++slot) {
            out.cover.power_w[translation.candidate_of_unit[unit] * problem.slots + slot] +=
                found->schedule.power_w[unit * schedule.slots() + slot];
        }
    }
    evaluate(problem, input, out.cover);
    if (out.cover.cost > problem.cost_max) {
        return std::nullopt;
    }
    // Costs of lines are rounded apart, and a target to the next watt.
    const auto slack = static_cast<std::int64_t>(2 * problem.candidates.size()) +
                       static_cast<std::int64_t>(schedule.slots()) * (problem.unserved_price / 2'000'000 + 1);
    out.bound = translation.is_exact ? static_cast<std::int64_t>(found->bound) - slack : 0;
    return out;
}

}  // namespace headroom::flex
