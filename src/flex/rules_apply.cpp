// What the operator's rules do to those who are offered.
#include "flex/rule_hours.hpp"
#include "flex/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace headroom::flex {
namespace {

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

/// Over which time the rule counts; empty: it does not look at the past.
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

/// Less than a penny buys nothing.
std::int64_t left_of(const OperatorRule& rule, const RuleFacts& facts) {
    constexpr std::int64_t penny = 10'000;
    const std::int64_t left = std::llround(*rule.gbp * 1e6) - spent_for(rule, facts);
    return left < penny ? 0 : left;
}

/// Leaves the slots whose whole length lies within the rule's hours.
void narrow_hours(const OperatorRule& rule, const PlanNeed& need, PlanDer& der) {
    const int from = *minute_of_day(rule.from);
    const int until = *minute_of_day(rule.until);
    const milliseconds step = minutes{need.step_minutes};
    std::vector<PlanWindow> windows;
    for (std::size_t t = 0; t < need.required_kw.size(); ++t) {
        const UtcTime begin = need.start + step * static_cast<std::int64_t>(t);
        const UtcTime end = begin + step;
        bool is_inside = true;
        for (UtcTime at = begin; at < end; at += minutes{1}) {
            is_inside = is_inside && lies_between(local_minute_of_day(at), from, until);
        }
        const bool was_open =
            !der.available ||
            std::any_of(der.available->begin(), der.available->end(),
                        [&](const PlanWindow& window) { return window.from <= begin && end <= window.to; });
        if (is_inside && was_open) {
            windows.push_back({begin, end});
        }
    }
    der.available = std::move(windows);
}

/// What the rule does to the DER; nothing when it changes nothing.
std::optional<RuleUse> apply(const OperatorRule& rule, const PlanNeed& need, const RuleFacts& facts,
                             PlanDer& der) {
    RuleUse use{.rule = rule.id, .der_id = der.der_id};
    if (rule.action == "never_ask") {
        use.is_refused = true;
        use.detail = rule.reason;
        return use;
    }
    if (rule.action == "price_ceiling" && der.price_gbp_per_kwh > *rule.gbp_per_kwh) {
        use.is_refused = true;
        use.detail = fmt::format("{:.4f} GBP/kWh is above the ceiling of {:.4f}: {}", der.price_gbp_per_kwh,
                                 *rule.gbp_per_kwh, rule.reason);
        return use;
    }
    if (rule.action == "starts_at_most") {
        const std::int64_t before = starts_of(rule, der, facts);
        const std::int64_t left = std::max<std::int64_t>(0, *rule.starts - before);
        if (der.max_activations.value_or(1'000) <= left) {
            return std::nullopt;
        }
        der.max_activations = left;
        use.is_refused = left == 0;
        use.detail = fmt::format("at most {} starts {}, {} of them used: {}", *rule.starts, span_words(rule),
                                 before, rule.reason);
        return use;
    }
    if (rule.action == "only_between") {
        narrow_hours(rule, need, der);
        use.is_refused = der.available->empty();
        use.detail = fmt::format("only from {} to {}: {}", rule.from, rule.until, rule.reason);
        return use;
    }
    if (const std::int64_t recent = recent_for(rule, der, facts); rule.action == "rotate" && recent > 0) {
        use.detail = fmt::format("asked {} times of late, each counts as {:.4f} GBP/kWh more: {}", recent,
                                 *rule.gbp_per_kwh, rule.reason);
        return use;
    }
    if (rule.action == "prefer") {
        use.detail = fmt::format("is asked as number {}: {}", *rule.rank, rule.reason);
        return use;
    }
    return std::nullopt;
}

/// The most that a DER can cost in a plan, µ£.
double cost_most(const PlanDer& der, const PlanNeed& need) {
    const double hours = static_cast<double>(need.step_minutes) / 60.0;
    const auto slots = static_cast<double>(need.required_kw.size());
    const double energy = std::min(der.energy_kwh.value_or(1e12), der.max_kw * slots * hours);
    const double starts = std::min(slots, static_cast<double>(der.max_activations.value_or(1'000)));
    return (energy * der.price_gbp_per_kwh + starts * der.activation_gbp) * 1e6;
}

/// A budget for some of the DERs: the cheapest of them whose costs together cannot exceed it stay.
void keep_to_budget(const OperatorRule& rule, const RuleFacts& facts, const PlanNeed& need,
                    std::vector<PlanDer>& ders, std::vector<RuleUse>& uses) {
    std::vector<std::size_t> about;
    for (std::size_t i = 0; i < ders.size(); ++i) {
        if (is_about(rule, ders[i], need, facts)) {
            about.push_back(i);
        }
    }
    std::stable_sort(about.begin(), about.end(), [&ders](std::size_t a, std::size_t b) {
        return ders[a].price_gbp_per_kwh < ders[b].price_gbp_per_kwh;
    });
    double left = static_cast<double>(left_of(rule, facts));
    std::vector<bool> is_out(ders.size(), false);
    for (const std::size_t i : about) {
        const double cost = cost_most(ders[i], need);
        if (cost <= left) {
            left -= cost;
            continue;
        }
        is_out[i] = true;
        uses.push_back({rule.id, ders[i].der_id, true,
                        fmt::format("it could cost {:.2f} GBP, {:.2f} of {:.2f} GBP {} are left: {}",
                                    cost / 1e6, left / 1e6, *rule.gbp, span_words(rule), rule.reason)});
    }
    std::vector<PlanDer> kept;
    for (std::size_t i = 0; i < ders.size(); ++i) {
        if (!is_out[i]) {
            kept.push_back(std::move(ders[i]));
        }
    }
    ders = std::move(kept);
}

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

std::vector<RuleUse> apply_rules(const RuleBook& book, PlanRequest& request, const RuleFacts& facts) {
    std::vector<RuleUse> uses;
    std::vector<PlanDer> left;
    for (PlanDer& der : request.ders) {
        if (holds(book.protected_ders, der.der_id)) {
            uses.push_back({"protected_ders", der.der_id, true, "a protected site is never asked"});
            continue;
        }
        const bool is_free = std::any_of(book.rules.begin(), book.rules.end(), [&](const OperatorRule& rule) {
            return rule.action == "always_allow" && is_about(rule, der, request.need, facts);
        });
        bool is_refused = false;
        for (const OperatorRule& rule : book.rules) {
            if (is_refused || is_free || !is_about(rule, der, request.need, facts)) {
                continue;
            }
            if (std::optional<RuleUse> use = apply(rule, request.need, facts, der)) {
                is_refused = use->is_refused;
                uses.push_back(std::move(*use));
            }
        }
        if (!is_refused) {
            left.push_back(std::move(der));
        }
    }
    for (const OperatorRule& rule : book.rules) {
        if (rule.action == "budget" && !is_about_everyone(rule)) {
            keep_to_budget(rule, facts, request.need, left, uses);
        }
    }
    request.ders = std::move(left);
    return uses;
}

Preference preference_of(const RuleBook& book, const PlanNeed& need, const RuleFacts& facts,
                         const PlanDer& der) {
    Preference out;
    for (const OperatorRule& rule : book.rules) {
        if (rule.action == "prefer" && *rule.rank < out.rank && is_about(rule, der, need, facts)) {
            out = {*rule.rank, rule.id};
        }
    }
    return out;
}

std::int64_t recent_for(const OperatorRule& rule, const PlanDer& der, const RuleFacts& facts) {
    return der.recent_activations > 0 ? der.recent_activations : starts_of(rule, der, facts);
}

double rotation_of(const RuleBook& book, const PlanNeed& need, const RuleFacts& facts, const PlanDer& der) {
    double sum = 0.0;
    for (const OperatorRule& rule : book.rules) {
        if (rule.action == "rotate" && is_about(rule, der, need, facts)) {
            sum += *rule.gbp_per_kwh * static_cast<double>(recent_for(rule, der, facts));
        }
    }
    return sum;
}

std::optional<double> carbon_of(const RuleBook& book, const std::string& kind) {
    const auto found = std::find_if(book.carbon.begin(), book.carbon.end(),
                                    [&kind](const CarbonFactor& factor) { return factor.kind == kind; });
    return found == book.carbon.end() ? std::nullopt : std::optional(found->g_per_kwh);
}

const ReboundRule* rebound_rule(const RuleBook& book, const std::string& der, const std::string& kind) {
    const ReboundRule* of_kind = nullptr;
    for (const ReboundRule& rule : book.rebound) {
        if (rule.kind != kind) {
            continue;
        }
        if (holds(rule.ders, der)) {
            return &rule;
        }
        if (rule.ders.empty() && of_kind == nullptr) {
            of_kind = &rule;
        }
    }
    return of_kind;
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

std::optional<RuleUse> needs_person(const RuleBook& book, const PlanNeed& need, const RuleFacts& facts,
                                    std::int64_t micro_gbp) {
    for (const OperatorRule& rule : book.rules) {
        if (rule.action == "ask_a_person" && is_about_need(rule, need.feeder_id, facts.zones) &&
            micro_gbp > std::llround(*rule.gbp * 1e6)) {
            return RuleUse{rule.id, "", false,
                           fmt::format("a plan above {:.2f} GBP needs a person: {}", *rule.gbp, rule.reason)};
        }
    }
    return std::nullopt;
}

}  // namespace headroom::flex
