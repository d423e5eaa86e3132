// What every plan is judged by, of events and of purchases outside of them.
#include "agents/flex_event.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace headroom::agents {

PastUses OrchestrationContext::past(const std::vector<const flex::FlexPlan*>& beside) const {
    PastUses out{.events = others(EventId{}), .purchases = {}, .plans = beside};
    for (const auto& [transaction, contract] : purchases) {
        out.purchases.push_back(&contract);
    }
    if (need_orders) {
        out.of_needs = need_orders();
    }
    return out;
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

flex::EventPlanInput OrchestrationContext::judged(flex::PlanInput base,
                                                  const std::vector<const flex::FlexPlan*>& beside) const {
    const PastUses uses = past(beside);
    flex::EventPlanInput input{.base = std::move(base), .book = rules.book, .facts = {}};
    input.facts = facts_for(input.base.overload, uses, parts.network, rules.book.get(), parts.clock.now(),
                            parts.views.limit_load_kw);
    input.facts.latencies = latencies.all();
    input.facts.carbon = carbon_for(input.base.overload, rules.board.get());
    input.facts.room = room_for(input.base.overload, parts.network, rules.book.get(),
                                [this](const risk::Overload& there) { return forecast_or_newest(there); });
    input.facts.responses = responses_of(uses.events, input.base.offers);
    return input;
}

/// An aggregator is judged as a DER of his name and of no kind: what his meters are he keeps to himself.
std::optional<beckn::NeedMoney> OrchestrationContext::money_for(const beckn::PublishedNeed& need,
                                                                const std::vector<std::string>& peers) const {
    if (rules.book == nullptr) {
        return std::nullopt;
    }
    const flex::RuleFacts facts = rule_facts(need.feeder, {});
    std::int64_t in_need = 0;
    for (const flex::Contract& order : need_orders ? need_orders() : std::vector<flex::Contract>{}) {
        in_need += order.event.value == need.id ? order.quoted.value : 0;
    }
    flex::PlanRequest request;
    request.need.feeder_id = need.feeder;
    request.need.start = need.requested_w().start;
    request.need.step_minutes = std::chrono::duration_cast<minutes>(need.requested_w().step).count();
    for (const std::int64_t power_w : need.requested_w().values) {
        request.need.required_kw.push_back(static_cast<double>(power_w) / 1000.0);
    }
    std::int64_t price = 0;
    for (const std::int64_t each :
         need.need.price_per_mwh ? need.need.price_per_mwh->values : std::vector<std::int64_t>{}) {
        price = std::max(price, each);
    }
    beckn::NeedMoney out;
    const auto limit = [](const flex::BudgetLeft& left) {
        return beckn::SpendLimit{.micro = left.micro_gbp, .rule = left.rule, .detail = left.detail};
    };
    if (const auto left = flex::budget_left(*rules.book, request.need, facts, in_need)) {
        out.in_all = limit(*left);
    }
    for (const std::string& peer : peers) {
        flex::PlanDer seller{.der_id = peer, .provider = peer};
        seller.price_gbp_per_kwh = static_cast<double>(price) / 1e9;
        if (const auto left = flex::budget_left_for(*rules.book, request.need, facts, seller, in_need)) {
            out.by_peer.emplace(peer, limit(*left));
        }
        request.ders.push_back(std::move(seller));
    }
    flex::RuleBook without_budgets = *rules.book;
    std::erase_if(without_budgets.rules,
                  [](const flex::OperatorRule& rule) { return rule.action == "budget"; });
    for (const flex::RuleUse& use : flex::apply_rules(without_budgets, request, facts)) {
        if (use.is_refused) {
            out.refused.emplace(use.der_id, "rule " + use.rule + ": " + use.detail);
        }
    }
    return out;
}

}  // namespace headroom::agents
