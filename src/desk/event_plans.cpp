// The plans of an event, from the log's entries.
#include "desk/amounts.hpp"
#include "desk/event_detail.hpp"
#include "desk/knowledge.hpp"
#include "flex/flex_plan.hpp"

#include <algorithm>

namespace headroom::desk {
namespace {

std::vector<SlotAnswer> slots(const flex::IntervalGrid& grid) {
    std::vector<SlotAnswer> out;
    for (std::size_t i = 0; i < grid.values.size(); ++i) {
        out.push_back({.start = grid.time_of(i), .kw = kw_of(grid.values[i])});
    }
    return out;
}

PlanLineAnswer line_answer(const flex::PlanLine& line) {
    PlanLineAnswer out{.provider = line.offer.provider,
                       .offer_id = line.offer.id,
                       .der_id = line.offer.der,
                       .der_class = std::string(grid::to_string(line.offer.der_class)),
                       .phase = std::string(grid::to_string(line.offer.phase)),
                       .start = line.power_w.start,
                       .cost_gbp = gbp_of(line.cost.value),
                       .relief_peak_kw = kw_of(line.relief_peak),
                       .price_gbp_per_mwh = gbp_of(line.offer.utilisation.value),
                       .reliability = static_cast<double>(line.offer.reliability_ppm) / 1e6};
    for (const std::int64_t power : line.power_w.values) {
        out.kw.push_back(kw_of(power));
    }
    return out;
}

Result<PlanAnswer> plan_answer(const audit::Entry& entry, const PlanContext& context) {
    const json::Value body(entry.body);
    const json::Value* kept = body.get("plan");
    if (kept == nullptr) {
        return Error{Errc::corrupt, "entry " + std::to_string(entry.seq) + " has no plan"};
    }
    const Result<flex::FlexPlan> plan = flex::flex_plan_from_json(*kept);
    if (!plan) {
        return Error{Errc::corrupt, "entry " + std::to_string(entry.seq) + ": " + plan.error().message};
    }
    const std::int64_t round = body.integer("/round");
    PlanAnswer out{.plan_id = entry.corr + "." + std::to_string(round),
                   .event_id = entry.corr,
                   .round = round,
                   .sha256 = body.text("/plan_sha256"),
                   .made_at = entry.ts,
                   .why = body.text("/why"),
                   .authority = body.text("/authority"),
                   .authority_reason = body.text("/authority_reason"),
                   .chosen = plan->chosen,
                   .cost_gbp = gbp_of(plan->cost.value),
                   .shortfall_kw = kw_of(plan->shortfall_peak),
                   .need = slots(plan->need_w),
                   .relief = slots(plan->relief_w),
                   .reasons = plan->reasons,
                   .left_out = plan->left_out,
                   .rule_set = plan->rule_set,
                   .nodes_used = plan->nodes_used,
                   .seq = static_cast<std::int64_t>(entry.seq)};
    out.state = out.authority == "shadow" ? "shadow" : plan->lines.empty() ? "expired" : "proposed";
    if (plan->bound) {
        out.bound_gbp = gbp_of(plan->bound->value);
    }
    for (const flex::Alternative& alternative : plan->alternatives) {
        out.alternatives.push_back({.name = alternative.name,
                                    .cost_gbp = gbp_of(alternative.cost.value),
                                    .shortfall_kw = kw_of(alternative.shortfall_peak),
                                    .shortfall_kwh = kwh_of(alternative.shortfall_energy.value),
                                    .lines = static_cast<std::int64_t>(alternative.lines),
                                    .note = alternative.note});
    }
    for (const flex::PlanLine& line : plan->lines) {
        out.lines.push_back(line_answer(line));
    }
    if (const Result<UtcTime> planned = parse_utc(body.text("/planned_at"));
        planned && out.state == "proposed") {
        out.expires_at = std::min(*planned + context.approval_expires, context.window_end);
    }
    return out;
}

void judge(const audit::Entry& entry, std::vector<PlanAnswer>& plans) {
    const json::Value body(entry.body);
    const auto plan = std::find_if(plans.rbegin(), plans.rend(), [&](const PlanAnswer& candidate) {
        return candidate.sha256 == body.text("/plan_sha256");
    });
    if (plan == plans.rend()) {
        return;
    }
    const bool is_envelope = !body.text("/envelope").empty();
    plan->state = entry.type == "dispatch.reject" ? "rejected" : is_envelope ? "authorised" : "approved";
    plan->decision_reason = body.text("/reason");
    plan->expires_at.reset();
    if (entry.type == "dispatch.approve") {
        plan->approved_by = is_envelope ? "envelope " + body.text("/envelope") : entry.actor.id;
    }
}

void cite(const audit::Entry& entry, std::vector<PlanAnswer>& plans) {
    const json::Value body(entry.body);
    const json::Value* refs = body.get("rule_refs");
    for (PlanAnswer& plan : plans) {
        if (plan.sha256 != body.text("/plan_sha256") || refs == nullptr || refs->as_array() == nullptr) {
            continue;
        }
        plan.rule_refs.clear();
        for (const json::Value& item : *refs->as_array()) {
            if (Result<knowledge::RuleRef> ref = knowledge::rule_ref_from_json(item)) {
                plan.rule_refs.push_back(rule_ref_answer(*ref));
            }
        }
    }
}

}  // namespace

Result<std::vector<PlanAnswer>> make_plans(const std::vector<std::shared_ptr<const EvidenceEntry>>& entries,
                                           const std::string& event, const PlanContext& context) {
    std::vector<PlanAnswer> plans;
    for (const std::shared_ptr<const EvidenceEntry>& evidence : entries) {
        const audit::Entry& entry = evidence->entry;
        if (entry.corr != event) {
            continue;
        }
        if (entry.type == "dispatch.plan") {
            if (!plans.empty() && plans.back().state == "proposed") {
                plans.back().state = "superseded";
                plans.back().expires_at.reset();
            }
            Result<PlanAnswer> plan = plan_answer(entry, context);
            if (!plan) {
                return plan.error();
            }
            plans.push_back(std::move(*plan));
        } else if (entry.type == "dispatch.approve" || entry.type == "dispatch.reject") {
            judge(entry, plans);
        } else if (entry.type == "rules.cited") {
            cite(entry, plans);
        }
    }
    if (!plans.empty() && plans.back().state == "proposed" && agents::is_over(context.state)) {
        plans.back().state = "expired";
    }
    return plans;
}

}  // namespace headroom::desk
