#pragma once

#include "core/reflect.hpp"
#include "flex/do_nothing.hpp"
#include "flex/ladder.hpp"
#include "flex/rules_use.hpp"
#include "flex/schedule_request.hpp"
#include "flex/schedule_solve.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::flex {

/// A DER that is used.
struct PlanAction {
    std::string der_id = {};
    std::string provider = {};
    std::string kind = {};
    std::vector<double> kw = {};
    double energy_kwh = 0.0;
    double cost_gbp = 0.0;
    std::int64_t activations = 0;
    std::optional<double> carbon_kg = {};
    std::string reason = {};
    std::string means = {};  ///< armed, spot, curtailable or mobile_generation
    std::vector<double> before_kw = {};
    std::vector<double> recharge_kw = {};
    std::vector<double> soc_kwh = {};
    double recharge_left_kwh = 0.0;
};

/// Another way, with what it comes to.
struct PlanChoice {
    std::string name = {};
    double cost_gbp = 0.0;
    double purchase_gbp = 0.0;
    double shortfall_kwh = 0.0;
    double certainty = 0.0;
    std::optional<double> carbon_kg = {};
    std::vector<std::string> der_ids = {};
    std::optional<double> probability_over = {};
    std::optional<double> loss_of_life_gbp = {};
    std::string detail = {};
};

struct PlanRefusal {
    std::string der_id = {};
    std::string reason = {};
};

/// A limit that the plan runs into, and what loosening it would be worth.
struct PlanBinding {
    std::string limit = {};
    std::string subject = {};
    std::string detail = {};
};

/// What happens when one DER of the plan does not deliver, and who would stand in.
struct PlanReserve {
    std::string if_fails = {};
    double shortfall_kw = 0.0;
    std::vector<std::string> stand_in = {};
    double extra_cost_gbp = 0.0;
    double left_kw = 0.0;
    bool is_checked = true;
};

/// One check of who has a DER's power; written down also when it passes.
struct PrimacyCheck {
    std::string der_id = {};
    std::string service = {};
    std::string outcome = {};  ///< passed, reduced, blocked or ours
    std::string detail = {};
};

/// The answer to a PlanRequest. `sha256` is over the request and everything decided, not over times.
struct SchedulePlan {
    std::string plan_id = {};
    std::string sha256 = {};
    std::string status = {};
    double cost_gbp = 0.0;
    double purchase_gbp = 0.0;
    double bound_gbp = 0.0;
    double gap_percent = 0.0;
    std::vector<double> shortfall_kw = {};
    double certainty = 0.0;
    std::optional<double> carbon_kg = {};
    std::string carbon_source = {};
    std::vector<PlanAction> actions = {};
    std::vector<PlanChoice> alternatives = {};
    std::vector<PlanRefusal> refused = {};
    std::vector<PlanBinding> binding = {};
    std::vector<std::string> would_help = {};
    std::vector<PlanReserve> reserve = {};
    std::vector<double> price_gbp_per_kwh = {};
    std::string rule_set = {};
    std::vector<RuleUse> rules = {};
    std::vector<LadderStep> ladder = {};
    std::optional<DoingNothing> doing_nothing = {};
    std::string budget = {};
    bool needs_person = false;
    std::vector<PrimacyCheck> primacy = {};
    std::int64_t work_units = 0;
    double first_feasible_ms = 0.0;
    double elapsed_ms = 0.0;
};

/// Tells the time of the search; milliseconds since any fixed instant. Times are told, never decided by.
using Stopwatch = std::function<double()>;

/// Plans a request whose shape is sound (`check_plan_request`): what cannot be used is refused with the
/// reason, the rest solved, and set beside doing nothing, switching, the most certain, the lowest in carbon
/// and greedy-by-price. The ladder decides in which turn DERs are asked: a later turn (mobile generation
/// last) only for what earlier ones leave open. `facts` is what `rules` count from the past. `request.now`
/// must be there. Pure but for `stopwatch`: the same request gives the same `sha256`. Errors: `invalid` for a
/// request without `now`, or as `solve_schedule`.
[[nodiscard]] Result<SchedulePlan> make_schedule_plan(const PlanRequest& request,
                                                      const Stopwatch& stopwatch = {},
                                                      const RuleBook* rules = nullptr,
                                                      const RuleFacts& facts = {});

