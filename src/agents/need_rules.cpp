// What the operator's rules let a published need cost, of whom it may be bought, and when.
#include "agents/flex_event.hpp"
#include "flex/past_orders.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace headroom::agents {
namespace {

flex::PlanNeed plan_need(const beckn::PublishedNeed& need) {
    flex::PlanNeed out;
    out.feeder_id = need.feeder;
    out.start = need.requested_w().start;
    out.step_minutes = std::chrono::duration_cast<minutes>(need.requested_w().step).count();
    for (const std::int64_t power_w : need.requested_w().values) {
        out.required_kw.push_back(static_cast<double>(power_w) / 1000.0);
    }
    return out;
}

/// The dearest half-hour of a need at a fixed price; what a clearing will come to is not known before.
double highest_gbp_per_kwh(const beckn::PublishedNeed& need) {
    std::int64_t price = 0;
    for (const std::int64_t each :
         need.need.price_per_mwh ? need.need.price_per_mwh->values : std::vector<std::int64_t>{}) {
        price = std::max(price, each);
    }
    return static_cast<double>(price) / 1e9;
}

/// Slots that do not lie within the windows that the rules left.
std::vector<bool> closed_slots(const flex::PlanNeed& need, const flex::PlanDer& der) {
    std::vector<bool> closed(need.required_kw.size(), false);
    for (std::size_t slot = 0; der.available && slot < closed.size(); ++slot) {
        const UtcTime begin = need.start + minutes{need.step_minutes} * static_cast<std::int64_t>(slot);
        closed[slot] = std::none_of(
            der.available->begin(), der.available->end(),
            [begin](const flex::PlanWindow& window) { return window.from <= begin && begin < window.to; });
    }
    return closed;
}

std::string sentence(const flex::RuleUse& use) {
    return "rule " + use.rule + ": " + use.detail;
}

/// What the rules do to the seller and to each of his meters; the empty name is himself.
std::map<std::string, beckn::MeterRule> rules_about(const flex::RuleBook& book, flex::PlanRequest request,
                                                    const flex::RuleFacts& facts, const std::string& seller) {
    std::map<std::string, beckn::MeterRule> out;
    const auto named = [&seller](const std::string& der) { return der == seller ? std::string() : der; };
    const std::vector<flex::RuleUse> uses = flex::apply_rules(book, request, facts);
    for (const flex::RuleUse& use : uses) {
        if (use.is_refused) {
            out[named(use.der_id)].refused = sentence(use);
        }
    }
    for (const flex::PlanDer& der : request.ders) {
        const std::vector<bool> closed = closed_slots(request.need, der);
        if (std::find(closed.begin(), closed.end(), true) == closed.end()) {
            continue;
        }
        beckn::MeterRule& rule = out[named(der.der_id)];
        rule.closed = closed;
        for (const flex::RuleUse& use : uses) {
            const bool is_hours =
                std::any_of(book.rules.begin(), book.rules.end(), [&use](const flex::OperatorRule& each) {
                    return each.id == use.rule && each.action == "only_between";
                });
            rule.hours = is_hours && use.der_id == der.der_id ? sentence(use) : rule.hours;
        }
    }
    return out;
}

}  // namespace

/// An aggregator is judged as a DER of his name and of no kind, and each meter that he names as a DER of its
/// own, of the kind that our grid knows of it.
std::optional<beckn::NeedMoney> OrchestrationContext::money_for(const beckn::PublishedNeed& need,
                                                                const beckn::NeedSellers& sellers) const {
    if (rules.book == nullptr) {
        return std::nullopt;
    }
    const flex::RuleFacts facts = rule_facts(need.feeder, {});
    std::int64_t in_need = 0;
    for (const flex::Contract& order : need_orders ? need_orders() : std::vector<flex::Contract>{}) {
        in_need += order.event.value == need.id ? order.quoted.value : 0;
    }
    const flex::PlanNeed wanted = plan_need(need);
    const auto limit = [](const flex::BudgetLeft& left) {
        return beckn::SpendLimit{.micro = left.micro_gbp, .rule = left.rule, .detail = left.detail};
    };
    beckn::NeedMoney out;
    if (const auto left = flex::budget_left(*rules.book, wanted, facts, in_need)) {
        out.in_all = limit(*left);
    }
    flex::RuleBook without_budgets = *rules.book;
    std::erase_if(without_budgets.rules,
                  [](const flex::OperatorRule& rule) { return rule.action == "budget"; });
    for (const auto& [peer, meters] : sellers) {
        flex::PlanRequest request{.need = wanted};
        flex::PlanDer seller{.der_id = peer, .provider = peer};
        seller.price_gbp_per_kwh = highest_gbp_per_kwh(need);
        if (const auto left = flex::budget_left_for(*rules.book, wanted, facts, seller, in_need)) {
            out.by_peer.emplace(peer, limit(*left));
        }
        std::vector<flex::OrderMeter> named;
        for (const std::string& meter : meters) {
            flex::PlanDer der = seller;
            der.der_id = meter;
            const grid::Der* known = parts.network.der(meter);
            der.kind = known == nullptr ? "" : std::string(grid::to_string(known->der_class));
            named.push_back({der.der_id, der.kind});
            request.ders.push_back(std::move(der));
        }
        if (const auto left = flex::order_left(*rules.book, wanted, facts, peer, named, in_need)) {
            const auto own = out.by_peer.find(peer);
            if (own == out.by_peer.end() || left->micro_gbp < own->second.micro) {
                out.by_peer.insert_or_assign(peer, limit(*left));
            }
        }
        request.ders.push_back(std::move(seller));
        std::map<std::string, beckn::MeterRule> about =
            rules_about(without_budgets, std::move(request), facts, peer);
        if (const auto self = about.find(""); self != about.end() && !self->second.refused.empty()) {
            out.refused.emplace(peer, self->second.refused);
        }
        if (!about.empty()) {
            out.meters.emplace(peer, std::move(about));
        }
    }
    return out;
}

}  // namespace headroom::agents
