// What somebody orders at an asset that only providers know: a purchase of offers there.
#include "agents/direct_purchase.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"
#include "desk/amounts.hpp"
#include "desk/purchase_parts.hpp"
#include "flex/event_plan.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace headroom::desk {
namespace {

/// The need as the market is asked for it.
risk::Overload wanted_at(const PurchaseAction& action, EventId id, UtcTime from, Watts power) {
    risk::Overload out;
    out.event = std::move(id);
    out.feeder = action.asset;
    out.limit.asset = action.asset;
    out.cause = risk::Cause::person;
    out.start = from;
    out.end = from + period_length * action.half_hours;
    out.need = {from, std::vector<std::int64_t>(static_cast<std::size_t>(action.half_hours),
                                                std::max<std::int64_t>(power.value, 1))};
    return out;
}

/// What was bought from one provider, or how far it came.
json::Object purchase_entry(const Parts& parts, const PurchaseAction& action, const EventId& id,
                            const agents::DirectPurchase& bought) {
    const flex::Contract& contract = bought.contract;
    json::Object entry = entry_for(action, bought.is_made ? "confirmed" : reached(parts, id));
    std::int64_t peak = 0;
    WattHours energy{};
    milliseconds notice{};
    for (const flex::PlanLine& line : contract.lines) {
        peak += *std::max_element(line.power_w.values.begin(), line.power_w.values.end());
        energy += line.energy;
        notice = std::max(notice, line.offer.notice);
    }
    const std::string baseline = contract.lines.front().offer.baseline_method;
    const double pounds = gbp_of(contract.quoted.value);
    const double kwh = kwh_of(energy.value);
    entry.set("provider", contract.provider);
    entry.set("transaction_id", contract.transaction.value);
    entry.set("order_id", contract.order_id);
    entry.set("order_state", bought.is_made ? "Created" : "");
    entry.set("power_kw", kw_of(peak));
    entry.set("quote",
              json::object({{"price_gbp_per_kwh", kwh > 0.0 ? pounds / kwh : 0.0},
                            {"terms", "paid for what the meter shows; baseline " +
                                          (baseline.empty() ? std::string("as agreed") : baseline)}}));
    entry.set("price_gbp", pounds);
    entry.set("eta_minutes", static_cast<std::int64_t>(std::chrono::ceil<minutes>(notice).count()));
    entry.set("activated_at",
              bought.is_made ? json::Value(format_utc(contract.lines.front().power_w.start)) : json::Value());
    entry.set("timeline", timeline(parts, id, contract.provider));
    if (!bought.is_made || !bought.failure.empty()) {
        entry.set("detail", bought.failure.empty() ? "the provider did not confirm" : bought.failure);
    }
    return entry;
}

/// Why a plan bought nothing.
std::string nothing_because(const PurchaseAction& action, grid::DerClass der_class,
                            const std::vector<flex::Offer>& offers, const Result<flex::EventPlan>& plan) {
    if (!plan) {
        return plan.error().message;
    }
    if (offers.empty()) {
        return "no provider offers a " + std::string(grid::to_string(der_class)) + " at " + action.asset +
               " at that time";
    }
    const std::string why = flex::why_nothing(*plan);
    return why.empty() ? "everything that is offered there is taken" : why;
}

/// Under the operator's rules, as events are planned. What somebody orders is not left undone because another
/// rating would bear the load.
flex::EventPlanInput judged_for_purchase(const Parts& parts, flex::PlanInput input) {
    flex::EventPlanInput judged = parts.orchestration.judged(std::move(input));
    judged.facts.limit.reset();
    judged.facts.chance.reset();  // so much was ordered, no more
    return judged;
}

/// The rule by which somebody who may approve plans must order this; nothing when none does.
std::optional<std::string> person_wanted(const Result<flex::EventPlan>& plan, const Caller& caller) {
    const bool may_approve = caller.kind == "user" && (caller.role == "approver" ||
                                                       caller.role == "engineer" || caller.role == "admin");
    if (!plan || !plan->notes.needs_person || may_approve) {
        return std::nullopt;
    }
    const flex::RuleUse& rule = plan->notes.rules.back();
    return "rule " + rule.rule + ": " + rule.detail;
}

/// What was learnt of a DER is ours: its provider is told of its offer as it made it.
std::int64_t claimed_ppm(const flex::PlanInput& offered, const flex::Offer& bought) {
    for (const flex::Offer& offer : offered.offers) {
        if (offer.provider == bought.provider && offer.id == bought.id) {
            return offer.reliability_ppm;
        }
    }
    return bought.reliability_ppm;
}

}  // namespace