/// The offers as a problem, with who is who in it.
struct PreparedPlan {
    ScheduleProblem problem;
    std::vector<std::size_t> der_of_unit;  ///< index into the request's ders
    std::vector<PlanRefusal> refused;
    std::vector<PrimacyCheck> primacy;
    /// Turn of a unit on the ladder and by preference, from 0 without gaps; empty: all in one.
    std::vector<int> turn_of_unit;
    int turns = 1;
    /// What a unit counts as dearer than it is, µ£/kWh: carbon, rotation; empty: nothing.
    std::vector<std::int64_t> weight_of_unit;
};
[[nodiscard]] PreparedPlan prepare_plan(const PlanRequest& request, const RuleBook* rules = nullptr);
/// By when relief must come, as the request says it; a limit that is exceeded stays so to the end.
[[nodiscard]] TimeToLimit time_to_limit(const PlanRequest& request);
/// Gives the units their turns and weights by ladder and rules; what no rung lets be bought is refused
/// (before: removed from the problem).
void rank_units(const PlanRequest& request, const RuleBook* rules, const RuleFacts& facts,
                PreparedPlan& prepared);

/// The share of `draws` drawn deliveries in which `schedule` covers the whole need: every DER delivers all of
/// it or nothing, by its reliability, for the whole event.
[[nodiscard]] double certainty_of(const PlanRequest& request, const PreparedPlan& prepared,
                                  const Schedule& schedule, std::int64_t draws, std::uint64_t seed);

}  // namespace headroom::flex

