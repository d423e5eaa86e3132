#include "flex/commitment.hpp"

#include "flex/rule_select.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace headroom::flex {
namespace {

bool is_counted(const OperatorRule& rule) {
    return counts_the_past(rule) && (rule.action == "budget" || rule.action == "starts_at_most");
}

bool is_about_line(const OperatorRule& rule, const CommitInput& input, const CommitLine& line) {
    return is_about_need(rule, input.feeder, input.facts.zones) &&
           is_about_der(rule, line.der_id, input.provider, line.kind);
}

/// The rule's view of the line's DER.
PlanDer line_der(const CommitInput& input, const CommitLine& line) {
    PlanDer der;
    der.der_id = line.der_id;
    der.provider = input.provider;
    der.kind = line.kind;
    return der;
}

/// What the lines before have taken of the rules.
struct Taken {
    std::map<std::string, std::int64_t> micro;
    std::map<std::pair<std::string, std::string>, std::int64_t> starts;
};

/// Why the rule does not let the line pass; nothing when it does.
std::optional<std::string> passed(const OperatorRule& rule, const CommitInput& input, const CommitLine& line,
                                  Taken& taken) {
    if (rule.action == "budget") {
        const std::int64_t left =
            std::max<std::int64_t>(0, left_of(rule, input.facts) - taken.micro[rule.id]);
        if (line.micro_gbp <= left) {
            return std::nullopt;
        }
        return fmt::format("it costs {:.2f} GBP, {:.2f} of {:.2f} GBP {} are left by now: {}",
                           static_cast<double>(line.micro_gbp) / 1e6, static_cast<double>(left) / 1e6,
                           *rule.gbp, span_words(rule), rule.reason);
    }
    const std::int64_t before =
        starts_of(rule, line_der(input, line), input.facts) + taken.starts[{rule.id, line.der_id}];
    if (before < *rule.starts) {
        return std::nullopt;
    }
    return fmt::format("at most {} starts {}, {} of them used by now: {}", *rule.starts, span_words(rule),
                       before, rule.reason);
}

/// The rules that count about the line; those that free it count as well.
std::vector<const OperatorRule*> counting(const CommitInput& input, const CommitLine& line) {
    std::vector<const OperatorRule*> out;
    bool is_free = false;
    for (const OperatorRule& rule : input.rules) {
        if (is_about_line(rule, input, line)) {
            is_free = is_free || rule.action == "always_allow";
            out.push_back(&rule);
        }
    }
    std::erase_if(out, [is_free](const OperatorRule* rule) {
        return !is_counted(*rule) || (is_free && rule->action == "starts_at_most");
    });
    return out;
}

}  // namespace

std::optional<CommitInput> commitment_of(const RuleBook& book, const Contract& contract,
                                         const std::string& feeder, const RuleFacts& counted) {
    CommitInput out{.rule_set = book.name(), .feeder = feeder, .provider = contract.provider};
    out.facts.zones = counted.zones;
    for (const PlanLine& line : contract.lines) {
        out.lines.push_back({line.offer.id, line.offer.der,
                             std::string(grid::to_string(line.offer.der_class)), line.cost.value,
                             line.energy.value});
    }
    const auto is_meant = [&](const OperatorRule& rule) {
        return (is_counted(rule) || rule.action == "always_allow") &&
               std::any_of(out.lines.begin(), out.lines.end(),
                           [&](const CommitLine& line) { return is_about_line(rule, out, line); });
    };
    std::copy_if(book.rules.begin(), book.rules.end(), std::back_inserter(out.rules), is_meant);
    if (std::none_of(out.rules.begin(), out.rules.end(), is_counted)) {
        return std::nullopt;
    }
    std::set<std::string> ids;
    std::set<std::string> ders;
    for (const OperatorRule& rule : out.rules) {
        ids.insert(rule.id);
    }
    for (const CommitLine& line : out.lines) {
        ders.insert(line.der_id);
    }
    std::copy_if(counted.spent.begin(), counted.spent.end(), std::back_inserter(out.facts.spent),
                 [&](const RuleSpend& spend) { return ids.contains(spend.rule); });
    std::copy_if(
        counted.starts.begin(), counted.starts.end(), std::back_inserter(out.facts.starts),
        [&](const RuleStarts& each) { return ids.contains(each.rule) && ders.contains(each.der_id); });
    return out;
}

CommitAnswer judge_commitment(const CommitInput& input) {
    std::vector<const CommitLine*> order;
    for (const CommitLine& line : input.lines) {
        order.push_back(&line);
    }
    const auto price = [](const CommitLine& line) {
        return static_cast<double>(line.micro_gbp) /
               static_cast<double>(std::max<std::int64_t>(1, line.energy_wh));
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](const CommitLine* a, const CommitLine* b) { return price(*a) < price(*b); });
    CommitAnswer out;
    Taken taken;
    for (const CommitLine* line : order) {
        const std::vector<const OperatorRule*> rules = counting(input, *line);
        std::optional<CommitRefusal> refusal;
        for (const OperatorRule* rule : rules) {
            std::optional<std::string> why = refusal ? std::nullopt : passed(*rule, input, *line, taken);
            if (why) {
                refusal = CommitRefusal{line->offer, line->der_id, rule->id, std::move(*why)};
            }
        }
        if (refusal) {
            out.refused.push_back(std::move(*refusal));
            continue;
        }
        out.bought.push_back(line->offer);
        for (const OperatorRule* rule : rules) {
            if (rule->action == "budget") {
                taken.micro[rule->id] += line->micro_gbp;
            } else {
                ++taken.starts[{rule->id, line->der_id}];
            }
        }
    }
    return out;
}

}  // namespace headroom::flex
