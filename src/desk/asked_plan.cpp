// A plan that was handed in, in the words of all plans.
#include "desk/plans.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace headroom::desk {
namespace {

UtcTime slot_start(const flex::PlanNeed& need, std::size_t slot) {
    return need.start + minutes{need.step_minutes} * static_cast<std::int64_t>(slot);
}

std::vector<SlotAnswer> slots(const flex::PlanNeed& need, const std::vector<double>& kw) {
    std::vector<SlotAnswer> out;
    for (std::size_t slot = 0; slot < kw.size(); ++slot) {
        out.push_back({.start = slot_start(need, slot), .kw = kw[slot]});
    }
    return out;
}

std::vector<double> relief(const AskedPlan& asked) {
    std::vector<double> out(asked.need.required_kw.size(), 0.0);
    for (std::size_t i = 0; i < asked.plan.actions.size(); ++i) {
        const std::vector<double>& kw = asked.plan.actions[i].kw;
        for (std::size_t slot = 0; slot < std::min(out.size(), kw.size()); ++slot) {
            out[slot] += kw[slot] * asked.asked[i].sensitivity;
        }
    }
    return out;
}

PlanActionAnswer action_answer(const flex::PlanAction& action, const flex::PlanDer& der, UtcTime start) {
    const double peak = action.kw.empty() ? 0.0 : *std::max_element(action.kw.begin(), action.kw.end());
    return {.provider = action.provider,
            .der_id = action.der_id,
            .der_class = action.kind,
            .start = start,
            .kw = action.kw,
            .energy_kwh = action.energy_kwh,
            .cost_gbp = action.cost_gbp,
            .relief_peak_kw = peak * der.sensitivity,
            .price_gbp_per_mwh = der.price_gbp_per_kwh * 1000.0,
            .reliability = der.reliability,
            .activations = action.activations,
            .carbon_kg = action.carbon_kg,
            .means = action.means,
            .reason = action.reason};
}

std::vector<std::string> reasons(const AskedPlan& asked) {
    const flex::SchedulePlan& plan = asked.plan;
    std::vector<std::string> out;
    out.push_back(fmt::format("{} of {} {} asked for {:.2f} GBP.",
                              plan.status == "partial" ? "The best part cover" : "The cheapest cover",
                              plan.actions.size(), plan.actions.size() == 1 ? "resource" : "resources",
                              plan.purchase_gbp));
    out.push_back(
        fmt::format("No plan costs less than {:.2f} GBP, what stays uncovered counted at its price: "
                    "this one is within {:.3f} % of that.",
                    plan.bound_gbp, plan.gap_percent));
    if (asked.probability) {
        out.push_back(
            fmt::format("So much is bought that the need is covered in {:.1f} % of drawn deliveries; "
                        "{:.1f} % were asked for.",
                        100.0 * plan.certainty, 100.0 * *asked.probability));
    }
    out.push_back("Notice counts from " + format_utc(asked.notice_from) + ".");
    return out;
}

PlanAnswer plan_answer(const AskedPlan& asked) {
    const flex::SchedulePlan& plan = asked.plan;
    PlanAnswer out{.plan_id = plan.plan_id,
                   .kind = "asked",
                   .feeder_id = asked.need.feeder_id,
                   .start = asked.need.start,
                   .end = slot_start(asked.need, asked.need.required_kw.size()),
                   .sha256 = plan.sha256,
                   .state = "dry_run",
                   .status = plan.status,
                   .planned_at = asked.asked_at,
                   .made_at = asked.made_at,
                   .why = "handed in",
                   .authority_reason = "It was handed in: nothing is bought by it.",
                   .chosen = "cheapest",
                   .cost_gbp = plan.cost_gbp,
                   .need = slots(asked.need, asked.need.required_kw),
                   .relief = slots(asked.need, relief(asked)),
                   .reasons = reasons(asked),
                   .rule_set = plan.rule_set,
                   .nodes_used = plan.work_units,
                   .bound_gbp = plan.bound_gbp,
                   .planner = "optimiser"};
    for (const double kw : plan.shortfall_kw) {
        out.shortfall_kw = std::max(out.shortfall_kw, kw);
    }
    for (const flex::PlanChoice& choice : plan.alternatives) {
        out.alternatives.push_back({.name = choice.name,
                                    .cost_gbp = choice.cost_gbp,
                                    .shortfall_kwh = choice.shortfall_kwh,
                                    .lines = static_cast<std::int64_t>(choice.der_ids.size()),
                                    .note = choice.detail,
                                    .purchase_gbp = choice.purchase_gbp,
                                    .certainty = choice.certainty,
                                    .carbon_kg = choice.carbon_kg,
                                    .probability_over = choice.probability_over,
                                    .loss_of_life_gbp = choice.loss_of_life_gbp,
                                    .der_ids = choice.der_ids});
    }
    for (std::size_t i = 0; i < plan.actions.size(); ++i) {
        out.actions.push_back(action_answer(plan.actions[i], asked.asked[i], asked.need.start));
    }
    for (const flex::PlanRefusal& refusal : plan.refused) {
        out.refused.push_back({.der_id = refusal.der_id, .reason = refusal.reason});
    }
    return out;
}

PlanConstraintAnswer constraint_of(const AskedPlan& asked, const PlanAnswer& plan) {
    const std::vector<double>& need = asked.need.required_kw;
    const double hours_of_slot = static_cast<double>(asked.need.step_minutes) / 60.0;
    const double needed = std::accumulate(need.begin(), need.end(), 0.0);
    const double open = std::accumulate(asked.plan.shortfall_kw.begin(), asked.plan.shortfall_kw.end(), 0.0);
    return {.feeder_id = asked.need.feeder_id,
            .cause = "asked",
            .start = plan.start,
            .end = plan.end,
            .peak_over_kw = need.empty() ? 0.0 : *std::max_element(need.begin(), need.end()),
            .energy_over_kwh = needed * hours_of_slot,
            .covered_share = needed > 0.0 ? std::max(0.0, 1.0 - open / needed) : 1.0};
}

}  // namespace

WholePlan whole_plan(const AskedPlan& asked) {
    WholePlan out{.plan = plan_answer(asked)};
    const flex::SchedulePlan& plan = asked.plan;
    out.detail.constraints.push_back(constraint_of(asked, out.plan));
    out.detail.shortfall = slots(asked.need, plan.shortfall_kw);
    out.detail.residual = {.certainty = plan.certainty,
                           .shortfall_kw = out.plan.shortfall_kw,
                           .note = "The need was handed in: there is no forecast of the load behind it."};
    out.detail.binding = plan.binding;
    out.detail.would_help = plan.would_help;
    out.detail.reserve = plan.reserve;
    out.detail.rules = plan.rules;
    for (const flex::LadderStep& step : plan.ladder) {
        out.detail.ladder.push_back({.rung = step.rung,
                                     .name = step.name,
                                     .outcome = step.outcome,
                                     .reason = step.reason,
                                     .legal_basis = step.legal_basis});
    }
    out.detail.purchase_gbp = plan.purchase_gbp;
    out.detail.gap_percent = plan.gap_percent;
    out.detail.carbon_kg = plan.carbon_kg;
    out.detail.carbon_source = plan.carbon_source;
    return out;
}

}  // namespace headroom::desk
