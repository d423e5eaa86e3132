#pragma once

#include "core/reflect.hpp"
#include "core/result.hpp"

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
    /// never_ask, always_allow, price_ceiling, only_between, starts_at_most, prefer, rotate, budget,
    /// ask_a_person or certainty
    std::string action = {};
    std::vector<std::string> ders = {};
    std::vector<std::string> providers = {};
    std::vector<std::string> kinds = {};
    std::vector<std::string> feeders = {};
    std::vector<std::string> zones = {};  ///< feeders and substations that supply the need's feeder
    std::optional<double> gbp_per_kwh = {};
    std::string from = {};   ///< Europe/London
    std::string until = {};  ///< half-open; before `from`: past midnight
    std::optional<std::int64_t> starts = {};
    /// Of starts_at_most and budget: plan, day, week, month or year; of rotate without plan, left out: month.
    std::string per = {};
    std::optional<double> gbp = {};
    std::optional<std::int64_t> rank = {};   ///< of prefer: 1 is asked first
    std::optional<double> probability = {};  ///< of certainty; 0: relief is bought in expectation
    std::string reason = {};
};

/// A rung of the emergency ladder.
struct LadderRung {
    std::int64_t rung = 0;
    std::string name = {};
    std::string legal_basis = {};
    double minutes = 0.0;  ///< from the decision to relief
    bool is_sent = false;  ///< by Headroom; else recommended and recorded
    /// nothing, switching, armed, spot, curtailable, mobile_generation or outside; empty: as the rungs 1 to 7
    std::string means = {};
    std::vector<std::string> kinds = {};  ///< of curtailable and mobile_generation: whom it is about
    std::vector<std::string> ders = {};
};

/// Who wins when the same power is wanted by two: data, never code (settlement rules, primacy).
struct PrimacyRule {
    std::string service = {};  ///< as commitments name it: "NESO-BM", "DFS" …
    std::string wins = {};     ///< theirs or ours
    std::string reason = {};
};

/// Carbon of a kind's relief, where an offer says nothing of it.
struct CarbonFactor {
    std::string kind = {};
    double g_per_kwh = 0.0;
};

/// What DERs of a kind take back after they are released. One that names the DER counts before one that does
/// not.
struct ReboundRule {
    std::string kind = {};
    std::vector<std::string> ders = {};  ///< only these of the kind; empty: all
    double share = 0.0;                  ///< of the last power
    double minutes = 0.0;                ///< for so long
    std::string reason = {};             ///< who found it out, and how
};

/// When capacity is armed ahead of a forecast overload (flex/arming.hpp).
struct ArmingRules {
    bool is_on = false;
    double review_minutes = 60.0;  ///< how long a decision is put off when waiting is worth it
    double spread_share_per_hour =
        0.02;                          ///< of the need: by how much a forecast spreads with each hour ahead
    double later_price_factor = 1.05;  ///< price of being armed at the next review over that of now
    double later_share = 0.97;         ///< probability that what can be armed now can be armed then
    double spot_share = 0.8;           ///< probability that the spot delivers
    double spot_price_factor = 1.5;    ///< price on the spot over the price armed
};

/// What the shipped costs of a missed overload and of a needless purchase ask for: missed / (missed +
/// needless).
inline constexpr double probability_usual = 0.9;

struct RuleBook {
    std::string id = {};
    std::int64_t version = 1;
    std::vector<std::string> protected_ders = {};  ///< protected sites and priority customers: never asked
    std::vector<OperatorRule> rules = {};
    std::vector<LadderRung> ladder = {};  ///< empty: the shipped one (flex/ladder.hpp)
    std::vector<PrimacyRule> primacy = {};
    std::vector<CarbonFactor> carbon = {};
    std::vector<ReboundRule> rebound = {};
    double carbon_gbp_per_tonne = 0.0;  ///< weighs between offers; is not paid
    double transformer_gbp_per_kw =
        0.0;  ///< what a transformer costs to replace, for the price of its ageing
    ArmingRules arming = {};
    /// With which a live event keeps the load within its limit, where no rule says otherwise; 0: relief is
    /// bought in expectation, with a margin. Nothing: `probability_usual`.
    std::optional<double> probability = {};

    /// "id@version"
    [[nodiscard]] std::string name() const { return id + "@" + std::to_string(version); }
};

