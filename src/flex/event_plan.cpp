#include "flex/event_plan.hpp"

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
    Result<PlannedCovers> planned = plan_covers(
        allowed, [&permit](const Offer& offer) { return permit.turn(offer).turn; }, true);
    if (!planned) {
        return planned.error();
    }
    FlexPlan& plan = planned->plan;
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
    out.notes.ways = ways_of(input, allowed, *planned, nothing, permit.time());
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

}  // namespace headroom::flex
