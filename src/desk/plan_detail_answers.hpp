#pragma once

#include "core/reflect.hpp"
#include "core/time.hpp"
#include "desk/feeder_answers.hpp"
#include "desk/plan_answers.hpp"
#include "flex/schedule_plan.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::desk {

/// What the plan is for.
struct PlanConstraintAnswer {
    std::string feeder_id = {};
    std::string phase = {};
    std::optional<LimitAnswer> limit = {};
    std::string cause = {};
    std::string level = {};
    UtcTime start{};
    UtcTime end{};
    double peak_over_kw = 0.0;
    double energy_over_kwh = 0.0;
    std::optional<double> probability = {};
    std::optional<double> time_to_limit_s = {};
    double covered_share = 0.0;
};

/// The load as it was forecast when the overload was raised, and the same with the plan.
struct PlanFanAnswer {
    UtcTime start{};
    std::int64_t step_s = 1800;
    std::vector<double> quantiles = {};
    std::vector<std::vector<double>> without_kw = {};
    std::vector<std::vector<double>> with_kw = {};
    double limit_kw = 0.0;
    std::string method = {};
};

/// What may still go wrong.
struct PlanResidualAnswer {
    std::optional<double> probability_without = {};
    std::optional<double> probability_with = {};
    std::optional<double> expected_over_without_kwh = {};
    std::optional<double> expected_over_with_kwh = {};
    std::optional<double> certainty = {};
    double shortfall_kw = 0.0;
    std::string note = {};
};

struct PlanRungAnswer {
    std::int64_t rung = 0;
    std::string name = {};
    std::string outcome = {};
    std::string reason = {};
    std::string legal_basis = {};
};

/// What stands beside a plan's own members when it is looked at alone.
/// Of a plan for a window ahead, under rules that weigh arming: arm now, or decide when more is known.
struct PlanArmingAnswer {
    std::string choice = {};
    double cost_now_gbp = 0.0;
    double cost_later_gbp = 0.0;
    double value_of_waiting_gbp = 0.0;
    std::string reason = {};
    std::optional<UtcTime> review_at = {};
};

struct PlanDetailAnswer {
    std::vector<PlanConstraintAnswer> constraints = {};
    std::vector<SlotAnswer> shortfall = {};
    std::optional<PlanFanAnswer> fan = {};
    PlanResidualAnswer residual = {};
    std::vector<flex::PlanBinding> binding = {};
    std::vector<std::string> would_help = {};
    std::vector<flex::PlanReserve> reserve = {};
    std::vector<flex::RuleUse> rules = {};
    std::vector<PlanRungAnswer> ladder = {};
    std::optional<double> purchase_gbp = {};
    std::optional<double> gap_percent = {};
    std::optional<double> carbon_kg = {};
    std::string carbon_source = {};
    std::optional<PlanArmingAnswer> arming = {};
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::PlanConstraintAnswer> {
    using T = desk::PlanConstraintAnswer;
    static constexpr std::string_view name = "PlanConstraint";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("feeder_id", &T::feeder_id, "Whose limit."),
        field("phase", &T::phase, "Of the limit; empty where it is not known."),
        field("limit", &T::limit, "Null for a need that was handed in."),
        field("cause", &T::cause, "live, forecast, person or asked."),
        field("level", &T::level, "low, medium, high or critical; empty for a need that was handed in."),
        field("start", &T::start, "First slot over the limit."), field("end", &T::end, "Half-open."),
        field("peak_over_kw", &T::peak_over_kw, "Largest need.", {.unit = "kW"}),
        field("energy_over_kwh", &T::energy_over_kwh, "Of the need.", {.unit = "kWh"}),
        field("probability", &T::probability,
              "That the limit is exceeded at all, as it was raised; null for a need that was handed in."),
        field("time_to_limit_s", &T::time_to_limit_s, "When it was raised; null as above.", {.unit = "s"}),
        field("covered_share", &T::covered_share, "Of the need's energy that the plan covers, 0 to 1."));
};

template <>
struct Fields<desk::PlanArmingAnswer> {
    using T = desk::PlanArmingAnswer;
    static constexpr std::string_view name = "PlanArming";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("choice", &T::choice, "arm, wait or spot."),
        field("cost_now_gbp", &T::cost_now_gbp, "Expected, when it is armed now.", {.unit = "GBP"}),
        field("cost_later_gbp", &T::cost_later_gbp, "Expected, when it is decided at the next review.",
              {.unit = "GBP"}),
        field("value_of_waiting_gbp", &T::value_of_waiting_gbp,
              "Now less later; above 0 waiting is worth it.", {.unit = "GBP"}),
        field("reason", &T::reason, "In a sentence."),
        field("review_at", &T::review_at, "When it is decided anew; null where it is armed now."));
};

