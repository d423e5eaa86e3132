#include "flex/event_plan.hpp"

#include "core/random.hpp"
#include "flex/event_chance.hpp"
#include "flex/event_permit.hpp"
#include "flex/event_words.hpp"
#include "flex/plan_turns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace headroom::flex {
namespace {

std::vector<LadderStep> climbed(const EventPlanInput& input, const Permit& permit,
                                const std::vector<LadderRung>& ladder,
                                const std::optional<DoingNothing>& nothing, const FlexPlan& plan) {
    LadderFacts facts{.time = permit.time(),
                      .nothing = nothing,
                      .switching = input.facts.switching,
                      .is_armed = permit.is_armed()};
    std::map<std::string_view, BoughtBy> bought;
    const auto of = [&](const Offer& offer) -> BoughtBy& {
        const std::string_view means = permit.means(offer);
        BoughtBy& by = bought[means];
        by.means = std::string(means);
        return by;
    };
    for (const Offer& offer : input.base.offers) {
        ++of(offer).offered;
    }
    for (const PlanLine& line : plan.lines) {
        BoughtBy& by = of(line.offer);
        by.peak_kw += static_cast<double>(line.relief_peak.value) / 1000.0;
        by.gbp += static_cast<double>(line.cost.value) / 1e6;
        ++by.ders;
    }
    for (auto& [means, by] : bought) {
        facts.bought.push_back(std::move(by));
    }
    for (const double kw : permit.need().required_kw) {
        facts.need_kw = std::max(facts.need_kw, kw);
    }
    facts.left_kw = static_cast<double>(plan.shortfall_peak.value) / 1000.0;
    return climb(ladder, facts);
}

/// Half-hours that a rebound of so many minutes lasts.
std::size_t half_hours(std::int64_t rebound_minutes) {
    return static_cast<std::size_t>((minutes{rebound_minutes} + period_length - milliseconds{1}) /
                                    period_length);
}

/// µ£/MWh that the offer counts as dearer.
std::int64_t weight_of(const EventWeight& weight) {
    return (weight.rotation_micro_gbp_per_kwh + weight.carbon_micro_gbp_per_kwh) * 1'000;
}

Asking asking_under(const EventPlanInput& input, const Permit& permit) {
    Asking asking;
    asking.turn_of = [&permit](const Offer& offer) { return permit.turn(offer).turn; };
    asking.weigh = [&permit](const Offer& offer) {
        const EventWeight weight = permit.weight(offer);
        return Weighing{weight_of(weight), weight.rebound_ppm, half_hours(weight.rebound_minutes)};
    };
    asking.room_w = input.facts.room ? input.facts.room->headroom_w : std::vector<std::int64_t>{};
    asking.may_schedule = true;
    return asking;
}

/// Every weight that the plan used, and what comes back.
void add_weights(const EventPlanInput& input, const Permit& permit, const PlanInput& allowed,
                 const PlannedCovers& planned, PlanNotes& notes) {
    const bool rebounds = planned.problem.has_rebound();
    for (const Candidate& candidate : planned.problem.candidates) {
        EventWeight weight = permit.weight(allowed.offers[candidate.offer]);
        if (!rebounds) {
            weight.rebound_ppm = weight.rebound_minutes = 0;
        }
        if (weight_of(weight) > 0 || weight.rebound_ppm > 0) {
            notes.weights.push_back(std::move(weight));
        }
    }
    if (input.book != nullptr && input.book->carbon_gbp_per_tonne > 0.0 && planned.weighed) {
        notes.rules.push_back({"carbon_gbp_per_tonne", "", false,
                               fmt::format("{:.2f} GBP/t weigh between offers and are not paid",
                                           input.book->carbon_gbp_per_tonne)});
    }
    if (rebounds) {
        const std::vector<std::int64_t> back = rebound_of(planned.problem, planned.best);
        const double most_kw = static_cast<double>(*std::max_element(back.begin(), back.end())) / 1e9;
        const double over_kw = static_cast<double>(planned.best.rebound_over_w) / 1e3;
        notes.rules.push_back(
            {"rebound", "", false,
             planned.best.rebound_over_w == 0
                 ? fmt::format("up to {:.1f} kW come back after release, within what is free then ({})",
                               most_kw, input.facts.room->source)
                 : fmt::format("up to {:.1f} kW come back after release, {:.1f} kW more than is free then "
                               "({}): to leave the need open would be worse",
                               most_kw, over_kw, input.facts.room->source)});
    }
}

}  // namespace

Result<EventPlan> make_event_plan(const EventPlanInput& input) {
    const Permit permit(input);
    const std::vector<LadderRung>& ladder = permit.ladder();
    EventPlan out;
    out.notes.rule_set = input.book == nullptr ? "" : input.book->name();
    PlanInput allowed = permit.allowed(out.notes);
    const std::optional<DoingNothing> nothing = doing_nothing_in(input);
    out.notes.takes_nothing = takes_nothing(ladder, nothing);
    if (out.notes.takes_nothing) {
        for (const Offer& offer : allowed.offers) {
            out.notes.refused.push_back(
                {offer.provider, offer.id, offer.der, "nothing needs to be done: " + nothing->detail});
        }
        allowed.offers.clear();
        allowed.reserved_w.clear();
    }
    const Asking asking = asking_under(input, permit);
    DeliveryDraws deliveries(Random::key(allowed.overload.event.value));
    Result<PlannedCovers> planned =
        input.facts.chance ? plan_with_chance(input, allowed, asking, deliveries, out.notes.chance.emplace())
                           : plan_covers(allowed, asking);
    if (!planned) {
        return planned.error();
    }
    FlexPlan& plan = planned->plan;
    add_weights(input, permit, allowed, *planned, out.notes);
    for (const EventRefusal& refusal : out.notes.refused) {
        plan.left_out.push_back(refusal.offer + ": " + refusal.reason);
    }
    for (const std::string& sentence : planned->problem.left_out) {
        const std::string offer_id = sentence.substr(0, sentence.find(": "));
        const auto offer = std::find_if(allowed.offers.begin(), allowed.offers.end(),
                                        [&offer_id](const Offer& each) { return each.id == offer_id; });
        if (offer != allowed.offers.end()) {
            out.notes.refused.push_back(
                {offer->provider, offer->id, offer->der, sentence.substr(offer_id.size() + 2)});
        }
    }
    out.notes.carbon_source = input.facts.carbon ? input.facts.carbon->source : "";
    out.notes.engine = planned->complete ? "exact" : planned->by_schedule ? "schedule" : "bounded";
    out.notes.ladder = climbed(input, permit, ladder, nothing, plan);
    out.notes.ways = ways_of(input, allowed, *planned, nothing, permit.time(), deliveries);
    out.notes.reserve = reserve_of(allowed, *planned);
    if (input.book != nullptr) {
        if (std::optional<RuleUse> person =
                needs_person(*input.book, permit.need(), input.facts.rules, plan.cost.value)) {
            out.notes.needs_person = true;
            out.notes.rules.push_back(std::move(*person));
        }
    }
    out.plan = std::move(plan);
    return out;
}

std::string why_nothing(const EventPlan& plan) {
    if (!plan.notes.refused.empty()) {
        return plan.notes.refused.front().offer + ": " + plan.notes.refused.front().reason;
    }
    for (const RuleUse& use : plan.notes.rules) {
        if (use.der_id.empty()) {
            return "rule " + use.rule + ": " + use.detail;
        }
    }
    return plan.plan.left_out.empty() ? std::string() : plan.plan.left_out.front();
}

}  // namespace headroom::flex
