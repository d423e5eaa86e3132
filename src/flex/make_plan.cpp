#include "flex/flex_plan.hpp"
#include "flex/plan_turns.hpp"
#include "flex/plan_words.hpp"

#include <algorithm>
#include <numeric>
#include <set>

namespace headroom::flex {

namespace {

constexpr std::int64_t ppm = 1'000'000;
constexpr std::int64_t amount_max = 9'007'199'254'740'991;  // of a number in a canonical document

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
                                  const TurnOfOffer& turn_of) {
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
        line.relief_peak = Watts{peak * share / ppm};
        line.programme = problem.candidates[i].programme;
        plan.lines.push_back(std::move(line));
    }
    plan.relief_w = {plan.need_w.start, period_length, {}};
    for (const std::int64_t relief : relief_ppm_w) {
        plan.relief_w.values.push_back(relief / ppm);
    }
}

std::int64_t relief_ppm(grid::Phase der_phase, grid::Phase limit_phase) {
    constexpr std::int64_t third = 333'333;
    if (limit_phase == grid::Phase::sum) {
        return der_phase == grid::Phase::n ? 0 : ppm;
    }
    if (limit_phase == grid::Phase::n) {
        return 0;  // relief of the neutral depends on the other phases: it is not bought
    }
    if (der_phase == grid::Phase::sum) {
        return third;
    }
    return der_phase == limit_phase ? ppm : 0;
}

Result<PlannedCovers> plan_covers(const PlanInput& input, const TurnOfOffer& turn_of, bool may_schedule) {
    Result<Problem> made = make_problem(input);
    if (!made) {
        return made.error();
    }
    PlannedCovers out;
    out.problem = std::move(*made);
    const Problem& problem = out.problem;

    Cover nothing;
    nothing.power_w.assign(problem.candidates.size() * problem.slots, 0);
    evaluate(problem, input, nothing);
    const Cover greedy = fill_in_order(problem, input, problem.by_price);
    const Cover certain = fill_in_order(problem, input, most_certain_first(problem));
    const std::vector<std::size_t> turns = turns_of(input, problem, turn_of);
    const TurnsFound found = search_in_turns(problem, input, turns, may_schedule);

    const std::string how = found.complete      ? "Searched to the end"
                            : found.by_schedule ? "Found by the schedule optimiser"
                                                : "Best found within the node budget";
    const std::vector<Named> named{
        {"do_nothing", nothing, "Nothing is asked of anybody"},
        {"cheapest", found.best, turns.empty() ? how : how + ", turn by turn of ladder and preference"},
        {"most_certain", certain, "Providers that delivered best in the past come first"},
        {"greedy", greedy, "Cheapest relief first, one offer after the other"}};
    // Ways that keep to no turns are told, not taken.
    const auto chosen = std::min_element(
        named.begin(), turns.empty() ? named.end() : named.begin() + 2,
        [](const Named& a, const Named& b) { return a.cover.objective() < b.cover.objective(); });
    const bool fits = std::all_of(named.begin(), named.end(),
                                  [](const Named& each) { return each.cover.objective() <= amount_max; });
    if (!fits) {
        return Error{Errc::invalid, "the costs of event " + input.overload.event.value +
                                        " are beyond what can be written down exactly"};
    }

    FlexPlan& plan = out.plan;
    plan.event = input.overload.event;
    plan.feeder = input.overload.feeder;
    fill_plan(input, problem, chosen->cover, plan);
    for (const Named& each : named) {
        plan.alternatives.push_back(as_alternative(each));
    }
    plan.chosen = chosen->name;
    plan.left_out = problem.left_out;
    plan.nodes_used = found.work;
    if (found.bound) {
        plan.bound = MicroPounds{*found.bound};
    }
    plan.rule_set = input.rules.id + "@" + std::to_string(input.rules.version);
    plan.reasons = words::reasons(input, plan);
    out.complete = found.complete;
    out.by_schedule = found.by_schedule;
    out.best = chosen->cover;
    out.nothing = std::move(nothing);
    out.certain = certain;
    out.greedy = greedy;
    return out;
}

Result<FlexPlan> make_plan(const PlanInput& input) {
    Result<PlannedCovers> planned = plan_covers(input, {}, false);
    return planned ? Result<FlexPlan>(std::move(planned->plan)) : Result<FlexPlan>(planned.error());
}

}  // namespace headroom::flex
