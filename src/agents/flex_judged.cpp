// What every plan is judged by, of events and of purchases outside of them.
#include "agents/flex_event.hpp"

#include <utility>

namespace headroom::agents {

PastUses OrchestrationContext::past(const std::vector<const flex::FlexPlan*>& beside) const {
    PastUses out{.events = others(EventId{}), .purchases = {}, .plans = beside};
    for (const auto& [transaction, contract] : purchases) {
        out.purchases.push_back(&contract);
    }
    return out;
}

flex::RuleFacts OrchestrationContext::rule_facts(const std::string& asset,
                                                 const std::vector<const flex::FlexPlan*>& beside) const {
    return rule_facts_for(asset, past(beside), parts.network, rules.book.get(), parts.clock.now());
}

flex::EventPlanInput OrchestrationContext::judged(flex::PlanInput base,
                                                  const std::vector<const flex::FlexPlan*>& beside) const {
    const PastUses uses = past(beside);
    flex::EventPlanInput input{.base = std::move(base), .book = rules.book, .facts = {}};
    input.facts = facts_for(input.base.overload, uses, parts.network, rules.book.get(), parts.clock.now(),
                            parts.views.limit_load_kw);
    input.facts.latencies = latencies.all();
    input.facts.carbon = carbon_for(input.base.overload, rules.board.get());
    input.facts.responses = responses_of(uses.events, input.base.offers);
    return input;
}

}  // namespace headroom::agents
