#pragma once

#include "core/reflect.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::desk {

/// Power in one half-hour.
struct SlotAnswer {
    UtcTime start{};
    double kw = 0.0;
};

struct PlanAlternativeAnswer {
    std::string name = {};
    double cost_gbp = 0.0;
    std::optional<double> shortfall_kw = {};
    std::optional<double> shortfall_kwh = {};
    std::int64_t lines = 0;
    std::string note = {};
    std::optional<double> purchase_gbp = {};
    std::optional<double> certainty = {};
    std::optional<double> carbon_kg = {};
    std::optional<double> probability_over = {};
    std::optional<double> loss_of_life_gbp = {};
    std::vector<std::string> der_ids = {};
};

/// One resource that is asked, with its price and why.
struct PlanActionAnswer {
    std::string provider = {};
    std::string offer_id = {};
    std::string der_id = {};
    std::string der_class = {};
    std::string phase = {};
    UtcTime start{};
    std::vector<double> kw = {};
    double energy_kwh = 0.0;
    double cost_gbp = 0.0;
    double relief_peak_kw = 0.0;
    double price_gbp_per_mwh = 0.0;
    double reliability = 0.0;
    std::optional<std::int64_t> activations = {};
    std::optional<double> carbon_kg = {};
    std::string means = {};
    std::string reason = {};
};

struct PlanRefusedAnswer {
    std::string der_id = {};
    std::string provider = {};
    std::string offer_id = {};
    std::string reason = {};
};

/// What a language model said beside the plan, and what the guards said of that.
struct PlanCopilotAnswer {
    std::string verdict = {};
    std::string guard = {};
    std::vector<std::string> violations = {};
    std::string summary = {};
    std::string justification = {};
    std::string model = {};
    double latency_ms = 0.0;
    bool may_be_approved = false;
    std::string proposal_sha256 = {};
    double proposal_cost_gbp = 0.0;
    double proposal_shortfall_kw = 0.0;
    std::vector<PlanActionAnswer> proposal_actions = {};
    std::vector<std::int64_t> exchanges = {};
    std::int64_t seq = 0;
};

/// A passage of a rulebook that speaks of what the plan was made by.
struct RuleRefAnswer {
    std::string subject = {};
    std::string document = {};
    std::string document_sha256 = {};
    std::string section = {};
    std::int64_t page = 0;
    std::int64_t line = 0;
    std::string quote = {};
    std::vector<std::string> words = {};
};

struct PlanAnswer {
    std::string plan_id = {};
    std::string kind = {};
    std::string event_id = {};
    std::string feeder_id = {};
    UtcTime start{};
    UtcTime end{};
    std::int64_t round = 0;
    std::string sha256 = {};
    std::string state = {};
    std::string status = {};
    UtcTime planned_at{};
    UtcTime made_at{};
    std::string why = {};
    std::string authority = {};
    std::string authority_reason = {};
    std::string chosen = {};
    double cost_gbp = 0.0;
    double shortfall_kw = 0.0;
    std::vector<SlotAnswer> need = {};
    std::vector<SlotAnswer> relief = {};
    std::vector<PlanAlternativeAnswer> alternatives = {};
    std::vector<PlanActionAnswer> actions = {};
    std::vector<std::string> reasons = {};
    std::vector<PlanRefusedAnswer> refused = {};
    std::string rule_set = {};
    std::int64_t nodes_used = 0;
    std::optional<double> bound_gbp = {};
    std::optional<UtcTime> expires_at = {};
    std::optional<std::string> approved_by = {};
    std::string decision_reason = {};
    std::int64_t seq = 0;
    std::vector<RuleRefAnswer> rule_refs = {};
    std::string planner = {};
    std::optional<PlanCopilotAnswer> copilot = {};
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::SlotAnswer> {
    using T = desk::SlotAnswer;
    static constexpr std::string_view name = "Slot";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(field("start", &T::start, "Start of the half-hour."),
                                              field("kw", &T::kw, "Power.", {.unit = "kW"}));
};

template <>
struct Fields<desk::PlanAlternativeAnswer> {
    using T = desk::PlanAlternativeAnswer;
    static constexpr std::string_view name = "PlanAlternative";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("name", &T::name, "do_nothing, cheapest, most_certain, greedy …"),
        field("cost_gbp", &T::cost_gbp, "What it would cost.", {.unit = "GBP"}),
        field("shortfall_kw", &T::shortfall_kw,
              "Largest need left uncovered; null where only its energy was kept.", {.unit = "kW"}),
        field("shortfall_kwh", &T::shortfall_kwh, "Energy left uncovered; null where only its peak was kept.",
              {.unit = "kWh"}),
        field("lines", &T::lines, "Offers used."), field("note", &T::note, "In a sentence."),
        field("purchase_gbp", &T::purchase_gbp,
              "Purchases alone, where `cost_gbp` holds what stays uncovered too; null where it does not.",
              {.unit = "GBP"}),
        field("certainty", &T::certainty,
              "Share of drawn deliveries that cover the whole need; null where none were drawn."),
        field("carbon_kg", &T::carbon_kg, "Of the energy bought; null where it is not known.",
              {.unit = "kg"}),
        field("probability_over", &T::probability_over,
              "That the limit is exceeded; null where it was not reckoned."),
        field("loss_of_life_gbp", &T::loss_of_life_gbp,
              "Ageing of the transformer behind the limit; null where none is known.", {.unit = "GBP"}),
        field("der_ids", &T::der_ids, "Who is asked; empty where only their number was kept."));
};

