#pragma once

#include "core/reflect.hpp"
#include "core/result.hpp"
#include "flex/schedule_request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace headroom::flex {

/// One rule of the operator about who may be asked. A selector that is empty takes everyone; all that are
/// given must fit. Grammar: docs/formats/rules.md.
struct OperatorRule {
    std::string id = {};
    std::string action = {};  ///< never_ask, always_allow, price_ceiling, only_between or starts_at_most
    std::vector<std::string> ders = {};
    std::vector<std::string> providers = {};
    std::vector<std::string> kinds = {};
    std::vector<std::string> feeders = {};
    std::optional<double> gbp_per_kwh = {};
    std::string from = {};   ///< Europe/London
    std::string until = {};  ///< half-open; before `from`: past midnight
    std::optional<std::int64_t> starts = {};
    std::string reason = {};
};

/// A rung of the emergency ladder.
struct LadderRung {
    std::int64_t rung = 0;
    std::string name = {};
    std::string legal_basis = {};
    double minutes = 0.0;  ///< from the decision to relief
    bool is_sent = false;  ///< by Headroom; else recommended and recorded
};

struct RuleBook {
    std::string id = {};
    std::int64_t version = 1;
    std::vector<std::string> protected_ders = {};  ///< protected sites and priority customers: never asked
    std::vector<OperatorRule> rules = {};
    std::vector<LadderRung> ladder = {};
};

/// Reads a TOML file. Errors: `invalid` with every fault in a sentence: of shape, and of rules that
/// contradict each other, naming both.
[[nodiscard]] Result<RuleBook> read_rules(std::string_view text, const std::string& file);
/// What is wrong between the members of a book, a sentence each.
[[nodiscard]] std::vector<std::string> contradictions(const RuleBook& book);

/// Why a DER may not be asked, or what was narrowed, by which rule.
struct RuleUse {
    std::string rule = {};
    std::string der_id = {};
    bool is_refused = false;
    std::string detail = {};
};
/// Takes out of `request` whom the book does not let be asked, and narrows the others' limits; what it did,
/// in the order of the request's DERs.
[[nodiscard]] std::vector<RuleUse> apply_rules(const RuleBook& book, PlanRequest& request);

/// A rung that can still help when the limit is reached in `time_to_limit`, or why not.
struct RungChoice {
    LadderRung rung;
    std::string skipped = {};  ///< why; empty when it can help
};
[[nodiscard]] std::vector<RungChoice> climb_ladder(const RuleBook& book, double minutes_to_limit);

}  // namespace headroom::flex

namespace headroom {

template <>
struct Fields<flex::OperatorRule> {
    using T = flex::OperatorRule;
    static constexpr std::string_view name = "OperatorRule";
    static constexpr auto table = std::make_tuple(
        field("id", &T::id, "Named where it is used.", {.minimum = 1, .maximum = 64}),
        field("action", &T::action, "never_ask, always_allow, price_ceiling, only_between or starts_at_most.",
              {.minimum = 1, .maximum = 32}),
        field("ders", &T::ders, "Whom it is about.", {.maximum = 10'000, .required = false}),
        field("providers", &T::providers, "Whose DERs it is about.", {.maximum = 1'000, .required = false}),
        field("kinds", &T::kinds, "Kinds it is about.", {.maximum = 100, .required = false}),
        field("feeders", &T::feeders, "Feeders whose needs it is about.",
              {.maximum = 10'000, .required = false}),
        field("gbp_per_kwh", &T::gbp_per_kwh, "Of price_ceiling.",
              {.unit = "GBP/kWh", .minimum = 0, .maximum = 1'000, .required = false}),
        field("from", &T::from, "Of only_between, Europe/London.", {.maximum = 5, .required = false}),
        field("until", &T::until, "Of only_between; before from: past midnight.",
              {.maximum = 5, .required = false}),
        field("starts", &T::starts, "Of starts_at_most.",
              {.minimum = 0, .maximum = 1'000, .required = false}),
        field("reason", &T::reason, "Why there is this rule.", {.minimum = 1, .maximum = 500}));
};
template <>
struct Fields<flex::LadderRung> {
    using T = flex::LadderRung;
    static constexpr std::string_view name = "LadderRung";
    static constexpr auto table = std::make_tuple(
        field("rung", &T::rung, "1 comes first.", {.minimum = 1, .maximum = 20}),
        field("name", &T::name, "What is done.", {.minimum = 1, .maximum = 200}),
        field("legal_basis", &T::legal_basis, "What permits it.", {.minimum = 1, .maximum = 500}),
        field("minutes", &T::minutes, "From the decision to relief.",
              {.unit = "min", .minimum = 0, .maximum = 100'000}),
        field("is_sent", &T::is_sent, "By Headroom; else it is recommended and recorded.",
              {.required = false}));
};
template <>
struct Fields<flex::RuleBook> {
    using T = flex::RuleBook;
    static constexpr std::string_view name = "RuleBook";
    static constexpr auto table = std::make_tuple(
        field("id", &T::id, "Its name.", {.minimum = 1, .maximum = 64}),
        field("version", &T::version, "Raised with every change.", {.minimum = 1, .maximum = 1e9}),
        field("protected_ders", &T::protected_ders, "Protected sites and priority customers: never asked.",
              {.maximum = 10'000, .required = false}),
        field("rules", &T::rules, "Who may be asked, when, at what price.",
              {.maximum = 1'000, .required = false}),
        field("ladder", &T::ladder, "What is done in an emergency, in order.",
              {.maximum = 20, .required = false}));
};

}  // namespace headroom
