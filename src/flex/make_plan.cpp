#include "core/units.hpp"
#include "flex/flex_plan.hpp"
#include "flex/plan_settle.hpp"
#include "flex/plan_turns.hpp"
#include "flex/plan_words.hpp"

#include <algorithm>
#include <numeric>
#include <set>

namespace headroom::flex {

namespace {

/// A cover under the name by which the decision record knows it.
struct Named {
    std::string name;
    Cover cover;
    std::string note;
};

Alternative as_alternative(const Named& named) {
    Alternative alternative;
    alternative.name = named.name;
    alternative.cost = MicroPounds{named.cover.cost};
    alternative.shortfall_peak = Watts{named.cover.shortfall_peak};
    alternative.shortfall_energy = WattHours{named.cover.shortfall_wh};
    alternative.lines = named.cover.lines;
    alternative.note = named.note + "; counts as " + words::pounds(MicroPounds{named.cover.objective()}) +
                       " with what stays uncovered";
    return alternative;
}

/// Turns by candidate, without gaps; empty when there is one.
std::vector<std::size_t> turns_of(const PlanInput& input, const Problem& problem,
                                  const std::function<std::size_t(const Offer&)>& turn_of) {
    std::vector<std::size_t> turns;
    if (!turn_of) {
        return turns;
    }
    for (const Candidate& candidate : problem.candidates) {
        turns.push_back(turn_of(input.offers[candidate.offer]));
    }
    std::vector<std::size_t> sorted = turns;
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    if (sorted.size() < 2) {
        return {};
    }
    for (std::size_t& turn : turns) {
        turn =
            static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), turn) - sorted.begin());
    }
    return turns;
}

/// Takes down what comes back, and the room for it.
void add_rebound(const PlanInput& input, const Asking& asking, Problem& problem) {
    if (asking.room_w.size() < problem.slots || !asking.weigh) {
        return;
    }
    for (const std::int64_t room : asking.room_w) {
        problem.room_uw.push_back(room * whole_ppm);
    }
    for (Candidate& candidate : problem.candidates) {
        const Weighing weighing = asking.weigh(input.offers[candidate.offer]);
        candidate.rebound_ppm = weighing.rebound_slots == 0 ? 0 : weighing.rebound_ppm;
        candidate.rebound_slots = weighing.rebound_slots;
    }
    if (!problem.has_rebound()) {
        problem.room_uw.clear();
    }
}

/// The problem with weights on top of prices; nothing when nothing is weighed. What was worth covering stays
/// worth it.
std::optional<Problem> weighed_problem(const PlanInput& input, const Asking& asking, const Problem& problem) {
    Problem out = problem;
    std::int64_t most = 0;
    for (Candidate& candidate : out.candidates) {
        candidate.weight = asking.weigh ? asking.weigh(input.offers[candidate.offer]).price : 0;
        candidate.price += candidate.weight;
        most =
            std::max(most, multiply_divide_half_even(candidate.weight, whole_ppm, candidate.relief_uw_per_w));
    }
    if (most == 0) {
        return std::nullopt;
    }
    out.unserved_price = std::min(price_max.value, out.unserved_price + most);
    std::iota(out.by_price.begin(), out.by_price.end(), std::size_t{0});
    std::stable_sort(out.by_price.begin(), out.by_price.end(), [&out](std::size_t a, std::size_t b) {
        return is_cheaper(out.candidates[a], out.candidates[b]);
    });
    return out;
}

Cover nothing_of(const Problem& problem, const PlanInput& input) {
    Cover out;
    out.power_w.assign(problem.candidates.size() * problem.slots, 0);
    evaluate(problem, input, out);
    return out;
}

