// The plans of an event, from the log's entries.
#include "desk/amounts.hpp"
#include "desk/event_detail.hpp"
#include "desk/knowledge.hpp"
#include "flex/flex_plan.hpp"

#include <fmt/format.h>

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

/// Why a resource is asked, from what it was offered at and how much of it is used.
std::string why_asked(const flex::PlanLine& line, std::int64_t cheaper, std::size_t all) {
    const auto at_most =
        std::count(line.power_w.values.begin(), line.power_w.values.end(), line.offer.power.value);
    const auto used = std::count_if(line.power_w.values.begin(), line.power_w.values.end(),
                                    [](std::int64_t power) { return power > 0; });
    std::string out = all == 1       ? std::string("The only one asked")
                      : cheaper == 0 ? fmt::format("The cheapest of the {} asked", all)
                                     : fmt::format("{} of the {} asked {} less per MWh", cheaper, all,
                                                   cheaper == 1 ? "costs" : "cost");
    out += at_most == used ? std::string("; at full power")
           : at_most == 0  ? std::string("; at part of its power")
                           : fmt::format("; at full power in {} of {} half-hours", at_most, used);
    return out + fmt::format("; has delivered {} % before.", line.offer.reliability_ppm / 10'000);
}

/// optimal: the cost meets the proven bound within a millionth.
std::string status_of(const flex::FlexPlan& plan) {
    if (plan.shortfall_peak.value > 0) {
        return "partial";
    }
    const bool meets_bound = plan.bound && plan.cost.value - plan.bound->value <= plan.cost.value / 1'000'000;
    return meets_bound ? "optimal" : "feasible";
}

std::vector<std::string> texts_of(const json::Value& body, const char* name) {
    std::vector<std::string> out;
    const json::Value* list = body.get(name);
    if (list != nullptr && list->as_array() != nullptr) {
        for (const json::Value& item : *list->as_array()) {
            out.push_back(item.as_string() == nullptr ? "" : *item.as_string());
        }
    }
    return out;
}

/// Under the operator's rules the notes say who is not asked; before there were any, the plan alone.
std::vector<PlanRefusedAnswer> refusals_of(const json::Value& body) {
    std::vector<PlanRefusedAnswer> out;
    const json::Value* noted = body.at("/notes/refused");
    const json::Value* list = noted != nullptr ? noted : body.get("refused");
    if (list == nullptr || list->as_array() == nullptr) {
        return out;
    }
    for (const json::Value& item : *list->as_array()) {
        out.push_back({.der_id = item.text("/der_id"),
                       .provider = item.text("/provider"),
                       .offer_id = item.text("/offer_id", item.text("/offer")),
                       .reason = item.text("/reason")});
    }
    return out;
}

std::optional<double> scaled(const json::Value& value, const char* pointer, double unit) {
    const json::Value* member = value.at(pointer);
    return member == nullptr || member->is_null() ? std::nullopt
                                                  : std::optional(member->as_double().value_or(0.0) / unit);
}

/// Ways that were compared under the operator's rules say more than the plan's own alternatives; what is
/// known of an alternative of the same name stays.
void add_ways(const json::Value& body, PlanAnswer& out) {
    const json::Value* ways = body.at("/notes/ways");
    if (ways == nullptr || ways->as_array() == nullptr || ways->as_array()->empty()) {
        return;
    }
    std::vector<PlanAlternativeAnswer> all;
    for (const json::Value& way : *ways->as_array()) {
        PlanAlternativeAnswer answer{.name = way.text("/name"),
                                     .cost_gbp = gbp_of(way.integer("/cost_micro_gbp")),
                                     .shortfall_kw = kw_of(way.integer("/shortfall_w")),
                                     .note = way.text("/detail"),
                                     .certainty = scaled(way, "/certainty_ppm", 1e6),
                                     .carbon_kg = scaled(way, "/carbon_g", 1e3),
                                     .probability_over = scaled(way, "/probability_ppm", 1e6),
                                     .loss_of_life_gbp = scaled(way, "/loss_of_life_micro_gbp", 1e6),
                                     .der_ids = texts_of(way, "asked")};
        answer.lines = static_cast<std::int64_t>(answer.der_ids.size());
        const auto same =
            std::find_if(out.alternatives.begin(), out.alternatives.end(),
                         [&answer](const PlanAlternativeAnswer& known) { return known.name == answer.name; });
        if (same != out.alternatives.end()) {
            answer.shortfall_kwh = same->shortfall_kwh;
            answer.note = answer.note.empty() ? same->note : answer.note;
        }
        all.push_back(std::move(answer));
    }
    out.alternatives = std::move(all);
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
                   .kind = "event",
                   .event_id = entry.corr,
                   .feeder_id = plan->feeder,
                   .start = plan->need_w.start,
                   .end = plan->need_w.end(),
                   .round = round,
                   .sha256 = body.text("/plan_sha256"),
                   .status = status_of(*plan),
                   .planned_at = parse_utc(body.text("/planned_at")).value_or(entry.ts),
                   .made_at = entry.ts,
                   .why = body.text("/why"),
                   .authority = body.text("/authority"),
                   .authority_reason = body.text("/authority_reason"),
                   .chosen = plan->chosen,
                   .cost_gbp = gbp_of(plan->cost.value),
                   .shortfall_kw = kw_of(plan->shortfall_peak),
                   .need = slots(plan->need_w),
                   .relief = slots(plan->relief_w),
                   .actions = action_answers(*plan),
                   .reasons = plan->reasons,
                   .refused = refusals_of(body),
                   .rule_set = plan->rule_set,
                   .nodes_used = plan->nodes_used,
                   .seq = static_cast<std::int64_t>(entry.seq),
                   .planner = body.text("/planner", "optimiser")};
    for (const flex::Alternative& alternative : plan->alternatives) {
        out.alternatives.push_back({.name = alternative.name,
                                    .cost_gbp = gbp_of(alternative.cost.value),
                                    .shortfall_kw = kw_of(alternative.shortfall_peak),
                                    .shortfall_kwh = kwh_of(alternative.shortfall_energy.value),
                                    .lines = static_cast<std::int64_t>(alternative.lines),
                                    .note = alternative.note});
        if (alternative.name == plan->chosen) {
            for (const PlanActionAnswer& action : out.actions) {
                out.alternatives.back().der_ids.push_back(action.der_id);
            }
        }
    }
    add_ways(body, out);
    out.state = out.authority == "shadow" ? "shadow" : plan->lines.empty() ? "expired" : "proposed";
    if (plan->bound) {
        out.bound_gbp = gbp_of(plan->bound->value);
    }
    if (out.state == "proposed") {
        out.expires_at = std::min(out.planned_at + context.approval_expires, context.window_end);
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

/// What the co-pilot said beside a plan.
Result<void> hear(const audit::Entry& entry, std::vector<PlanAnswer>& plans) {
    const json::Value body(entry.body);
    const auto plan = std::find_if(plans.rbegin(), plans.rend(), [&](const PlanAnswer& candidate) {
        return candidate.sha256 == body.text("/plan_sha256");
    });
    if (plan == plans.rend()) {
        return {};
    }
    PlanCopilotAnswer out{.verdict = body.text("/verdict"),
                          .guard = body.text("/guard"),
                          .violations = texts_of(body, "violations"),
                          .summary = body.text("/summary"),
                          .justification = body.text("/justification"),
                          .model = body.text("/model"),
                          .latency_ms = static_cast<double>(body.integer("/latency_us")) / 1000.0,
                          .proposal_sha256 = body.text("/proposal_sha256"),
                          .seq = static_cast<std::int64_t>(entry.seq)};
    if (const json::Value* exchanges = body.get("exchanges"); exchanges != nullptr && exchanges->is_array()) {
        for (const json::Value& seq : *exchanges->as_array()) {
            out.exchanges.push_back(seq.as_int().value_or(0));
        }
    }
    if (const json::Value* proposal = body.get("proposal"); proposal != nullptr && proposal->is_object()) {
        const Result<flex::FlexPlan> proposed = flex::flex_plan_from_json(*proposal);
        if (!proposed) {
            return Error{Errc::corrupt,
                         "entry " + std::to_string(entry.seq) + ": " + proposed.error().message};
        }
        out.proposal_cost_gbp = gbp_of(proposed->cost.value);
        out.proposal_shortfall_kw = kw_of(proposed->shortfall_peak);
        out.proposal_actions = action_answers(*proposed);
    }
    plan->copilot = std::move(out);
    return {};
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

std::vector<PlanActionAnswer> action_answers(const flex::FlexPlan& plan) {
    std::vector<PlanActionAnswer> out;
    for (const flex::PlanLine& line : plan.lines) {
        PlanActionAnswer action{.provider = line.offer.provider,
                                .offer_id = line.offer.id,
                                .der_id = line.offer.der,
                                .der_class = std::string(grid::to_string(line.offer.der_class)),
                                .phase = std::string(grid::to_string(line.offer.phase)),
                                .start = line.power_w.start,
                                .energy_kwh = kwh_of(line.energy.value),
                                .cost_gbp = gbp_of(line.cost.value),
                                .relief_peak_kw = kw_of(line.relief_peak),
                                .price_gbp_per_mwh = gbp_of(line.offer.utilisation.value),
                                .reliability = static_cast<double>(line.offer.reliability_ppm) / 1e6};
        for (const std::int64_t power : line.power_w.values) {
            action.kw.push_back(kw_of(power));
        }
        const auto cheaper =
            std::count_if(plan.lines.begin(), plan.lines.end(), [&line](const flex::PlanLine& other) {
                return other.offer.utilisation < line.offer.utilisation;
            });
        action.reason = why_asked(line, cheaper, plan.lines.size());
        out.push_back(std::move(action));
    }
    return out;
}

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
        } else if (entry.type == "ai.proposal" || entry.type == "ai.rejected") {
            const Result<void> heard = hear(entry, plans);
            if (!heard) {
                return heard.error();
            }
        }
    }
    // Beside what is bought, or behind the end, a plan that nobody may approve any more.
    const bool is_past = agents::is_over(context.state) ||
                         (context.state != agents::EventState::proposed && !context.waits_for_approval);
    if (!plans.empty() && plans.back().state == "proposed" && is_past) {
        plans.back().state = "expired";
        plans.back().expires_at.reset();
    }
    if (!plans.empty() && plans.back().state == "proposed" && context.more_until) {
        plans.back().expires_at = context.more_until;
    }
    if (!plans.empty() && plans.back().copilot) {
        plans.back().copilot->may_be_approved = plans.back().state == "proposed" &&
                                                context.waits_for_approval &&
                                                plans.back().copilot->verdict == "accepted";
    }
    return plans;
}

}  // namespace headroom::desk