template <>
struct Fields<desk::PlanActionAnswer> {
    using T = desk::PlanActionAnswer;
    static constexpr std::string_view name = "PlannedAction";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("provider", &T::provider, "Who offers it."),
        field("offer_id", &T::offer_id, "Unique within the provider; empty for a DER that was handed in."),
        field("der_id", &T::der_id, "The resource."),
        field("der_class", &T::der_class, "battery, ev_charger … or as it was handed in."),
        field("phase", &T::phase, "Of the resource; empty where it is not known."),
        field("start", &T::start, "First slot of `kw`."),
        field("kw", &T::kw, "Power asked in each slot.", {.unit = "kW"}),
        field("energy_kwh", &T::energy_kwh, "Over all slots.", {.unit = "kWh"}),
        field("cost_gbp", &T::cost_gbp, "Utilisation and availability, or starts and energy.",
              {.unit = "GBP"}),
        field("relief_peak_kw", &T::relief_peak_kw, "Largest relief on the limit's phase.", {.unit = "kW"}),
        field("price_gbp_per_mwh", &T::price_gbp_per_mwh, "Of delivered energy.", {.unit = "GBP/MWh"}),
        field("reliability", &T::reliability, "Share delivered in the past."),
        field("activations", &T::activations, "Starts; null where they are not counted."),
        field("carbon_kg", &T::carbon_kg, "Of its energy; null where it is not known.", {.unit = "kg"}),
        field("means", &T::means,
              "armed, spot, curtailable or mobile_generation; empty where it is not told."),
        field("reason", &T::reason, "Why it is asked, in a sentence."));
};

template <>
struct Fields<desk::PlanRefusedAnswer> {
    using T = desk::PlanRefusedAnswer;
    static constexpr std::string_view name = "PlanRefusedOffer";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("der_id", &T::der_id, "The resource that is not asked."),
                    field("provider", &T::provider, "Who offers it; empty where it is not known."),
                    field("offer_id", &T::offer_id, "Of a market's offer; empty otherwise."),
                    field("reason", &T::reason, "Why not."));
};

template <>
struct Fields<desk::PlanCopilotAnswer> {
    using T = desk::PlanCopilotAnswer;
    static constexpr std::string_view name = "PlanCopilot";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("verdict", &T::verdict,
              "accepted, or why the deterministic plan stands: llm_timeout, llm_schema, llm_infeasible, "
              "llm_worse, llm_breaker_open, llm_disabled, llm_unavailable or llm_budget."),
        field("guard", &T::guard,
              "Guard that refused: schema, ids, semantics, rules, physics or cost; empty when none did."),
        field("violations", &T::violations, "What is wrong with the proposal, in the guard's words."),
        field("summary", &T::summary, "The model's, of an accepted proposal. Plain text; untrusted."),
        field("justification", &T::justification, "The same."),
        field("model", &T::model, "Which model; empty when none was asked."),
        field("latency_ms", &T::latency_ms, "Of the whole turn, beside the plan.", {.unit = "ms"}),
        field("may_be_approved", &T::may_be_approved,
              "The plan waits for a person, who may approve the proposal, by its own sha256, instead."),
        field("proposal_sha256", &T::proposal_sha256, "Of an accepted proposal; empty otherwise."),
        field("proposal_cost_gbp", &T::proposal_cost_gbp, "Reckoned by us.", {.unit = "GBP"}),
        field("proposal_shortfall_kw", &T::proposal_shortfall_kw, "Largest need left uncovered by it.",
              {.unit = "kW"}),
        field("proposal_actions", &T::proposal_actions, "Of an accepted proposal."),
        field("exchanges", &T::exchanges, "Audit entries of what was sent and answered."),
        field("seq", &T::seq, "Audit entry of the verdict."));
};

