#include "flex/past_orders.hpp"

#include "core/units.hpp"
#include "flex/rule_hours.hpp"
#include "flex/rule_select.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace headroom::flex {
namespace {

/// Of the order's meters, how many the rule is about.
std::int64_t meant(const OperatorRule& rule, const std::string& seller,
                   const std::vector<OrderMeter>& meters) {
    return std::count_if(meters.begin(), meters.end(), [&](const OrderMeter& meter) {
        return is_about_der(rule, meter.id, seller, meter.kind);
    });
}

/// The order counts as a whole: its seller is a DER of his name and of no kind.
bool is_about_seller(const OperatorRule& rule, const std::string& seller) {
    return is_about_der(rule, seller, seller, "");
}

RuleSpend& spend_of(const std::string& rule, RuleFacts& facts) {
    const auto found = std::find_if(facts.spent.begin(), facts.spent.end(),
                                    [&rule](const RuleSpend& spend) { return spend.rule == rule; });
    return found != facts.spent.end() ? *found : facts.spent.emplace_back(RuleSpend{rule, 0});
}

void add_start(const std::string& rule, const std::string& der, RuleFacts& facts) {
    const auto found = std::find_if(facts.starts.begin(), facts.starts.end(), [&](const RuleStarts& each) {
        return each.rule == rule && each.der_id == der;
    });
    if (found != facts.starts.end()) {
        ++found->starts;
    } else {
        facts.starts.push_back({rule, der, 1});
    }
}

}  // namespace

void add_meters(const RuleBook& book, UtcTime now, const PastOrder& order, RuleFacts& facts) {
    for (const OperatorRule& rule : book.rules) {
        if (!counts_the_past(rule) || order.seller.at < start_of_span(span_of(rule), now) ||
            !is_about_need(rule, order.seller.feeder, order.seller.zones)) {
            continue;
        }
        const auto all = static_cast<std::int64_t>(order.meters.size());
        const std::int64_t some = meant(rule, order.seller.provider, order.meters);
        if (rule.action == "budget" && some > 0 && !is_about_seller(rule, order.seller.provider)) {
            spend_of(rule.id, facts).micro_gbp +=
                multiply_divide_half_even(order.seller.micro_gbp, some, all);
        }
        for (const OrderMeter& meter : order.meters) {
            if (rule.action != "budget" && is_about_der(rule, meter.id, order.seller.provider, meter.kind)) {
                add_start(rule.id, meter.id, facts);
            }
        }
    }
}

std::optional<BudgetLeft> order_left(const RuleBook& book, const PlanNeed& need, const RuleFacts& facts,
                                     const std::string& seller, const std::vector<OrderMeter>& meters,
                                     std::int64_t in_plan) {
    constexpr std::int64_t most = 1'000'000'000'000'000;  // µ£
    std::optional<BudgetLeft> out;
    for (const OperatorRule& rule : book.rules) {
        const std::int64_t some = meant(rule, seller, meters);
        if (rule.action != "budget" || some == 0 || is_about_seller(rule, seller) ||
            !is_about_need(rule, need.feeder_id, facts.zones)) {
            continue;
        }
        const auto all = static_cast<std::int64_t>(meters.size());
        const std::int64_t left =
            std::max<std::int64_t>(0, left_of(rule, facts) - (counts_the_past(rule) ? 0 : in_plan));
        const std::int64_t whole =
            multiply_divide_half_even(std::min(left, most / std::max<std::int64_t>(1, all)), all, some);
        if (!out || whole < out->micro_gbp) {
            out = BudgetLeft{whole, rule.id,
                             fmt::format("{:.2f} of {:.2f} GBP {} are left for {} of its {} meters: {}",
                                         static_cast<double>(left) / 1e6, *rule.gbp, span_words(rule), some,
                                         all, rule.reason)};
        }
    }
    return out;
}

}  // namespace headroom::flex
