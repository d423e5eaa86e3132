// What the rules count from the past, and what it leaves of their budgets.
#include "flex/rule_hours.hpp"
#include "flex/rule_select.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace headroom::flex {
namespace {

/// The budget with the least left among those that `is_meant`.
template <class IsMeant>
std::optional<BudgetLeft> least_left(const RuleBook& book, const RuleFacts& facts, std::int64_t in_plan,
                                     IsMeant is_meant) {
    std::optional<BudgetLeft> out;
    for (const OperatorRule& rule : book.rules) {
        if (rule.action != "budget" || !is_meant(rule)) {
            continue;
        }
        const std::int64_t left =
            std::max<std::int64_t>(0, left_of(rule, facts) - (counts_the_past(rule) ? 0 : in_plan));
        if (!out || left < out->micro_gbp) {
            out = BudgetLeft{
                left, rule.id,
                fmt::format("{:.2f} of {:.2f} GBP {} are left: {}", static_cast<double>(left) / 1e6,
                            *rule.gbp, span_words(rule), rule.reason)};
        }
    }
    return out;
}

}  // namespace

void RuleTally::add(const PastUse& use) {
    for (const OperatorRule& rule : book_.rules) {
        if (!counts_the_past(rule) || use.at < start_of_span(span_of(rule), now_) ||
            !is_about_need(rule, use.feeder, use.zones) ||
            !is_about_der(rule, use.der_id, use.provider, use.kind)) {
            continue;
        }
        if (rule.action == "budget") {
            spent_[rule.id] += use.micro_gbp;
        } else if (rule.action == "starts_at_most" || rule.action == "rotate") {
            ++starts_[{rule.id, use.der_id}];
        }
    }
}

RuleFacts RuleTally::facts(std::vector<std::string> zones) const {
    RuleFacts out;
    out.zones = std::move(zones);
    std::map<std::string, std::int64_t> spent = spent_;
    for (const OperatorRule& rule : book_.rules) {
        if (rule.action == "budget" && counts_the_past(rule)) {
            spent.emplace(rule.id, 0);
        }
    }
    for (const auto& [rule, micro_gbp] : spent) {
        out.spent.push_back({rule, micro_gbp});
    }
    for (const auto& [key, starts] : starts_) {
        out.starts.push_back({key.first, key.second, starts});
    }
    return out;
}

std::optional<BudgetLeft> budget_left(const RuleBook& book, const PlanNeed& need, const RuleFacts& facts,
                                      std::int64_t in_plan) {
    return least_left(book, facts, in_plan, [&](const OperatorRule& rule) {
        return is_about_everyone(rule) && is_about_need(rule, need.feeder_id, facts.zones);
    });
}

std::optional<BudgetLeft> budget_left_for(const RuleBook& book, const PlanNeed& need, const RuleFacts& facts,
                                          const PlanDer& der, std::int64_t in_plan) {
    return least_left(book, facts, in_plan, [&](const OperatorRule& rule) {
        return !is_about_everyone(rule) && is_about(rule, der, need, facts);
    });
}

}  // namespace headroom::flex
