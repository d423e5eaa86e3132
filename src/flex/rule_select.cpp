#include "flex/rule_select.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace headroom::flex {

bool holds(const std::vector<std::string>& list, const std::string& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

bool fits(const std::vector<std::string>& chosen, const std::string& value) {
    return chosen.empty() || holds(chosen, value);
}

bool fits_zone(const std::vector<std::string>& chosen, const std::vector<std::string>& zones) {
    return chosen.empty() || std::any_of(zones.begin(), zones.end(),
                                         [&chosen](const std::string& zone) { return holds(chosen, zone); });
}

bool is_about_need(const OperatorRule& rule, const std::string& feeder,
                   const std::vector<std::string>& zones) {
    return fits(rule.feeders, feeder) && fits_zone(rule.zones, zones);
}

bool is_about_der(const OperatorRule& rule, const std::string& der, const std::string& provider,
                  const std::string& kind) {
    return fits(rule.ders, der) && fits(rule.providers, provider) && fits(rule.kinds, kind);
}

bool is_about(const OperatorRule& rule, const PlanDer& der, const PlanNeed& need, const RuleFacts& facts) {
    return is_about_need(rule, need.feeder_id, facts.zones) &&
           is_about_der(rule, der.der_id, der.provider, der.kind);
}

bool is_about_everyone(const OperatorRule& rule) {
    return rule.ders.empty() && rule.providers.empty() && rule.kinds.empty();
}

std::string span_of(const OperatorRule& rule) {
    const bool is_left_out = rule.per.empty() || rule.per == "plan";
    return !is_left_out ? rule.per : rule.action == "rotate" ? "month" : "";
}

bool counts_the_past(const OperatorRule& rule) {
    return !span_of(rule).empty();
}

std::string span_words(const OperatorRule& rule) {
    return counts_the_past(rule) ? "a " + span_of(rule) : "in a plan";
}

std::int64_t spent_for(const OperatorRule& rule, const RuleFacts& facts) {
    const auto found = std::find_if(facts.spent.begin(), facts.spent.end(),
                                    [&rule](const RuleSpend& spend) { return spend.rule == rule.id; });
    return found == facts.spent.end() || !counts_the_past(rule) ? 0 : found->micro_gbp;
}

std::int64_t starts_of(const OperatorRule& rule, const PlanDer& der, const RuleFacts& facts) {
    const auto found = std::find_if(facts.starts.begin(), facts.starts.end(), [&](const RuleStarts& starts) {
        return starts.rule == rule.id && starts.der_id == der.der_id;
    });
    return found == facts.starts.end() || !counts_the_past(rule) ? 0 : found->starts;
}

std::int64_t left_of(const OperatorRule& rule, const RuleFacts& facts) {
    constexpr std::int64_t penny = 10'000;
    const std::int64_t left = std::llround(*rule.gbp * 1e6) - spent_for(rule, facts);
    return left < penny ? 0 : left;
}

}  // namespace headroom::flex
