#pragma once

#include "flex/rules_use.hpp"

#include <optional>
#include <string>
#include <vector>

namespace headroom::flex {

/// A meter that an order of an aggregator names.
struct OrderMeter {
    std::string id;
    std::string kind;  ///< of DER, by our grid; empty where that does not know it
};

/// An order of which only the price of the whole is known: what each meter costs is not told. It is shared
/// out evenly over the meters, and budgets about DERs or kinds count the share of those that they are about.
struct PastOrder {
    PastUse seller;  ///< with what the whole costs
    std::vector<OrderMeter> meters;
};

/// Adds the shares of the order's meters to what budgets have counted, where the order as a whole does not
/// count already because the budget is about everyone or about the seller; and the meters' starts. Pure.
void add_meters(const RuleBook& book, UtcTime now, const PastOrder& order, RuleFacts& facts);

/// What the budgets about DERs and kinds let an order with these meters cost as a whole, and which it is;
/// nothing where none is about any of them. Pure.
[[nodiscard]] std::optional<BudgetLeft> order_left(const RuleBook& book, const PlanNeed& need,
                                                   const RuleFacts& facts, const std::string& seller,
                                                   const std::vector<OrderMeter>& meters,
                                                   std::int64_t in_plan = 0);

}  // namespace headroom::flex
