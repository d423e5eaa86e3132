#include "sim/event_trials.hpp"

#include "core/normal.hpp"
#include "core/random.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace headroom::sim {
namespace {

constexpr std::array<std::int64_t, 7> quantiles_ppm{50'000,  100'000, 250'000, 500'000,
                                                    750'000, 900'000, 950'000};
constexpr std::size_t alarm = 5;  // of these: what raised the event
constexpr std::size_t event_slots = 3;
constexpr double limit_w = 400'000.0;

double median_over_w(const Random& random, double fleet_w, std::size_t slot) {
    return fleet_w * (0.06 + 0.10 * random.uniform(1'000'000, slot));
}

double deviation_w(const EventTrials& trials, double fleet_w) {
    return trials.spread_share * fleet_w * 0.2;
}

flex::Offer trial_offer(const Random& random, std::uint64_t i, UtcTime start) {
    flex::Offer offer;
    offer.provider = "P" + std::to_string(i % 5);
    offer.id = "O" + std::to_string(1'000 + i);
    offer.der = "D" + std::to_string(1'000 + i);
    offer.feeder = "F";
    offer.phase = grid::Phase::sum;
    offer.power = Watts{static_cast<std::int64_t>(3'000 + random.below(7'000, i, 1))};
    offer.utilisation =
        MicroPoundsPerMwh{static_cast<std::int64_t>(100 + random.below(300, i, 2)) * 1'000'000};
    offer.available_from = start - hours{1};
    offer.available_until = start + hours{6};
    offer.valid_until = start;
    offer.energy = WattHours{random.below(2, i, 3) == 0 ? 0 : offer.power.value};  // some for two half-hours
    offer.reliability_ppm = 990'000;
    return offer;
}

std::int64_t true_rate_ppm(const Random& random, std::uint64_t i) {
    return static_cast<std::int64_t>(780'000 + random.below(200'000, i, 4));
}

/// What was bought first and stands, what was bought anew, and how sure both together are.
struct Bought {
    std::vector<flex::PlanLine> stands;
    std::vector<flex::PlanLine> anew;
    flex::ChanceReached chance;
};

bool is_refusing(const EventTrials& trials, const flex::Offer& offer) {
    return std::stoll(offer.provider.substr(1)) < trials.refusing;
}

/// The input of the round that buys anew: offers that nobody has tried, what is left of the need at full
/// power, and what stands, each as sure as it was learnt.
flex::EventPlanInput after_refusals(flex::EventPlanInput input, const flex::FlexPlan& first,
                                    const std::vector<flex::PlanLine>& stands) {
    std::erase_if(input.base.offers, [&first](const flex::Offer& offer) {
        return std::any_of(first.lines.begin(), first.lines.end(),
                           [&offer](const flex::PlanLine& line) { return line.offer.id == offer.id; });
    });
    for (const flex::PlanLine& line : stands) {
        input.facts.chance->standing.push_back(
            {line.offer.der, line.offer.reliability_ppm, line.power_w.values});
        for (std::size_t slot = 0; slot < event_slots; ++slot) {
            std::int64_t& need = input.base.overload.need.w[slot];
            need = std::max<std::int64_t>(0, need - line.power_w.values[slot]);
        }
    }
    return input;
}

Result<Bought> buy(const EventTrials& trials, const flex::EventPlanInput& input) {
    Result<flex::EventPlan> plan = flex::make_event_plan(input);
    if (!plan) {
        return plan.error();
    }
    Bought out{.stands = plan->plan.lines, .anew = {}, .chance = *plan->notes.chance};
    std::erase_if(out.stands,
                  [&trials](const flex::PlanLine& line) { return is_refusing(trials, line.offer); });
    if (out.stands.size() == plan->plan.lines.size()) {
        return out;
    }
    Result<flex::EventPlan> more = flex::make_event_plan(after_refusals(input, plan->plan, out.stands));
    if (!more) {
        return more.error();
    }
    out.anew = std::move(more->plan.lines);
    out.chance = *more->notes.chance;
    return out;
}

/// Takes off `over` what those of the lines give who deliver on that evening.
void relieve(const std::vector<flex::PlanLine>& lines, const Random& rates, const Random& evenings,
             std::uint64_t evening, std::array<double, event_slots>& over) {
    for (const flex::PlanLine& line : lines) {
        const std::uint64_t i = std::stoull(line.offer.der.substr(1)) - 1'000;
        const auto rate = static_cast<double>(true_rate_ppm(rates, i)) / 1e6;
        const bool delivers = evenings.uniform(i + 1, evening, 8) < rate;
        for (std::size_t slot = 0; delivers && slot < event_slots; ++slot) {
            over[slot] -= static_cast<double>(line.power_w.values[slot]);
        }
    }
}

bool is_within(const std::array<double, event_slots>& over) {
    return std::all_of(over.begin(), over.end(), [](double w) { return w <= 2.0; });
}

}  // namespace

flex::EventPlanInput event_trial_input(const EventTrials& trials, std::int64_t number) {
    const std::uint64_t seed = trials.seed * 1'000'003 + static_cast<std::uint64_t>(number);
    const Random random(seed);
    const UtcTime start{hours{490'002}};
    flex::EventPlanInput input;
    double fleet_w = 0.0;
    for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(trials.ders); ++i) {
        input.base.offers.push_back(trial_offer(random, i, start));
        fleet_w += static_cast<double>(input.base.offers.back().power.value);
        input.facts.responses.push_back(
            {input.base.offers.back().der, 100, 990'000, true_rate_ppm(random, i)});
    }
    flex::ChanceAsked chance{.probability_ppm = std::llround(trials.probability * 1e6),
                             .rule = "probability"};
    chance.quantiles_ppm.assign(quantiles_ppm.begin(), quantiles_ppm.end());
    risk::Overload& overload = input.base.overload;
    for (std::size_t slot = 0; slot < event_slots; ++slot) {
        std::vector<std::int64_t>& row = chance.over_w.emplace_back();
        for (const std::int64_t quantile : quantiles_ppm) {
            row.push_back(std::llround(median_over_w(random, fleet_w, slot) +
                                       deviation_w(trials, fleet_w) *
                                           normal_quantile(static_cast<double>(quantile) / 1e6)));
        }
        // What the alarm's quantile needs, or less than the plan will cover in any case.
        overload.need.w.push_back(std::max<std::int64_t>(0, row[trials.probability >= 0.9 ? alarm : 3]));
    }
    input.facts.chance = std::move(chance);
    overload.event = EventId{"ev-trial-" + std::to_string(seed)};
    overload.feeder = "F";
    overload.limit.asset = "F";
    overload.limit.phase = grid::Phase::sum;
    overload.limit.value = limit_w / 1'000.0;
    overload.start = overload.need.start = start;
    overload.end = start + period_length * static_cast<std::int64_t>(event_slots);
    overload.detected_at = input.base.now = start - hours{2};
    input.base.product = flex::ContractKind::availability;
    input.base.rules.unserved_price = MicroPoundsPerMwh{20'000'000'000};
    input.base.rules.node_budget = 2'000;
    return input;
}

Result<EventTrialOutcome> try_event_plans(const EventTrials& trials) {
    EventTrialOutcome out;
    std::int64_t planned = 0;
    for (std::int64_t number = 0; number < trials.plans; ++number) {
        const flex::EventPlanInput input = event_trial_input(trials, number);
        const Result<Bought> bought = buy(trials, input);
        if (!bought) {
            return bought.error();
        }
        if (!bought->chance.is_reached) {
            ++out.unreached;
            continue;
        }
        ++planned;
        out.topped_up += bought->anew.empty() ? 0 : 1;
        out.promised_ppm += bought->chance.reached_ppm;
        const std::uint64_t seed = trials.seed * 1'000'003 + static_cast<std::uint64_t>(number);
        const Random rates(seed);
        const Random evenings(987'654'321 + seed);
        double fleet_w = 0.0;
        for (const flex::Offer& offer : input.base.offers) {
            fleet_w += static_cast<double>(offer.power.value);
        }
        for (std::int64_t evening = 0; evening < trials.evenings; ++evening) {
            const auto draw = static_cast<std::uint64_t>(evening);
            const double z = normal_quantile(evenings.uniform(0, draw, 7));
            std::array<double, event_slots> over{};
            for (std::size_t slot = 0; slot < event_slots; ++slot) {
                over[slot] = median_over_w(rates, fleet_w, slot) + deviation_w(trials, fleet_w) * z;
            }
            relieve(bought->stands, rates, evenings, draw, over);
            out.left_alone += is_within(over) ? 1 : 0;
            relieve(bought->anew, rates, evenings, draw, over);
            ++out.events;
            out.prevented += is_within(over) ? 1 : 0;
        }
    }
    out.promised_ppm = planned == 0 ? 0 : out.promised_ppm / planned;
    return out;
}

}  // namespace headroom::sim