namespace headroom {

template <>
struct Fields<flex::PlanAction> {
    using T = flex::PlanAction;
    static constexpr std::string_view name = "PlanAction";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("der_id", &T::der_id, "Who is asked."), field("provider", &T::provider, "Whose it is."),
        field("kind", &T::kind, "As it was offered."),
        field("kw", &T::kw, "Power by slot, in the need's direction.", {.unit = "kW"}),
        field("energy_kwh", &T::energy_kwh, "Over all slots.", {.unit = "kWh"}),
        field("cost_gbp", &T::cost_gbp, "Starts and energy.", {.unit = "GBP"}),
        field("activations", &T::activations, "Starts."),
        field("carbon_kg", &T::carbon_kg, "Of its energy; null where it is not known.", {.unit = "kg"}),
        field("reason", &T::reason, "Why it is asked."),
        field("means", &T::means,
              "By which rung of the ladder: armed, spot, curtailable or mobile_generation."),
        field("before_kw", &T::before_kw, "More that it takes before the need, by slot; empty: none.",
              {.unit = "kW"}),
        field("recharge_kw", &T::recharge_kw,
              "Of a battery: what it takes back, by slot, within the room that is left.", {.unit = "kW"}),
        field("soc_kwh", &T::soc_kwh, "Of a battery: stored at the end of each slot.", {.unit = "kWh"}),
        field("recharge_left_kwh", &T::recharge_left_kwh,
              "Of a battery: what finds no room to be taken back.", {.unit = "kWh"}));
};
template <>
struct Fields<flex::PlanChoice> {
    using T = flex::PlanChoice;
    static constexpr std::string_view name = "PlanChoice";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("name", &T::name,
              "do_nothing, switch, cheapest, most_certain, lowest_carbon, greedy_by_price, or without_ID: "
              "the cheapest without the DER that gives most."),
        field("cost_gbp", &T::cost_gbp, "Purchases and what stays uncovered.", {.unit = "GBP"}),
        field("purchase_gbp", &T::purchase_gbp, "Purchases alone.", {.unit = "GBP"}),
        field("shortfall_kwh", &T::shortfall_kwh, "Left uncovered, in expectation.", {.unit = "kWh"}),
        field("certainty", &T::certainty, "Share of drawn deliveries that cover the whole need."),
        field("carbon_kg", &T::carbon_kg, "Of the energy bought; null where it is not known.",
              {.unit = "kg"}),
        field("der_ids", &T::der_ids, "Who is asked."),
        field("probability_over", &T::probability_over,
              "Of do_nothing: that the limit is exceeded; null where the load is not known."),
        field("loss_of_life_gbp", &T::loss_of_life_gbp,
              "Of do_nothing: the ageing of the transformer; null where there is none.", {.unit = "GBP"}),
        field("detail", &T::detail, "What else is to be said of it, in a sentence."));
};
template <>
struct Fields<flex::PlanRefusal> {
    using T = flex::PlanRefusal;
    static constexpr std::string_view name = "PlanRefusal";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(field("der_id", &T::der_id, "Who is not asked."),
                                              field("reason", &T::reason, "Why not."));
};
template <>
struct Fields<flex::PlanBinding> {
    using T = flex::PlanBinding;
    static constexpr std::string_view name = "PlanBinding";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("limit", &T::limit,
                          "need, power, energy, activations or supply; of events also cost and probability."),
                    field("subject", &T::subject, "The slot's start or the DER."),
                    field("detail", &T::detail, "What it comes to, in a sentence."));
};
template <>
struct Fields<flex::PlanReserve> {
    using T = flex::PlanReserve;
    static constexpr std::string_view name = "PlanReserve";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("if_fails", &T::if_fails, "The DER that does not deliver."),
        field("shortfall_kw", &T::shortfall_kw, "Largest relief missing then.", {.unit = "kW"}),
        field("stand_in", &T::stand_in, "Who would be asked instead, the best first."),
        field("extra_cost_gbp", &T::extra_cost_gbp, "What they cost.", {.unit = "GBP"}),
        field("left_kw", &T::left_kw, "Largest relief missing even so.", {.unit = "kW"}),
        field("is_checked", &T::is_checked,
              "Every stand-in's schedule was planned; else they are ranked by price and power alone."));
};
template <>
struct Fields<flex::PrimacyCheck> {
    using T = flex::PrimacyCheck;
    static constexpr std::string_view name = "PrimacyCheck";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("der_id", &T::der_id, "Whose power."), field("service", &T::service, "Who else has it."),
        field("outcome", &T::outcome, "passed, reduced, blocked or ours."),
        field("detail", &T::detail, "Why, in a sentence."));
};
template <>
struct Fields<flex::SchedulePlan> {
    using T = flex::SchedulePlan;
    static constexpr std::string_view name = "SchedulePlan";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("plan_id", &T::plan_id, "Begins with P- and follows from the sha256.",
              {.example = R"("P-0123456789abcdef")"}),
        field("sha256", &T::sha256, "Of the request and the decision; the same request gives the same."),
        field("status", &T::status, "optimal, feasible or partial."),
        field("cost_gbp", &T::cost_gbp, "Purchases, and what stays uncovered at its price.", {.unit = "GBP"}),
        field("purchase_gbp", &T::purchase_gbp, "Purchases alone: the sum over the actions.",
              {.unit = "GBP"}),
        field("bound_gbp", &T::bound_gbp, "Proven: no plan has a lower cost_gbp.", {.unit = "GBP"}),
        field("gap_percent", &T::gap_percent, "Of the cost, above the bound.", {.unit = "%"}),
        field("shortfall_kw", &T::shortfall_kw, "Relief missing by slot.", {.unit = "kW"}),
        field("certainty", &T::certainty, "Share of drawn deliveries that cover the whole need."),
        field("carbon_kg", &T::carbon_kg, "Of the energy bought; null where it is not known.",
              {.unit = "kg"}),
        field("carbon_source", &T::carbon_source,
              "Who told the carbon of DERs without a figure of their own; empty when nobody was asked."),
        field("actions", &T::actions, "Who does what, by id."),
        field("alternatives", &T::alternatives, "Other ways beside it."),
        field("refused", &T::refused, "Who could not be used, and why."),
        field("binding", &T::binding, "Limits that the plan runs into."),
        field("would_help", &T::would_help, "What would have to give, where some of the need stays open."),
        field("reserve", &T::reserve, "For every DER of the plan, the largest first: what if it fails."),
        field("price_gbp_per_kwh", &T::price_gbp_per_kwh, "What relief is worth by slot.",
              {.unit = "GBP/kWh"}),
        field("rule_set", &T::rule_set, "The operator's rules that were in force, id@version; empty: none."),
        field("rules", &T::rules, "Every rule that took a DER out, narrowed it or gave it its turn."),
        field("ladder", &T::ladder, "The emergency ladder, rung by rung, with what became of each and why."),
        field("doing_nothing", &T::doing_nothing,
              "What doing nothing would come to; null where the limit's load is not known."),
        field("budget", &T::budget, "The budget that bound the plan, in a sentence; empty: none."),
        field("needs_person", &T::needs_person, "A rule wants a person's approval for a plan of this cost."),
        field("primacy", &T::primacy, "Every check of who has a DER's power, also when it passed."),
        field("work_units", &T::work_units, "Work of the search; the same for the same request."),
        field("first_feasible_ms", &T::first_feasible_ms, "Until a plan stood.", {.unit = "ms"}),
        field("elapsed_ms", &T::elapsed_ms, "Until this plan stood.", {.unit = "ms"}));
};

}  // namespace headroom