Awaitable<json::Array> buy_by_offers(Desk& desk, PurchaseAction action, grid::DerClass der_class,
                                     Caller caller) {
    const Parts& parts = desk.parts();
    const UtcTime now = parts.clock.now();
    const UtcTime from = floor_period(std::max(action.target.value_or(now), now));
    const UtcTime to = from + period_length * action.half_hours;
    const EventId id = agents::direct_purchase_id(action.asset + "/" + action.action_type + "/" +
                                                      std::to_string(action.power.value) + "/" +
                                                      format_utc(parts.wall.now()),
                                                  from);
    risk::Overload asked = wanted_at(action, id, from, action.power);
    Result<agents::SearchResult> found = co_await parts.market.search(std::move(asked));
    if (!found) {
        co_return only(hindered(action, found.error().message));
    }
    std::erase_if(found->offers,
                  [der_class](const flex::Offer& offer) { return offer.der_class != der_class; });
    const std::optional<flex::Offer> cheapest = cheapest_offer(found->offers, der_class, from, to);
    const Watts power = action.power.value > 0 ? action.power : cheapest ? cheapest->power : Watts{1};
    const std::optional<agents::Turns::Turn> turn = co_await purchase_turn(desk);
    flex::PlanInput input;
    input.overload = wanted_at(action, id, from, power);
    input.rules = parts.orchestration.options().rules;
    input.rules.margin_ppm = 0;  // what is asked for is bought, no more
    input.rules.by_reliability = false;
    input.now = now;
    input.offers = std::move(found->offers);
    input.reserved_w = co_await agents::reserved_of(parts.journal, input.offers, input.overload.need, now);
    input.programmes = parts.programmes.book_for(input.offers);
    const flex::EventPlanInput judged = judged_for_purchase(parts, std::move(input));
    Result<flex::EventPlan> plan = flex::make_event_plan(judged);
    if (std::optional<std::string> rule = person_wanted(plan, caller)) {
        co_return only(hindered(action, std::move(*rule)));
    }
    std::map<std::string, std::vector<flex::PlanLine>> by_provider;
    for (flex::PlanLine& line : plan ? plan->plan.lines : std::vector<flex::PlanLine>{}) {
        line.offer.reliability_ppm = claimed_ppm(judged.base, line.offer);
        by_provider[line.offer.provider].push_back(std::move(line));
    }
    if (by_provider.empty()) {
        json::Object entry = entry_for(action, reached(parts, id));
        entry.set("detail", nothing_because(action, der_class, judged.base.offers, plan));
        entry.set("timeline", timeline(parts, id, ""));
        co_return only(std::move(entry));
    }
    json::Array entries;
    for (auto& [provider, lines] : by_provider) {
        EventId purchase = id;
        Caller same = caller;
        agents::SpendGate gate = parts.orchestration.spend_gate();
        const agents::DirectPurchase bought =
            co_await agents::buy_directly(parts.market, parts.journal, parts.clock, std::move(purchase),
                                          std::move(lines), std::move(same), std::move(gate));
        entries.emplace_back(purchase_entry(parts, action, id, bought));
    }
    // What the rules count is what the log holds: whoever buys next finds this counted.
    const Result<void> written = co_await parts.journal.flush();
    if (!written) {
        log::error("a purchase is counted later, for nothing can be written down",
                   {{"purchase", id.value}, {"error", written.error().message}});
    }
    co_return entries;
}

std::optional<flex::Offer> cheapest_offer(const std::vector<flex::Offer>& offers, grid::DerClass der_class,
                                          UtcTime from, UtcTime to) {
    std::optional<flex::Offer> best;
    for (const flex::Offer& offer : offers) {
        const bool fits = offer.der_class == der_class && offer.available_from <= from &&
                          offer.available_until >= to && offer.power.value > 0;
        if (fits && (!best || offer.utilisation < best->utilisation)) {
            best = offer;
        }
    }
    return best;
}

}  // namespace headroom::desk
