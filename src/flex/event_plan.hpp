#pragma once

#include "flex/chance.hpp"
#include "flex/flex_plan.hpp"
#include "flex/ladder.hpp"
#include "flex/rules_use.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::flex {

/// How long a provider took to confirm on the spot, as it was learnt.
struct ProviderLatency {
    std::string provider = {};
    double minutes = 0.0;
};

/// Carbon of what is drawn from the grid in the need's hours: what is turned down would have been made so.
struct GridCarbon {
    double g_per_kwh = 0.0;
    std::string source = {};  ///< who says so, since when, under which licence; a sentence
};

/// How reliably a DER delivers, by what meters showed of former events and its provider's own word.
struct LearntResponse {
    std::string der_id = {};
    std::int64_t deliveries = 0;
    std::int64_t claimed_ppm = 0;
    std::int64_t reliability_ppm = 0;
};

/// What the limit, and those above it, leave free from the need's start on: so much load may come back after
/// release without making the next overload.
struct ReboundRoom {
    std::vector<std::int64_t> headroom_w = {};  ///< by half-hour, through the need and beyond; ≥ 0
    std::string source = {};                    ///< a sentence
};

/// What a live event's plan is judged by beside offers and need.
struct EventFacts {
    RuleFacts rules = {};
    std::optional<PlanLimit> limit = {};  ///< the other ratings of the limit's asset, where there are any
    std::vector<PlanSwitching> switching = {};
    std::vector<ProviderLatency> latencies = {};
    std::optional<GridCarbon> carbon = {};       ///< nothing: no feed tells
    std::vector<LearntResponse> responses = {};  ///< in the order of DERs; count in the offers' stead
    std::optional<ReboundRoom> room = {};        ///< nothing: not known, and rebound is not looked at
    std::optional<ChanceAsked> chance = {};      ///< nothing: relief is bought in expectation, with a margin
};

struct EventPlanInput {
    PlanInput base;
    std::shared_ptr<const RuleBook> book;  ///< nothing: no rules, and the shipped ladder
    EventFacts facts;
};

/// Another way to deal with the overload, in whole numbers.
struct EventWay {
    std::string name = {};  ///< do_nothing, switch, cheapest, most_certain, lowest_carbon …
    std::int64_t cost_micro_gbp = 0;
    std::int64_t shortfall_w = 0;
    std::int64_t certainty_ppm = 0;            ///< share of drawn deliveries that cover the whole need
    std::optional<std::int64_t> carbon_g = 0;  ///< nothing: not known of all that are asked
    std::vector<std::string> asked = {};       ///< DERs
    std::optional<std::int64_t> probability_ppm = {};  ///< of do_nothing: that the limit is exceeded
    std::optional<std::int64_t> loss_of_life_micro_gbp = {};
    std::string detail = {};
};

/// What happens when one DER of the plan does not deliver.
struct EventReserve {
    std::string if_fails = {};
    std::int64_t shortfall_w = 0;
    std::vector<std::string> stand_in = {};  ///< DERs, the cheapest relief first
    std::int64_t left_w = 0;
};

/// An offer that is not used although it could help, or may not be.
struct EventRefusal {
    std::string provider = {};
    std::string offer = {};
    std::string der_id = {};
    std::string reason = {};
};

/// What an offer counted as beside its price, and what its DER takes back.
struct EventWeight {
    std::string provider = {};
    std::string offer = {};
    std::string der_id = {};
    std::int64_t rotation_micro_gbp_per_kwh = 0;
    std::int64_t carbon_micro_gbp_per_kwh = 0;
    std::int64_t rebound_ppm = 0;  ///< of its last power
    std::int64_t rebound_minutes = 0;
};

/// What stands in the log beside a live event's plan.
struct PlanNotes {
    std::string rule_set = {};
    std::vector<RuleUse> rules = {};  ///< every rule that was invoked
    std::vector<LadderStep> ladder = {};
    std::vector<EventWay> ways = {};
    std::vector<EventReserve> reserve = {};
    std::vector<EventRefusal> refused = {};
    std::string carbon_source = {};  ///< of offers whose kind the rules say nothing of; empty: nobody tells
    bool takes_nothing = false;      ///< rung 1: nothing is bought, within the cyclic or emergency rating
    bool needs_person = false;       ///< by a rule, whatever the authority
    std::string engine = {};         ///< exact (branch and bound to the end), bounded, or schedule
    std::vector<EventWeight> weights = {};     ///< of the offers that were weighed; by (provider, offer)
    std::optional<ChanceReached> chance = {};  ///< nothing: no probability was asked for
};

