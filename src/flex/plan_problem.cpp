#include "flex/plan_problem.hpp"

#include "core/units.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>
#include <variant>

namespace headroom::flex {

namespace {

/// Half-hours by number in which the offer may be used at all.
std::vector<bool> usable_slots(const PlanInput& input, const Offer& offer) {
    const risk::PeriodPower& need = input.overload.need;
    const UtcTime earliest = input.now + offer.notice;
    std::vector<bool> usable(need.w.size(), false);
    for (std::size_t slot = 0; slot < usable.size(); ++slot) {
        const UtcTime start = need.start + period_length * static_cast<std::int64_t>(slot);
        const UtcTime end = start + period_length;
        // In the half-hour that runs already, late relief is better than none: an overload is on.
        const bool is_running = start <= input.now && input.now < end;
        const bool in_time = is_running ? earliest < end : earliest <= start;
        const UtcTime from = is_running ? input.now : start;
        usable[slot] = in_time && offer.available_from <= from && end <= offer.available_until;
    }
    return usable;
}

std::size_t whole_slots_up(milliseconds duration) {
    return static_cast<std::size_t>((duration + period_length - milliseconds{1}) / period_length);
}

/// Why the offer cannot help whatever the slots are; empty when it can.
std::string unfit_reason(const PlanInput& input, const Offer& offer) {
    const grid::Limit& limit = input.overload.limit;
    const bool needs_turn_up = limit.direction == grid::Direction::export_;
    const bool is_there =
        offer.feeder == input.overload.feeder ||
        std::binary_search(input.feeders_below.begin(), input.feeders_below.end(), offer.feeder);
    if (!is_there) {
        return "is on feeder " + offer.feeder + ", the limit is on " + input.overload.feeder;
    }
    if (offer.turn_up != needs_turn_up) {
        return needs_turn_up ? "is turn-down, the limit needs turn-up"
                             : "is turn-up, the limit needs turn-down";
    }
    if (relief_ppm(offer.phase, limit.phase) == 0) {
        return "on " + std::string(grid::to_string(offer.phase)) + ", the limit is " +
               std::string(grid::to_string(limit.phase));
    }
    if (offer.reliability_ppm < input.rules.reliability_floor_ppm) {
        return "reliability of " + std::to_string(offer.reliability_ppm / 10'000) +
               " % is below the floor of " + std::to_string(input.rules.reliability_floor_ppm / 10'000) +
               " %";
    }
    if (offer.reliability_ppm == 0 && input.rules.by_reliability) {
        return "has never delivered";
    }
    return {};
}

bool has_block_window(const Candidate& candidate, std::size_t slots) {
    for (std::size_t begin = 0; begin + candidate.run_min <= slots; ++begin) {
        if (block_power(candidate, {begin, begin + candidate.run_min}) > 0) {
            return true;
        }
    }
    return false;
}

/// Narrows `usable` and the power to what the DER is enrolled for. Answers why it may not be used.
std::string keep_to_programme(const PlanInput& input, const Offer& offer, std::vector<bool>& usable,
                              Candidate& candidate, std::int64_t& power_w) {
    ProgrammeFit fit =
        fit_of(*input.programmes, offer, input.product, input.overload.need.start, usable.size());
    if (fit.programme.empty()) {
        return std::move(fit.reason);
    }
    bool is_any = false;
    for (std::size_t slot = 0; slot < usable.size(); ++slot) {
        usable[slot] = usable[slot] && fit.open_slots[slot];
        is_any = is_any || usable[slot];
    }
    if (!is_any) {
        return fit.programme + " is not open in the half-hours in which it is available";
    }
    power_w = std::min(power_w, fit.power.value);
    candidate.programme = std::move(fit.programme);
    return {};
}

/// The candidate that the offer makes, or why it makes none.
std::variant<Candidate, std::string> make_candidate(const PlanInput& input, std::size_t index) {
    const Offer& offer = input.offers[index];
    if (std::string reason = unfit_reason(input, offer); !reason.empty()) {
        return reason;
    }
    const std::size_t slots = input.overload.need.w.size();
    Candidate candidate;
    candidate.offer = index;
    candidate.reliability_ppm = offer.reliability_ppm;
    const std::int64_t share = relief_ppm(offer.phase, input.overload.limit.phase);
    candidate.relief_uw_per_w =
        input.rules.by_reliability ? share * offer.reliability_ppm / whole_ppm : share;
    candidate.price = offer.utilisation.value + offer.availability_per_mw_h.value;
    if (candidate.relief_uw_per_w == 0) {
        return std::string("its expected relief rounds to nothing");
    }

    std::vector<bool> usable = usable_slots(input, offer);
    if (std::none_of(usable.begin(), usable.end(), [](bool is) { return is; })) {
        return std::string("not available in the window with a notice of ") +
               std::to_string(offer.notice.count() / 60'000) + " min";
    }
    std::int64_t power_w = offer.power.value;
    if (input.programmes) {
        if (std::string reason = keep_to_programme(input, offer, usable, candidate, power_w);
            !reason.empty()) {
            return reason;
        }
    }
    candidate.cap_w.assign(slots, 0);
    std::int64_t sum = 0;
    for (std::size_t slot = 0; slot < slots; ++slot) {
        const bool has_reserved = !input.reserved_w.empty() && !input.reserved_w[index].empty();
        const std::int64_t reserved = has_reserved ? input.reserved_w[index][slot] : 0;
        candidate.cap_w[slot] = usable[slot] ? std::max<std::int64_t>(0, power_w - reserved) : 0;
        sum += candidate.cap_w[slot];
    }
    if (sum == 0) {
        return std::string("its power is promised elsewhere");
    }

    // A half-hour at p watts is p/2 watt-hours.
    const bool limited = offer.energy.value > 0 && offer.energy.value < sum;
    candidate.supply_w = limited ? std::min(sum, offer.energy.value * 2) : sum;
    candidate.run_max = offer.duration_max.count() == 0
                            ? slots
                            : std::min(slots, static_cast<std::size_t>(offer.duration_max / period_length));
    if (candidate.run_max > 0 && candidate.run_max < slots) {
        std::vector<std::int64_t> caps = candidate.cap_w;
        std::sort(caps.begin(), caps.end(), std::greater<>());
        candidate.supply_w = std::min(
            candidate.supply_w,
            std::accumulate(caps.begin(), caps.begin() + static_cast<std::ptrdiff_t>(candidate.run_max),
                            std::int64_t{0}));
    }
    candidate.run_min = std::max<std::size_t>(1, whole_slots_up(offer.duration_min));
    if (candidate.run_max == 0) {
        return std::string("runs for less than a half-hour");
    }
    if (candidate.is_block() &&
        (candidate.run_min > candidate.run_max || !has_block_window(candidate, slots))) {
        return "needs a run of " + std::to_string(candidate.run_min) + " half-hours, more than it has here";
    }
    return candidate;
}

bool overlap(const Offer& a, const Offer& b) {
    return a.available_from < b.available_until && b.available_from < a.available_until;
}

/// One DER can be sold once: of offers that overlap, the one with the cheapest relief stays.
void drop_double_offers(const PlanInput& input, Problem& problem) {
    std::vector<std::size_t> order(problem.candidates.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&problem](std::size_t a, std::size_t b) {
        return is_cheaper(problem.candidates[a], problem.candidates[b]);
    });
    std::map<std::string, std::vector<std::size_t>> taken;
    std::vector<bool> keep(problem.candidates.size(), true);
    for (const std::size_t index : order) {
        const Offer& offer = input.offers[problem.candidates[index].offer];
        std::vector<std::size_t>& others = taken[offer.der];
        for (const std::size_t other : others) {
            const Offer& better = input.offers[problem.candidates[other].offer];
            if (overlap(offer, better)) {
                keep[index] = false;
                problem.left_out.push_back(offer.id + ": " + offer.der + " is offered cheaper as " +
                                           better.id + " of " + better.provider);
                break;
            }
        }
        if (keep[index]) {
            others.push_back(index);
        }
    }
    std::vector<Candidate> kept;
    for (std::size_t index = 0; index < keep.size(); ++index) {
        if (keep[index]) {
            kept.push_back(std::move(problem.candidates[index]));
        }
    }
    problem.candidates = std::move(kept);
}

}  // namespace

bool is_cheaper(const Candidate& a, const Candidate& b) {
    return Wide{a.price} * b.relief_uw_per_w < Wide{b.price} * a.relief_uw_per_w;
}

bool is_worth_buying(const Problem& problem, const Candidate& candidate) {
    return Wide{candidate.price} * whole_ppm < Wide{problem.unserved_price} * candidate.relief_uw_per_w;
}

std::int64_t block_power(const Candidate& candidate, Run run) {
    std::int64_t power = candidate.supply_w / static_cast<std::int64_t>(run.length());
    for (std::size_t slot = run.begin; slot < run.end; ++slot) {
        power = std::min(power, candidate.cap_w[slot]);
    }
    return power;
}

Result<Problem> make_problem(const PlanInput& input) {
    if (const Result<void> checked = check_input(input); !checked) {
        return checked.error();
    }
    std::vector<std::size_t> order(input.offers.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto key = [&input](std::size_t index) {
        return std::tie(input.offers[index].provider, input.offers[index].id);
    };
    std::sort(order.begin(), order.end(), [&key](std::size_t a, std::size_t b) { return key(a) < key(b); });
    for (std::size_t i = 1; i < order.size(); ++i) {
        if (key(order[i - 1]) == key(order[i])) {
            return invalid_input(offer_name(input.offers[order[i]]) + " stands twice in the input");
        }
    }

    Problem problem;
    problem.need_w = input.overload.need.w;
    problem.slots = problem.need_w.size();
    problem.unserved_price = input.rules.unserved_price.value;
    problem.cost_max = input.rules.cost_max.value;
    for (const std::int64_t need : problem.need_w) {
        problem.target_uw.push_back(need * (whole_ppm + input.rules.margin_ppm));
    }
    for (const std::size_t index : order) {
        auto made = make_candidate(input, index);
        if (auto* reason = std::get_if<std::string>(&made)) {
            problem.left_out.push_back(input.offers[index].id + ": " + *reason);
        } else {
            problem.candidates.push_back(std::move(std::get<Candidate>(made)));
        }
    }
    drop_double_offers(input, problem);

    problem.by_price.resize(problem.candidates.size());
    std::iota(problem.by_price.begin(), problem.by_price.end(), std::size_t{0});
    std::stable_sort(problem.by_price.begin(), problem.by_price.end(),
                     [&problem](std::size_t a, std::size_t b) {
                         return is_cheaper(problem.candidates[a], problem.candidates[b]);
                     });
    return problem;
}

}  // namespace headroom::flex
