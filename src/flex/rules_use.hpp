#pragma once

#include "flex/rules.hpp"
#include "flex/schedule_request.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace headroom::flex {

/// Why a DER may not be asked, or what was narrowed, by which rule.
struct RuleUse {
    std::string rule = {};
    std::string der_id = {};  ///< empty: of the whole plan
    bool is_refused = false;
    std::string detail = {};
};

/// What the rules count from the past: money and starts of the present day, week, month or year.
struct RuleSpend {
    std::string rule = {};
    std::int64_t micro_gbp = 0;
};
struct RuleStarts {
    std::string rule = {};
    std::string der_id = {};
    std::int64_t starts = 0;
};
struct RuleFacts {
    std::vector<std::string> zones = {};  ///< what supplies the need's feeder, itself among it
    std::vector<RuleSpend> spent = {};
    std::vector<RuleStarts> starts = {};
};

/// One DER in one past event.
struct PastUse {
    std::string der_id;
    std::string provider;
    std::string kind;
    std::string feeder;              ///< of the need
    std::vector<std::string> zones;  ///< of that feeder
    UtcTime at{};                    ///< when the window began
    std::int64_t micro_gbp = 0;      ///< settled, or contracted where it is not settled yet
};

/// Counts past uses for the rules that need it.
class RuleTally {
  public:
    RuleTally(const RuleBook& book, UtcTime now) : book_(book), now_(now) {}
    void add(const PastUse& use);
    /// By rule, and by rule and DER, sorted; of all rules that count, also those that counted nothing.
    [[nodiscard]] RuleFacts facts(std::vector<std::string> zones) const;

  private:
    const RuleBook& book_;
    UtcTime now_;
    std::map<std::string, std::int64_t> spent_;
    std::map<std::pair<std::string, std::string>, std::int64_t> starts_;
};

/// Takes out of `request` whom the book does not let be asked, and narrows the others' limits; what it did,
/// in the order of the request's DERs.
[[nodiscard]] std::vector<RuleUse> apply_rules(const RuleBook& book, PlanRequest& request,
                                               const RuleFacts& facts = {});

/// In which turn a DER is asked: the lowest rank of the `prefer` rules about it, naming the rule; DERs of
/// which no rule speaks come after all ranks.
struct Preference {
    std::int64_t rank = 1'000'000;
    std::string rule = {};
};
[[nodiscard]] Preference preference_of(const RuleBook& book, const PlanNeed& need, const RuleFacts& facts,
                                       const PlanDer& der);

/// Activations of late by which `rule`, a `rotate`, counts the DER as dearer: what a request says of the DER,
/// else what was counted from the past.
[[nodiscard]] std::int64_t recent_for(const OperatorRule& rule, const PlanDer& der, const RuleFacts& facts);
/// By how much a DER counts as dearer because it was asked of late (`rotate`), GBP/kWh.
[[nodiscard]] double rotation_of(const RuleBook& book, const PlanNeed& need, const RuleFacts& facts,
                                 const PlanDer& der);
/// Carbon of a kind's relief by the book; 0 where it says nothing.
[[nodiscard]] std::optional<double> carbon_of(const RuleBook& book, const std::string& kind);

/// The rule about what the DER takes back; nothing when there is none.
[[nodiscard]] const ReboundRule* rebound_rule(const RuleBook& book, const std::string& der,
                                              const std::string& kind);

/// What is left of the budgets that bind the whole of a plan for `need`; nothing where there is none.
struct BudgetLeft {
    std::int64_t micro_gbp = 0;
    std::string rule = {};
    std::string detail = {};
};
/// `in_plan` µ£ of this very plan are spent already.
[[nodiscard]] std::optional<BudgetLeft> budget_left(const RuleBook& book, const PlanNeed& need,
                                                    const RuleFacts& facts, std::int64_t in_plan = 0);
/// The same of the budgets that are about some DERs, `der` among them.
[[nodiscard]] std::optional<BudgetLeft> budget_left_for(const RuleBook& book, const PlanNeed& need,
                                                        const RuleFacts& facts, const PlanDer& der,
                                                        std::int64_t in_plan = 0);

/// The rule by which a person must approve a plan of this cost; nothing when none does.
[[nodiscard]] std::optional<RuleUse> needs_person(const RuleBook& book, const PlanNeed& need,
                                                  const RuleFacts& facts, std::int64_t micro_gbp);

/// With which probability a live event for `need` keeps the load within its limit, and who says so: of the
/// `certainty` rules about it the one that asks for most, else the book's own, else what is usual. Nothing
/// where that is 0: relief is bought in expectation.
struct WantedProbability {
    double share = 0.0;
    std::string rule = {};  ///< the rule's id, or "probability"
    bool is_said = true;    ///< by the book, not only usual
};
[[nodiscard]] std::optional<WantedProbability> probability_wanted(const RuleBook& book, const PlanNeed& need,
                                                                  const RuleFacts& facts);

}  // namespace headroom::flex

namespace headroom {

template <>
struct Fields<flex::RuleUse> {
    using T = flex::RuleUse;
    static constexpr std::string_view name = "PlanRuleUse";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("rule", &T::rule, "Its id."), field("der_id", &T::der_id, "On whom it was used."),
                    field("is_refused", &T::is_refused, "Whether the DER may not be asked for it."),
                    field("detail", &T::detail, "What it did and why."));
};
template <>
struct Fields<flex::RuleSpend> {
    using T = flex::RuleSpend;
    static constexpr std::string_view name = "RuleSpend";
    static constexpr auto table =
        field_table(field("rule", &T::rule, "Its id.", {.minimum = 1, .maximum = 64}),
                    field("micro_gbp", &T::micro_gbp, "Spent already.", {.unit = "millionths of a GBP"}));
};
template <>
struct Fields<flex::RuleStarts> {
    using T = flex::RuleStarts;
    static constexpr std::string_view name = "RuleStarts";
    static constexpr auto table =
        field_table(field("rule", &T::rule, "Its id.", {.minimum = 1, .maximum = 64}),
                    field("der_id", &T::der_id, "Of whom.", {.minimum = 1, .maximum = 128}),
                    field("starts", &T::starts, "So often already.", {.minimum = 0}));
};
template <>
struct Fields<flex::RuleFacts> {
    using T = flex::RuleFacts;
    static constexpr std::string_view name = "RuleFacts";
    static constexpr auto table = field_table(
        field("zones", &T::zones, "What supplies the need's feeder, itself among it.",
              {.maximum = 100, .required = false}),
        field("spent", &T::spent, "Money that budgets count.", {.maximum = 1'000, .required = false}),
        field("starts", &T::starts, "Starts that rules count.", {.maximum = 100'000, .required = false}));
};

}  // namespace headroom