struct EventPlan {
    FlexPlan plan;
    PlanNotes notes;
};

/// Plans a live event under the operator's rules: who may not be asked is left out, hours, starts, ceilings
/// and budgets are kept, and offers are asked in the turns of the ladder and of preference, a later turn only
/// for what earlier ones leave open. Where `make_plan`'s search does not come to its end, the schedule
/// optimiser plans the same turn as well and the cheaper of the two is taken. Rotation and the price of
/// carbon weigh between offers and are not paid; what DERs take back after release must fit into the room for
/// it. With a probability (`facts.chance`) the plan
/// is as sure as asked, over loads and deliveries together. Without either, and where the search ends, the
/// plan is that of `make_plan` to the byte. Pure and deterministic. Errors: as `make_plan`, and `invalid` for
/// a chance that does not fit the need.
[[nodiscard]] Result<EventPlan> make_event_plan(const EventPlanInput& input);

/// Why a plan buys nothing, naming the rule where it is one; empty where nobody offered anything that could
/// help.
[[nodiscard]] std::string why_nothing(const EventPlan& plan);

/// Canonical: the plan's input as `to_json(PlanInput)`, the book and the facts as JSON text of their own.
[[nodiscard]] json::Value to_json(const EventPlanInput& input);
[[nodiscard]] Result<EventPlanInput> event_plan_input_from_json(const json::Value& value);
/// The plan's input within a decision's recorded input, also in the form of before there were rules in it.
[[nodiscard]] Result<PlanInput> recorded_plan_input(const json::Value& value);
/// SHA-256 (hex) over plan and notes: what a replay must come to.
[[nodiscard]] std::string event_plan_sha256(const EventPlan& plan);
/// The same where the plan's own hash is known.
[[nodiscard]] std::string event_plan_sha256(const std::string& plan_sha256, const PlanNotes& made);

}  // namespace headroom::flex

