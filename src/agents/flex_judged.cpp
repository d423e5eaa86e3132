// What every plan is judged by, of events and of purchases outside of them.
#include "agents/event_chance.hpp"
#include "agents/flex_event.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::agents {

PastUses OrchestrationContext::past(const std::vector<const flex::FlexPlan*>& beside) const {
    PastUses out{.events = others(EventId{}), .purchases = {}, .plans = beside};
    for (const auto& [transaction, contract] : purchases) {
        out.purchases.push_back(&contract);
    }
    for (const auto& [transaction, contract] : buying) {
        out.pending.push_back(&contract);
    }
    if (need_orders) {
        out.of_needs = need_orders();
    }
    return out;
}

JudgedContract OrchestrationContext::judged_contract(flex::Contract contract,
                                                     const std::string& asset) const {
    return judge_contract(std::move(contract), asset, rules.book.get(), rule_facts(asset, {}));
}

flex::RuleFacts OrchestrationContext::rule_facts(const std::string& asset,
                                                 const std::vector<const flex::FlexPlan*>& beside) const {
    return rule_facts_for(asset, past(beside), parts.network, rules.book.get(), parts.clock.now());
}

/// Where there is no forecast, the newest load goes on.
LimitForecast OrchestrationContext::forecast_or_newest(const risk::Overload& there) const {
    LimitForecast out = rules.limit_forecast ? rules.limit_forecast(there) : LimitForecast{};
    const std::optional<double> newest_kw =
        out.upper_w.empty() && parts.views.limit_load_kw ? parts.views.limit_load_kw(there) : std::nullopt;
    if (newest_kw) {
        out.upper_w.assign(there.need.w.size(), std::llround(*newest_kw * 1000.0));
    }
    return out;
}

std::optional<flex::ChanceAsked> OrchestrationContext::chance_of(const flex::EventPlanInput& input,
                                                                 const PastUses& uses,
                                                                 const StandingEvent& standing) const {
    const risk::Overload& left = input.base.overload;
    const flex::IntervalGrid none;
    const EventRecord* record = standing.record;
    ChanceQuestion question{.whole = record == nullptr ? left : record->overload,
                            .left = left.need,
                            .forecast = {},
                            .relief_of_others = record == nullptr ? none : record->relief_of_others_w,
                            .standing = {}};
    if (left.limit.quantity == grid::Quantity::p_kw && rules.limit_forecast) {
        question.forecast = in_direction(rules.limit_forecast(left), left.limit.direction);
    }
    if (record != nullptr && standing.claimed_ppm != nullptr) {
        question.standing = standing_relief(*record, left.need, *standing.claimed_ppm, uses.events);
    }
    return chance_for(std::move(question), *rules.book, input.facts.rules);
}

flex::EventPlanInput OrchestrationContext::judged(flex::PlanInput base,
                                                  const std::vector<const flex::FlexPlan*>& beside,
                                                  const StandingEvent& standing) const {
    const PastUses uses = past(beside);
    flex::EventPlanInput input{.base = std::move(base), .book = rules.book, .facts = {}};
    input.facts = facts_for(input.base.overload, uses, parts.network, rules.book.get(), parts.clock.now(),
                            parts.views.limit_load_kw);
    input.facts.latencies = latencies.all();
    input.facts.carbon = carbon_for(input.base.overload, rules.board.get());
    input.facts.room = room_for(input.base.overload, parts.network, rules.book.get(),
                                [this](const risk::Overload& there) { return forecast_or_newest(there); });
    input.facts.responses = responses_of(uses.events, input.base.offers);
    if (rules.book != nullptr) {
        input.facts.chance = chance_of(input, uses, standing);
    }
    return input;
}

}  // namespace headroom::agents