/// Who may be asked in the whole market, and the plan that was settled on among them under its name there.
void place(const Problem& problem, const PlanInput& input, SettledCovers& settled, PlannedCovers& out) {
    out.nothing = nothing_of(problem, input);
    out.greedy = fill_in_order(problem, input, problem.by_price);
    out.certain = fill_in_order(problem, input, most_certain_first(problem));
    out.best = std::move(settled.last.best);
    out.cheapest = std::move(settled.first.cheapest);
    out.weighed = std::move(settled.first.weighed);
    evaluate(problem, input, out.best);
    evaluate(problem, input, out.cheapest);
    if (out.weighed) {
        evaluate(problem, input, *out.weighed);
    }
    const bool is_weighed = settled.first.chosen == "weighed" || settled.last.chosen == "weighed";
    out.plan.chosen = is_weighed ? "weighed" : settled.last.chosen;
    if (is_weighed) {
        out.weighed = out.best;
    }
    const bool is_cheapest =
        out.plan.chosen == "cheapest" || (is_weighed && out.best.objective() < out.cheapest.objective());
    if (is_cheapest) {
        out.cheapest = out.best;
    }
    out.unit_w = settled.last.unit_w;
    out.complete = settled.first.complete && settled.last.complete;
    out.by_schedule = settled.first.by_schedule || settled.last.by_schedule;
}

}  // namespace

void fill_plan(const PlanInput& input, const Problem& problem, const Cover& cover, FlexPlan& plan) {
    plan.lines.clear();
    plan.need_w = {input.overload.need.start, period_length, problem.need_w};
    plan.shortfall_peak = Watts{cover.shortfall_peak};
    plan.shortfall_energy = WattHours{cover.shortfall_wh};
    plan.cost = MicroPounds{cover.cost};
    const std::size_t slots = problem.slots;
    std::vector<std::int64_t> relief_ppm_w(slots, 0);
    for (std::size_t i = 0; i < problem.candidates.size(); ++i) {
        const Offer& offer = input.offers[problem.candidates[i].offer];
        const std::int64_t share = relief_ppm(offer.phase, input.overload.limit.phase);
        PlanLine line;
        line.offer = offer;
        line.power_w = {plan.need_w.start, period_length, {}};
        line.power_w.values.assign(cover.power_w.begin() + static_cast<std::ptrdiff_t>(i * slots),
                                   cover.power_w.begin() + static_cast<std::ptrdiff_t>((i + 1) * slots));
        std::int64_t sum = 0;
        std::int64_t peak = 0;
        for (std::size_t slot = 0; slot < slots; ++slot) {
            relief_ppm_w[slot] += line.power_w.values[slot] * share;
            sum += line.power_w.values[slot];
            peak = std::max(peak, line.power_w.values[slot]);
        }
        if (sum == 0) {
            continue;
        }
        line.energy = energy_of(Watts{sum}, period_length);
        line.cost = MicroPounds{line_cost(offer, sum)};
        line.relief_peak = Watts{peak * share / whole_ppm};
        line.programme = problem.candidates[i].programme;
        plan.lines.push_back(std::move(line));
    }
    plan.relief_w = {plan.need_w.start, period_length, {}};
    for (const std::int64_t relief : relief_ppm_w) {
        plan.relief_w.values.push_back(relief / whole_ppm);
    }
}

std::int64_t relief_ppm(grid::Phase der_phase, grid::Phase limit_phase) {
    constexpr std::int64_t third = 333'333;
    if (limit_phase == grid::Phase::sum) {
        return der_phase == grid::Phase::n ? 0 : whole_ppm;
    }
    if (limit_phase == grid::Phase::n) {
        return 0;  // relief of the neutral depends on the other phases: it is not bought
    }
    if (der_phase == grid::Phase::sum) {
        return third;
    }
    return der_phase == limit_phase ? whole_ppm : 0;
}

Result<Problem> problem_under(const PlanInput& input, const Asking& asking) {
    Result<Problem> problem = make_problem(input);
    if (problem) {
        add_rebound(input, asking, *problem);
    }
    return problem;
}