namespace headroom {

template <>
struct Fields<flex::ProviderLatency> {
    using T = flex::ProviderLatency;
    static constexpr std::string_view name = "ProviderLatency";
    static constexpr auto table =
        field_table(field("provider", &T::provider, "Who.", {.minimum = 1, .maximum = 256}),
                    field("minutes", &T::minutes, "To confirm on the spot.",
                          {.unit = "min", .minimum = 0, .maximum = 1e6}));
};
template <>
struct Fields<flex::GridCarbon> {
    using T = flex::GridCarbon;
    static constexpr std::string_view name = "GridCarbon";
    static constexpr auto table =
        field_table(field("g_per_kwh", &T::g_per_kwh, "Mean over the need's hours.",
                          {.unit = "g/kWh", .minimum = 0, .maximum = 1e4}),
                    field("source", &T::source, "Who says so, and since when.", {.maximum = 2'000}));
};
template <>
struct Fields<flex::LearntResponse> {
    using T = flex::LearntResponse;
    static constexpr std::string_view name = "LearntResponse";
    static constexpr auto table = field_table(
        field("der_id", &T::der_id, "Of whom.", {.minimum = 1, .maximum = 256}),
        field("deliveries", &T::deliveries, "Settled ones that it is learnt from.", {.minimum = 0}),
        field("claimed_ppm", &T::claimed_ppm, "By its provider's word.",
              {.unit = "ppm", .minimum = 0, .maximum = 1e6}),
        field("reliability_ppm", &T::reliability_ppm, "That counts.",
              {.unit = "ppm", .minimum = 0, .maximum = 1e6}));
};
template <>
struct Fields<flex::ReboundRoom> {
    using T = flex::ReboundRoom;
    static constexpr std::string_view name = "ReboundRoom";
    static constexpr auto table =
        field_table(field("headroom_w", &T::headroom_w, "By half-hour from the need's start.",
                          {.unit = "W", .maximum = 96}),
                    field("source", &T::source, "Who says so.", {.maximum = 2'000}));
};
template <>
struct Fields<flex::EventFacts> {
    using T = flex::EventFacts;
    static constexpr std::string_view name = "EventFacts";
    static constexpr auto table = field_table(
        field("rules", &T::rules, "What the rules count from the past."),
        field("limit", &T::limit, "The other ratings of the limit's asset.", {.required = false}),
        field("switching", &T::switching, "Ways to move load by switching.",
              {.maximum = 100, .required = false}),
        field("latencies", &T::latencies, "As learnt.", {.maximum = 10'000, .required = false}),
        field("carbon", &T::carbon, "Of the grid, as a feed tells it.", {.required = false}),
        field("responses", &T::responses, "As learnt.", {.maximum = 10'000, .required = false}),
        field("room", &T::room, "For what DERs take back after release.", {.required = false}),
        field("chance", &T::chance, "With which probability, over which loads.", {.required = false}));
};
template <>
struct Fields<flex::EventWay> {
    using T = flex::EventWay;
    static constexpr std::string_view name = "EventWay";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("name", &T::name, "do_nothing, switch, cheapest, most_certain, lowest_carbon …"),
        field("cost_micro_gbp", &T::cost_micro_gbp, "Purchases.", {.unit = "millionths of a GBP"}),
        field("shortfall_w", &T::shortfall_w, "Largest need left uncovered.", {.unit = "W"}),
        field("certainty_ppm", &T::certainty_ppm, "Drawn deliveries that cover the whole need.",
              {.unit = "ppm"}),
        field("carbon_g", &T::carbon_g, "Of the energy bought; null where it is not known.", {.unit = "g"}),
        field("asked", &T::asked, "DERs."),
        field("probability_ppm", &T::probability_ppm, "Of do_nothing: that the limit is exceeded.",
              {.unit = "ppm"}),
        field("loss_of_life_micro_gbp", &T::loss_of_life_micro_gbp, "Of do_nothing: ageing.",
              {.unit = "millionths of a GBP"}),
        field("detail", &T::detail, "In a sentence."));
};
template <>
struct Fields<flex::EventReserve> {
    using T = flex::EventReserve;
    static constexpr std::string_view name = "EventReserve";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("if_fails", &T::if_fails, "The DER that does not deliver."),
                    field("shortfall_w", &T::shortfall_w, "Then missing at most.", {.unit = "W"}),
                    field("stand_in", &T::stand_in, "Who would stand in, the cheapest relief first."),
                    field("left_w", &T::left_w, "What would still be missing.", {.unit = "W"}));
};
template <>
struct Fields<flex::EventRefusal> {
    using T = flex::EventRefusal;
    static constexpr std::string_view name = "EventRefusal";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("provider", &T::provider, "Who offers it."), field("offer", &T::offer, "Its id there."),
        field("der_id", &T::der_id, "The resource."), field("reason", &T::reason, "Why it is not asked."));
};
template <>
struct Fields<flex::EventWeight> {
    using T = flex::EventWeight;
    static constexpr std::string_view name = "EventWeight";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("provider", &T::provider, "Who offers it."),
                    field("offer", &T::offer, "Its id there."), field("der_id", &T::der_id, "The resource."),
                    field("rotation_micro_gbp_per_kwh", &T::rotation_micro_gbp_per_kwh,
                          "Counted as dearer because it was asked of late; not paid.",
                          {.unit = "millionths of a GBP/kWh"}),
                    field("carbon_micro_gbp_per_kwh", &T::carbon_micro_gbp_per_kwh,
                          "Counted as dearer for its carbon; not paid.", {.unit = "millionths of a GBP/kWh"}),
                    field("rebound_ppm", &T::rebound_ppm, "Taken back after release, of its last power.",
                          {.unit = "ppm"}),
                    field("rebound_minutes", &T::rebound_minutes, "For so long.", {.unit = "min"}));
};
template <>
struct Fields<flex::PlanNotes> {
    using T = flex::PlanNotes;
    static constexpr std::string_view name = "PlanNotes";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("rule_set", &T::rule_set, "id@version of the operator's rules; empty: none."),
        field("rules", &T::rules, "Every rule that was invoked."),
        field("ladder", &T::ladder, "The emergency ladder, rung by rung, with what became of each and why."),
        field("ways", &T::ways, "What the plan was compared with: cost, certainty, carbon, who is asked."),
        field("reserve", &T::reserve, "For every DER of the plan: who would stand in."),
        field("refused", &T::refused, "Offers that are not asked, each with why."),
        field("carbon_source", &T::carbon_source,
              "Who tells the carbon of offers whose kind the rules say nothing of; empty: nobody."),
        field("takes_nothing", &T::takes_nothing, "Nothing is bought: the rating allows it."),
        field("needs_person", &T::needs_person, "A rule wants a person's approval."),
        field("engine", &T::engine, "exact, bounded or schedule."),
        field("weights", &T::weights, "What offers counted as beside their prices, and what comes back."),
        field("chance", &T::chance, "How surely the load stays within the limit, where that is asked for."));
};

}  // namespace headroom