template <>
struct Fields<desk::RuleRefAnswer> {
    using T = desk::RuleRefAnswer;
    static constexpr std::string_view name = "RuleRef";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("subject", &T::subject, "limit, dispatch, margin, notice, programme or shortfall."),
                    field("document", &T::document, "Name of the rulebook."),
                    field("document_sha256", &T::document_sha256, "Which edition."),
                    field("section", &T::section, "Headings above the passage."),
                    field("page", &T::page, "From 1; 0 where it has no pages."),
                    field("line", &T::line, "First line of the passage."),
                    field("quote", &T::quote, "A part of the passage, byte for byte. Plain text."),
                    field("words", &T::words, "What it is cited for, as it stands there."));
};

template <>
struct Fields<desk::PlanAnswer> {
    using T = desk::PlanAnswer;
    static constexpr std::string_view name = "Plan";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("plan_id", &T::plan_id, "<event_id>.<round>, or P-… of a plan that was handed in."),
        field("kind", &T::kind, "event, or asked: handed in by POST /api/v1/plans."),
        field("event_id", &T::event_id, "The event; empty for a plan that was handed in."),
        field("feeder_id", &T::feeder_id, "Whose limit it is about."),
        field("start", &T::start, "Of the first slot."), field("end", &T::end, "Half-open."),
        field("round", &T::round, "Of planning, from 1; 0 for a plan that was handed in."),
        field("sha256", &T::sha256, "What an approval binds to."),
        field("state", &T::state,
              "proposed, approved, rejected, authorised, superseded or expired; shadow for a plan that was "
              "only shown; dry_run for one that was handed in."),
        field("status", &T::status, "optimal, feasible or partial: some of the need stays open."),
        field("planned_at", &T::planned_at, "Domain time of the decision."),
        field("made_at", &T::made_at, "Wall time."), field("why", &T::why, "Why this round was planned."),
        field("authority", &T::authority, "shadow, propose or act."),
        field("authority_reason", &T::authority_reason, "In a sentence."),
        field("chosen", &T::chosen, "Name of the alternative taken."),
        field("cost_gbp", &T::cost_gbp, "Of its lines.", {.unit = "GBP"}),
        field("shortfall_kw", &T::shortfall_kw, "Largest need left uncovered.", {.unit = "kW"}),
        field("need", &T::need, "On the limit's phase."),
        field("relief", &T::relief, "Planned, on the limit's phase."),
        field("alternatives", &T::alternatives, "What it was compared with."),
        field("actions", &T::actions, "Who is asked for what."),
        field("reasons", &T::reasons, "Sentences for the operator, most important first."),
        field("refused", &T::refused, "Offers not usable, each with why."),
        field("rule_set", &T::rule_set, "id@version of the operator's rules."),
        field("nodes_used", &T::nodes_used, "Work of the search."),
        field("bound_gbp", &T::bound_gbp, "Proven lower bound on the cost of any cover.", {.unit = "GBP"}),
        field("expires_at", &T::expires_at,
              "Domain time until which it may be approved; null when it does not wait."),
        field("approved_by", &T::approved_by, "A person, or an authority envelope."),
        field("decision_reason", &T::decision_reason, "Reason of the approval or rejection."),
        field("seq", &T::seq, "Audit entry."),
        field("rule_refs", &T::rule_refs, "Passages of the site's rulebooks; empty where they are silent."),
        field("planner", &T::planner, "optimiser, or llm+optimiser when a model's proposal was approved."),
        field("copilot", &T::copilot, "What the co-pilot said beside it; null when it was not asked."));
};

}  // namespace headroom
