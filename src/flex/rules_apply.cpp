// What the operator's rules do to those who are offered.
#include "flex/rule_hours.hpp"
#include "flex/rule_select.hpp"
#include "flex/rules_use.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace headroom::flex {
namespace {

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

}  // namespace

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

std::optional<WantedProbability> probability_wanted(const RuleBook& book, const PlanNeed& need,
                                                    const RuleFacts& facts) {
    WantedProbability out{book.probability.value_or(probability_usual), "probability",
                          book.probability.has_value()};
    bool is_ruled = false;
    for (const OperatorRule& rule : book.rules) {
        if (rule.action == "certainty" && is_about_need(rule, need.feeder_id, facts.zones) &&
            (!is_ruled || *rule.probability > out.share)) {
            out = {*rule.probability, rule.id, true};
            is_ruled = true;
        }
    }
    return out.share > 0.0 ? std::optional(std::move(out)) : std::nullopt;
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
