// What a cover comes to: money, what stays open, what comes back after release.
#include "core/units.hpp"
#include "flex/plan_problem.hpp"

#include <algorithm>

namespace headroom::flex {

std::int64_t line_cost(const Offer& offer, std::int64_t sum_w) {
    const WattHours energy = energy_of(Watts{sum_w}, period_length);
    return cost_of(energy, offer.utilisation).value +
           cost_of(energy, MicroPoundsPerMwh{offer.availability_per_mw_h.value}).value;
}

bool Problem::has_rebound() const {
    return !room_uw.empty() && std::any_of(candidates.begin(), candidates.end(),
                                           [](const Candidate& each) { return each.rebound_ppm > 0; });
}

std::vector<std::int64_t> rebound_of(const Problem& problem, const Cover& cover) {
    std::vector<std::int64_t> back_uw(problem.room_uw.size(), 0);
    for (std::size_t i = 0; i < problem.candidates.size() && !back_uw.empty(); ++i) {
        const Candidate& candidate = problem.candidates[i];
        const std::int64_t* power_w = &cover.power_w[i * problem.slots];
        for (std::size_t slot = 0; candidate.rebound_ppm > 0 && slot < problem.slots; ++slot) {
            if (power_w[slot] == 0 || (slot + 1 < problem.slots && power_w[slot + 1] > 0)) {
                continue;
            }
            const Wide load =
                Wide{power_w[slot]} * candidate.relief_uw_per_w * candidate.rebound_ppm / whole_ppm;
            const std::size_t end = std::min(back_uw.size(), slot + 1 + candidate.rebound_slots);
            for (std::size_t after = slot + 1; after < end; ++after) {
                back_uw[after] += static_cast<std::int64_t>(load);
            }
        }
    }
    return back_uw;
}

void evaluate(const Problem& problem, const PlanInput& input, Cover& cover) {
    std::vector<std::int64_t> relief(problem.slots, 0);
    cover.cost = 0;
    cover.weight_cost = 0;
    cover.lines = 0;
    for (std::size_t i = 0; i < problem.candidates.size(); ++i) {
        const Candidate& candidate = problem.candidates[i];
        std::int64_t sum = 0;
        for (std::size_t slot = 0; slot < problem.slots; ++slot) {
            const std::int64_t power = cover.power_w[i * problem.slots + slot];
            relief[slot] += power * candidate.relief_uw_per_w;
            sum += power;
        }
        if (sum > 0) {
            cover.cost += line_cost(input.offers[candidate.offer], sum);
            cover.weight_cost +=
                cost_of(energy_of(Watts{sum}, period_length), MicroPoundsPerMwh{candidate.weight}).value;
            ++cover.lines;
        }
    }
    const std::vector<std::int64_t> back_uw = rebound_of(problem, cover);
    std::int64_t unserved_w = 0;
    std::int64_t shortfall_w = 0;
    cover.shortfall_peak = 0;
    cover.rebound_over_w = 0;
    for (std::size_t slot = 0; slot < back_uw.size(); ++slot) {
        if (slot < problem.slots) {
            relief[slot] -= back_uw[slot];
        }
        if (slot < problem.slots && problem.target_uw[slot] > 0) {
            continue;
        }
        const std::int64_t load_uw = slot < problem.slots ? -relief[slot] : back_uw[slot];
        const std::int64_t over_w =
            (std::max<std::int64_t>(0, load_uw - problem.room_uw[slot]) + whole_ppm - 1) / whole_ppm;
        cover.rebound_over_w = std::max(cover.rebound_over_w, over_w);
        unserved_w += over_w;
    }
    for (std::size_t slot = 0; slot < problem.slots; ++slot) {
        const std::int64_t missing_uw =
            problem.target_uw[slot] > 0 ? std::max<std::int64_t>(0, problem.target_uw[slot] - relief[slot])
                                        : 0;
        unserved_w += (missing_uw + whole_ppm - 1) / whole_ppm;
        const std::int64_t missing =
            problem.need_w[slot] > 0
                ? std::max<std::int64_t>(0, problem.need_w[slot] - relief[slot] / whole_ppm)
                : 0;
        shortfall_w += missing;
        cover.shortfall_peak = std::max(cover.shortfall_peak, missing);
    }
    cover.unserved_cost =
        cost_of(energy_of(Watts{unserved_w}, period_length), MicroPoundsPerMwh{problem.unserved_price}).value;
    cover.shortfall_wh = energy_of(Watts{shortfall_w}, period_length).value;
}

}  // namespace headroom::flex
