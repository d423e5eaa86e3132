#pragma once

#include "flex/rules_use.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace headroom::flex {

// Inside of what uses the operator's rules: whom and which time a rule is about.

[[nodiscard]] bool holds(const std::vector<std::string>& list, const std::string& value);
[[nodiscard]] bool fits(const std::vector<std::string>& chosen, const std::string& value);
[[nodiscard]] bool fits_zone(const std::vector<std::string>& chosen, const std::vector<std::string>& zones);
[[nodiscard]] bool is_about_need(const OperatorRule& rule, const std::string& feeder,
                                 const std::vector<std::string>& zones);
[[nodiscard]] bool is_about_der(const OperatorRule& rule, const std::string& der, const std::string& provider,
                                const std::string& kind);
[[nodiscard]] bool is_about(const OperatorRule& rule, const PlanDer& der, const PlanNeed& need,
                            const RuleFacts& facts);
[[nodiscard]] bool is_about_everyone(const OperatorRule& rule);
/// Over which time the rule counts; empty: it does not look at the past.
[[nodiscard]] std::string span_of(const OperatorRule& rule);
[[nodiscard]] bool counts_the_past(const OperatorRule& rule);
[[nodiscard]] std::string span_words(const OperatorRule& rule);
[[nodiscard]] std::int64_t spent_for(const OperatorRule& rule, const RuleFacts& facts);
[[nodiscard]] std::int64_t starts_of(const OperatorRule& rule, const PlanDer& der, const RuleFacts& facts);
/// Less than a penny buys nothing.
[[nodiscard]] std::int64_t left_of(const OperatorRule& rule, const RuleFacts& facts);

}  // namespace headroom::flex