template <>
struct Fields<desk::PlanFanAnswer> {
    using T = desk::PlanFanAnswer;
    static constexpr std::string_view name = "PlanFan";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("start", &T::start, "First half-hour."),
        field("step_s", &T::step_s, "Length of a step.", {.unit = "s"}),
        field("quantiles", &T::quantiles, "Ascending."),
        field("without_kw", &T::without_kw,
              "For each half-hour the load at each quantile, as forecast when the overload was raised; from "
              "the second round on less what was bought before.",
              {.unit = "kW"}),
        field("with_kw", &T::with_kw,
              "The same with the plan: load and deliveries drawn together, each resource delivering all or "
              "nothing by its reliability.",
              {.unit = "kW"}),
        field("limit_kw", &T::limit_kw, "With the load's sign.", {.unit = "kW"}),
        field("method", &T::method, "How the forecast was made."));
};

template <>
struct Fields<desk::PlanResidualAnswer> {
    using T = desk::PlanResidualAnswer;
    static constexpr std::string_view name = "PlanResidual";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("probability_without", &T::probability_without,
              "That the limit is exceeded in the window had nobody been asked; null without a forecast."),
        field("probability_with", &T::probability_with, "With the plan; null without a forecast."),
        field("expected_over_without_kwh", &T::expected_over_without_kwh,
              "Energy over the limit that is to be expected; null without a forecast.", {.unit = "kWh"}),
        field("expected_over_with_kwh", &T::expected_over_with_kwh, "With the plan; null without a forecast.",
              {.unit = "kWh"}),
        field("certainty", &T::certainty,
              "Share of drawn deliveries that cover the whole need, each resource delivering all or nothing "
              "by its reliability."),
        field("shortfall_kw", &T::shortfall_kw, "Largest need left uncovered if all deliver.",
              {.unit = "kW"}),
        field("note", &T::note, "How it was reckoned, in a sentence."));
};

template <>
struct Fields<desk::PlanRungAnswer> {
    using T = desk::PlanRungAnswer;
    static constexpr std::string_view name = "PlanRung";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("rung", &T::rung, "1 comes first."), field("name", &T::name, "What is done."),
        field("outcome", &T::outcome, "taken, skipped or recommended: an authorised person does it."),
        field("reason", &T::reason, "Why, in a sentence."),
        field("legal_basis", &T::legal_basis, "What permits it."));
};

template <>
struct Fields<desk::PlanDetailAnswer> {
    using T = desk::PlanDetailAnswer;
    static constexpr std::string_view name = "PlanDetail";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("constraints", &T::constraints, "What the plan is for."),
        field("shortfall", &T::shortfall, "Need left uncovered if all deliver, by slot."),
        field("fan", &T::fan,
              "Load without and with the plan; null where no forecast was judged or the need was handed in."),
        field("residual", &T::residual, "What may still go wrong."),
        field("binding", &T::binding, "Limits that the plan runs into."),
        field("would_help", &T::would_help, "What would have to give, where some of the need stays open."),
        field("reserve", &T::reserve, "What if a resource fails, and who would stand in."),
        field("rules", &T::rules, "Operator's rules that took a resource out or narrowed it."),
        field("ladder", &T::ladder,
              "Rungs of the operator's emergency ladder, in order; empty without a ladder."),
        field("purchase_gbp", &T::purchase_gbp,
              "Purchases alone, where cost_gbp holds what stays uncovered too; null where it does not.",
              {.unit = "GBP"}),
        field("gap_percent", &T::gap_percent, "Of the cost, above the bound; null where nothing is proven.",
              {.unit = "%"}),
        field("carbon_kg", &T::carbon_kg, "Of the energy bought; null where it is not known.",
              {.unit = "kg"}),
        field("carbon_source", &T::carbon_source,
              "Who tells the carbon of resources without a figure of their own; empty: nobody is asked."),
        field("arming", &T::arming,
              "Arming now weighed against waiting; null where the rules do not weigh it."));
};

}  // namespace headroom
