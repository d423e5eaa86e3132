#pragma once

#include "flex/contract.hpp"
#include "flex/rules_use.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::flex {

/// A line of a contract that is about to be confirmed, as the rules count it.
struct CommitLine {
    std::string offer = {};
    std::string der_id = {};
    std::string kind = {};
    std::int64_t micro_gbp = 0;
    std::int64_t energy_wh = 0;
};

/// What a contract is judged by at the place where it is confirmed: the rules that count about it, and what
/// they have counted by then, of everybody's orders that stand or are on their way.
struct CommitInput {
    std::string rule_set = {};             ///< id@version of the operator's rules
    std::vector<OperatorRule> rules = {};  ///< budgets and starts over a time, and who is freed of them
    RuleFacts facts = {};
    std::string feeder = {};  ///< of the need
    std::string provider = {};
    std::vector<CommitLine> lines = {};
};

/// A line that may not be bought by now, and the rule that says so.
struct CommitRefusal {
    std::string offer = {};
    std::string der_id = {};
    std::string rule = {};
    std::string detail = {};

    [[nodiscard]] std::string sentence() const { return "rule " + rule + ": " + detail; }
};
struct CommitAnswer {
    std::vector<std::string> bought = {};  ///< offers
    std::vector<CommitRefusal> refused = {};
};

/// What `contract` for a need at `feeder` is judged by, of all that `counted`; nothing where the book has no
/// rule that counts about any of its lines.
[[nodiscard]] std::optional<CommitInput> commitment_of(const RuleBook& book, const Contract& contract,
                                                       const std::string& feeder, const RuleFacts& counted);

/// Which lines may be bought: one after the other, the cheapest energy first, each as a whole, as long as no
/// budget and no number of starts is passed by those before it and itself. A plan that was made by the same
/// counts passes as it is; one that others have overtaken meanwhile is cut or refused. Pure.
[[nodiscard]] CommitAnswer judge_commitment(const CommitInput& input);

}  // namespace headroom::flex

namespace headroom {

template <>
struct Fields<flex::CommitLine> {
    using T = flex::CommitLine;
    static constexpr std::string_view name = "CommitLine";
    static constexpr auto table = field_table(
        field("offer", &T::offer, "Its id.", {.maximum = 256}),
        field("der_id", &T::der_id, "Whose.", {.maximum = 256}),
        field("kind", &T::kind, "Of DER.", {.maximum = 64}),
        field("micro_gbp", &T::micro_gbp, "What it costs.", {.unit = "millionths of a GBP", .minimum = 0}),
        field("energy_wh", &T::energy_wh, "What it buys.", {.unit = "Wh", .minimum = 0}));
};
template <>
struct Fields<flex::CommitInput> {
    using T = flex::CommitInput;
    static constexpr std::string_view name = "CommitInput";
    static constexpr auto table =
        field_table(field("rule_set", &T::rule_set, "id@version of the operator's rules.", {.maximum = 128}),
                    field("rules", &T::rules, "Those that count about it.", {.maximum = 1'000}),
                    field("facts", &T::facts, "What they have counted by then."),
                    field("feeder", &T::feeder, "Of the need.", {.maximum = 128}),
                    field("provider", &T::provider, "With whom.", {.maximum = 256}),
                    field("lines", &T::lines, "Of the contract.", {.maximum = 100'000}));
};
template <>
struct Fields<flex::CommitRefusal> {
    using T = flex::CommitRefusal;
    static constexpr std::string_view name = "CommitRefusal";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("offer", &T::offer, "Its id."), field("der_id", &T::der_id, "Whose."),
                    field("rule", &T::rule, "That is passed."), field("detail", &T::detail, "Why."));
};
template <>
struct Fields<flex::CommitAnswer> {
    using T = flex::CommitAnswer;
    static constexpr std::string_view name = "CommitAnswer";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(field("bought", &T::bought, "Offers."),
                                              field("refused", &T::refused, "Offers that may not be."));
};

}  // namespace headroom