FoundCovers find_covers(const PlanInput& input, const Asking& asking, const Problem& problem) {
    const std::vector<std::size_t> turns = turns_of(input, problem, asking.turn_of);
    TurnsFound found = search_in_turns(problem, input, turns, asking.may_schedule);
    FoundCovers out{.best = nothing_of(problem, input),
                    .cheapest = std::move(found.best),
                    .weighed = std::nullopt,
                    .chosen = "do_nothing",
                    .target_uw = problem.target_uw,
                    .is_enough = true,
                    .share_ppm = whole_ppm,
                    .unit_w = 1,
                    .bound = found.bound,
                    .work = found.work,
                    .complete = found.complete,
                    .by_schedule = found.by_schedule};
    // A search of one turn begins with the best of doing nothing, the cheapest and the most certain first.
    if (out.cheapest.objective() < out.best.objective()) {
        out.best = out.cheapest;
        out.chosen = "cheapest";
    }
    if (const std::optional<Problem> dearer = weighed_problem(input, asking, problem)) {
        TurnsFound other = search_in_turns(*dearer, input, turns, asking.may_schedule);
        evaluate(problem, input, other.best);
        out.work += other.work;
        out.complete = out.complete && other.complete;
        out.by_schedule = out.by_schedule || other.by_schedule;
        // A watt in each half-hour is rounding.
        const std::int64_t rounding =
            static_cast<std::int64_t>(problem.slots) * (problem.unserved_price / 2'000'000 + 1);
        if (other.best.unserved_cost <= out.best.unserved_cost + rounding) {
            out.best = other.best;
            out.chosen = "weighed";
        }
        out.weighed = std::move(other.best);
    }
    return out;
}

Result<PlannedCovers> told_covers(const PlanInput& input, const Asking& asking, Problem problem,
                                  SettledCovers settled) {
    PlannedCovers out;
    const bool is_same_target = settled.first.target_uw == settled.last.target_uw;
    problem.target_uw = settled.last.target_uw;
    out.problem = std::move(problem);
    place(out.problem, input, settled, out);

    const bool has_turns = !turns_of(input, out.problem, asking.turn_of).empty();
    const std::string how = out.complete      ? "Searched to the end"
                            : out.by_schedule ? "Found by the schedule optimiser"
                                              : "Best found within the node budget";
    std::vector<Named> named{
        {"do_nothing", out.nothing, "Nothing is asked of anybody"},
        {"cheapest", out.cheapest, has_turns ? how + ", turn by turn of ladder and preference" : how},
        {"most_certain", out.certain, "Providers that delivered best in the past come first"},
        {"greedy", out.greedy, "Cheapest relief first, one offer after the other"}};
    if (out.weighed) {
        named.push_back({"weighed", *out.weighed,
                         "Cheapest by price and by the operator's weights together, which are not paid"});
    }
    const bool fits = std::all_of(named.begin(), named.end(),
                                  [](const Named& each) { return each.cover.objective() <= amount_max; });
    if (!fits) {
        return Error{Errc::invalid, "the costs of event " + input.overload.event.value +
                                        " are beyond what can be written down exactly"};
    }

    FlexPlan& plan = out.plan;
    plan.event = input.overload.event;
    plan.feeder = input.overload.feeder;
    fill_plan(input, out.problem, out.best, plan);
    for (const Named& each : named) {
        plan.alternatives.push_back(as_alternative(each));
    }
    plan.left_out = out.problem.left_out;
    plan.nodes_used = settled.work;
    if (settled.first.bound && is_same_target) {
        plan.bound = MicroPounds{std::min(*settled.first.bound, out.cheapest.objective())};
    }
    plan.rule_set = input.rules.id + "@" + std::to_string(input.rules.version);
    plan.reasons = words::reasons(input, plan);
    return out;
}

Result<PlannedCovers> plan_covers(const PlanInput& input, const Asking& asking) {
    Result<Problem> problem = problem_under(input, asking);
    if (!problem) {
        return problem.error();
    }
    SettledCovers settled = settle(*problem, {}, [&](const Problem& part, std::int64_t) {
        return std::vector<FoundCovers>{find_covers(input, asking, part)};
    });
    return told_covers(input, asking, std::move(*problem), std::move(settled));
}

Result<FlexPlan> make_plan(const PlanInput& input) {
    Result<PlannedCovers> planned = plan_covers(input, {});
    return planned ? Result<FlexPlan>(std::move(planned->plan)) : Result<FlexPlan>(planned.error());
}

}  // namespace headroom::flex