/// Reads a TOML file. Errors: `invalid` with every fault in a sentence: of shape, and of rules that
/// contradict each other, naming both.
[[nodiscard]] Result<RuleBook> read_rules(std::string_view text, const std::string& file);
/// What is wrong between the members of a book, a sentence each.
[[nodiscard]] std::vector<std::string> contradictions(const RuleBook& book);

}  // namespace headroom::flex

namespace headroom {

template <>
struct Fields<flex::OperatorRule> {
    using T = flex::OperatorRule;
    static constexpr std::string_view name = "OperatorRule";
    static constexpr auto table = field_table(
        field("id", &T::id, "Named where it is used.", {.minimum = 1, .maximum = 64}),
        field("action", &T::action,
              "never_ask, always_allow, price_ceiling, only_between, starts_at_most, prefer, rotate, budget, "
              "ask_a_person or certainty.",
              {.minimum = 1, .maximum = 32}),
        field("ders", &T::ders, "Whom it is about.", {.maximum = 10'000, .required = false}),
        field("providers", &T::providers, "Whose DERs it is about.", {.maximum = 1'000, .required = false}),
        field("kinds", &T::kinds, "Kinds it is about.", {.maximum = 100, .required = false}),
        field("feeders", &T::feeders, "Feeders whose needs it is about.",
              {.maximum = 10'000, .required = false}),
        field("zones", &T::zones, "Substations and feeders; it is about the needs of what they supply.",
              {.maximum = 10'000, .required = false}),
        field("gbp_per_kwh", &T::gbp_per_kwh,
              "Of price_ceiling; of rotate: how much dearer each recent activation makes it seem.",
              {.unit = "GBP/kWh", .minimum = 0, .maximum = 1'000, .required = false}),
        field("from", &T::from, "Of only_between, Europe/London.", {.maximum = 5, .required = false}),
        field("until", &T::until, "Of only_between; before from: past midnight.",
              {.maximum = 5, .required = false}),
        field("starts", &T::starts, "Of starts_at_most.",
              {.minimum = 0, .maximum = 1'000, .required = false}),
        field("per", &T::per, "Of starts_at_most, budget and rotate: plan, day, week, month or year.",
              {.maximum = 8, .required = false}),
        field("gbp", &T::gbp, "Of budget; of ask_a_person: above this cost of a plan.",
              {.unit = "GBP", .minimum = 0, .maximum = 1e9, .required = false}),
        field("rank", &T::rank, "Of prefer: 1 is asked first.",
              {.minimum = 1, .maximum = 1'000, .required = false}),
        field("probability", &T::probability, "Of certainty: 0.5 to 0.999; 0: in expectation.",
              {.minimum = 0, .maximum = 0.999, .required = false}),
        field("reason", &T::reason, "Why there is this rule.", {.minimum = 1, .maximum = 500}));
};
template <>
struct Fields<flex::LadderRung> {
    using T = flex::LadderRung;
    static constexpr std::string_view name = "LadderRung";
    static constexpr auto table = field_table(
        field("rung", &T::rung, "1 comes first.", {.minimum = 1, .maximum = 20}),
        field("name", &T::name, "What is done.", {.minimum = 1, .maximum = 200}),
        field("legal_basis", &T::legal_basis, "What permits it.", {.minimum = 1, .maximum = 500}),
        field("minutes", &T::minutes, "From the decision to relief.",
              {.unit = "min", .minimum = 0, .maximum = 100'000}),
        field("is_sent", &T::is_sent, "By Headroom; else it is recommended and recorded.",
              {.required = false}),
        field("means", &T::means,
              "nothing, switching, armed, spot, curtailable, mobile_generation or outside; left out: as the "
              "rungs 1 to 7 in this order.",
              {.maximum = 32, .required = false}),
        field("kinds", &T::kinds, "Of curtailable and mobile_generation: kinds it is about.",
              {.maximum = 100, .required = false}),
        field("ders", &T::ders, "The same by DER.", {.maximum = 10'000, .required = false}));
};
template <>
struct Fields<flex::PrimacyRule> {
    using T = flex::PrimacyRule;
    static constexpr std::string_view name = "PrimacyRule";
    static constexpr auto table =
        field_table(field("service", &T::service, "As commitments name it.", {.minimum = 1, .maximum = 64}),
                    field("wins", &T::wins, "theirs or ours.", {.minimum = 1, .maximum = 8}),
                    field("reason", &T::reason, "Why.", {.minimum = 1, .maximum = 500}));
};
template <>
struct Fields<flex::CarbonFactor> {
    using T = flex::CarbonFactor;
    static constexpr std::string_view name = "CarbonFactor";
    static constexpr auto table = field_table(
        field("kind", &T::kind, "Of DER.", {.minimum = 1, .maximum = 64}),
        field("g_per_kwh", &T::g_per_kwh, "Of its relief.", {.unit = "g/kWh", .minimum = 0, .maximum = 1e5}));
};
template <>
struct Fields<flex::ReboundRule> {
    using T = flex::ReboundRule;
    static constexpr std::string_view name = "ReboundRule";
    static constexpr auto table = field_table(
        field("kind", &T::kind, "Of DER.", {.minimum = 1, .maximum = 64}),
        field("ders", &T::ders, "Only these of the kind.", {.maximum = 10'000, .required = false}),
        field("share", &T::share, "Of the last power, as load after release.", {.minimum = 0, .maximum = 2}),
        field("minutes", &T::minutes, "For so long.", {.unit = "min", .minimum = 1, .maximum = 720}),
        field("reason", &T::reason, "Who found it out, and how.", {.minimum = 1, .maximum = 500}));
};
template <>
struct Fields<flex::ArmingRules> {
    using T = flex::ArmingRules;
    static constexpr std::string_view name = "ArmingRules";
    static constexpr auto table = field_table(
        field("is_on", &T::is_on, "Whether a forecast overload may wait for a better forecast.",
              {.required = false}),
        field("review_minutes", &T::review_minutes, "How long it waits when waiting is worth it.",
              {.unit = "min", .minimum = 1, .maximum = 10'080, .required = false}),
        field("spread_share_per_hour", &T::spread_share_per_hour,
              "Of the need: by how much a forecast spreads with each hour ahead.",
              {.minimum = 0, .maximum = 1, .required = false}),
        field("later_price_factor", &T::later_price_factor,
              "Price of being armed at the next review over that of now.",
              {.minimum = 0, .maximum = 100, .required = false}),
        field("later_share", &T::later_share,
              "Probability that what can be armed now can be armed at the next review.",
              {.minimum = 0, .maximum = 1, .required = false}),
        field("spot_share", &T::spot_share, "Probability that the spot delivers.",
              {.minimum = 0, .maximum = 1, .required = false}),
        field("spot_price_factor", &T::spot_price_factor, "Price on the spot over the price armed.",
              {.minimum = 0, .maximum = 100, .required = false}));
};
template <>
struct Fields<flex::RuleBook> {
    using T = flex::RuleBook;
    static constexpr std::string_view name = "RuleBook";
    static constexpr auto table = field_table(
        field("id", &T::id, "Its name.", {.minimum = 1, .maximum = 64}),
        field("version", &T::version, "Raised with every change.", {.minimum = 1, .maximum = 1e9}),
        field("protected_ders", &T::protected_ders, "Protected sites and priority customers: never asked.",
              {.maximum = 10'000, .required = false}),
        field("rules", &T::rules, "Who may be asked, when, at what price.",
              {.maximum = 1'000, .required = false}),
        field("ladder", &T::ladder, "What is done in an emergency, in order; left out: the shipped one.",
              {.maximum = 20, .required = false}),
        field("primacy", &T::primacy, "Who wins when the same power is wanted by two.",
              {.maximum = 100, .required = false}),
        field("carbon", &T::carbon, "Carbon by kind, where an offer says nothing of it.",
              {.maximum = 100, .required = false}),
        field("rebound", &T::rebound, "What DERs take back after release, by kind.",
              {.maximum = 1'000, .required = false}),
        field("carbon_gbp_per_tonne", &T::carbon_gbp_per_tonne, "Weighs between offers; it is not paid.",
              {.unit = "GBP/t", .minimum = 0, .maximum = 100'000, .required = false}),
        field("transformer_gbp_per_kw", &T::transformer_gbp_per_kw,
              "What a transformer costs to replace, for the price of its ageing.",
              {.unit = "GBP/kW", .minimum = 0, .maximum = 100'000, .required = false}),
        field("arming", &T::arming, "When capacity is armed ahead.", {.required = false}),
        field("probability", &T::probability,
              "With which live events keep the load within its limit: 0.5 to 0.999; 0: in expectation; left "
              "out: 0.9.",
              {.minimum = 0, .maximum = 0.999, .required = false}));
};

}  // namespace headroom
