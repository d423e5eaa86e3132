#include "flex/flex_plan.hpp"
#include "flex/plan_problem.hpp"
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

std::vector<std::size_t> most_certain_first(const Problem& problem) {
    std::vector<std::size_t> order = problem.by_price;
    std::stable_sort(order.begin(), order.end(), [&problem](std::size_t a, std::size_t b) {
        return problem.candidates[a].reliability_ppm > problem.candidates[b].reliability_ppm;
    });
    return order;
}

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

Result<FlexPlan> make_plan(const PlanInput& input) {
    Result<Problem> made = make_problem(input);
    if (!made) {
        return made.error();
    }
    const Problem& problem = made.value();

    Cover nothing;
    nothing.power_w.assign(problem.candidates.size() * problem.slots, 0);
    evaluate(problem, input, nothing);
    const Cover greedy = fill_in_order(problem, input, problem.by_price);
    const Cover certain = fill_in_order(problem, input, most_certain_first(problem));
    Cover start = greedy.objective() <= certain.objective() ? greedy : certain;
    if (nothing.objective() <= start.objective()) {
        start = nothing;
    }
    const Search found = search(problem, input, std::move(start), input.rules.node_budget);

    const std::vector<Named> named{
        {"do_nothing", nothing, "Nothing is asked of anybody"},
        {"cheapest", found.best,
         found.complete ? "Searched to the end" : "Best found within the node budget"},
        {"most_certain", certain, "Providers that delivered best in the past come first"},
        {"greedy", greedy, "Cheapest relief first, one offer after the other"}};
    const auto chosen = std::min_element(named.begin(), named.end(), [](const Named& a, const Named& b) {
        return a.cover.objective() < b.cover.objective();
    });
    const bool fits = std::all_of(named.begin(), named.end(),
                                  [](const Named& each) { return each.cover.objective() <= amount_max; });
    if (!fits) {
        return Error{Errc::invalid, "the costs of event " + input.overload.event.value +
                                        " are beyond what can be written down exactly"};
    }

    FlexPlan plan;
    plan.event = input.overload.event;
    plan.feeder = input.overload.feeder;
    fill_plan(input, problem, chosen->cover, plan);
    for (const Named& each : named) {
        plan.alternatives.push_back(as_alternative(each));
    }
    plan.chosen = chosen->name;
    plan.left_out = problem.left_out;
    plan.nodes_used = found.work;
    plan.bound = MicroPounds{found.bound};
    plan.rule_set = input.rules.id + "@" + std::to_string(input.rules.version);
    plan.reasons = words::reasons(input, plan);
    return plan;
}

}  // namespace headroom::flex
