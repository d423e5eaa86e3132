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
    double shortfall_kw = 0.0;
    double shortfall_kwh = 0.0;
    std::int64_t lines = 0;
    std::string note = {};
};

struct PlanLineAnswer {
    std::string provider = {};
    std::string offer_id = {};
    std::string der_id = {};
    std::string der_class = {};
    std::string phase = {};
    UtcTime start{};
    std::vector<double> kw = {};
    double cost_gbp = 0.0;
    double relief_peak_kw = 0.0;
    double price_gbp_per_mwh = 0.0;
    double reliability = 0.0;
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
    std::string event_id = {};
    std::int64_t round = 0;
    std::string sha256 = {};
    std::string state = {};
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
    std::vector<PlanLineAnswer> lines = {};
    std::vector<std::string> reasons = {};
    std::vector<std::string> left_out = {};
    std::string rule_set = {};
    std::int64_t nodes_used = 0;
    std::optional<double> bound_gbp = {};
    std::optional<UtcTime> expires_at = {};
    std::optional<std::string> approved_by = {};
    std::string decision_reason = {};
    std::int64_t seq = 0;
    std::vector<RuleRefAnswer> rule_refs = {};
};

struct ContractLineAnswer {
    std::string der_id = {};
    std::vector<double> kw = {};
    UtcTime start{};
};

struct ContractAnswer {
    std::string transaction_id = {};
    std::string order_id = {};
    std::string event_id = {};
    std::string provider = {};
    std::string kind = {};
    std::string state = {};
    std::vector<ContractLineAnswer> lines = {};
    double cost_gbp = 0.0;
    std::string failure = {};
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::SlotAnswer> {
    using T = desk::SlotAnswer;
    static constexpr std::string_view name = "Slot";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(field("start", &T::start, "Start of the half-hour."),
                                                  field("kw", &T::kw, "Power.", {.unit = "kW"}));
};

template <>
struct Fields<desk::PlanAlternativeAnswer> {
    using T = desk::PlanAlternativeAnswer;
    static constexpr std::string_view name = "PlanAlternative";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(
        field("name", &T::name, "do_nothing, cheapest, most_certain, greedy …"),
        field("cost_gbp", &T::cost_gbp, "What it would cost.", {.unit = "GBP"}),
        field("shortfall_kw", &T::shortfall_kw, "Largest need left uncovered.", {.unit = "kW"}),
        field("shortfall_kwh", &T::shortfall_kwh, "Energy left uncovered.", {.unit = "kWh"}),
        field("lines", &T::lines, "Offers used."), field("note", &T::note, "In a sentence."));
};

template <>
struct Fields<desk::PlanLineAnswer> {
    using T = desk::PlanLineAnswer;
    static constexpr std::string_view name = "PlanLine";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(
        field("provider", &T::provider, "Who offers it."),
        field("offer_id", &T::offer_id, "Unique within the provider."),
        field("der_id", &T::der_id, "The resource."),
        field("der_class", &T::der_class, "battery, ev_charger …"),
        field("phase", &T::phase, "Of the resource."), field("start", &T::start, "First half-hour of `kw`."),
        field("kw", &T::kw, "Power asked in each half-hour.", {.unit = "kW"}),
        field("cost_gbp", &T::cost_gbp, "Utilisation and availability.", {.unit = "GBP"}),
        field("relief_peak_kw", &T::relief_peak_kw, "Largest relief on the limit's phase.", {.unit = "kW"}),
        field("price_gbp_per_mwh", &T::price_gbp_per_mwh, "Of delivered energy.", {.unit = "GBP/MWh"}),
        field("reliability", &T::reliability, "Share delivered in the past."));
};

template <>
struct Fields<desk::RuleRefAnswer> {
    using T = desk::RuleRefAnswer;
    static constexpr std::string_view name = "RuleRef";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(
        field("subject", &T::subject, "limit, dispatch, margin, notice, programme or shortfall."),
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
    static constexpr auto table = std::make_tuple(
        field("plan_id", &T::plan_id, "<event_id>.<round>"), field("event_id", &T::event_id, "The event."),
        field("round", &T::round, "Of planning, from 1."),
        field("sha256", &T::sha256, "What an approval binds to."),
        field("state", &T::state,
              "proposed, approved, rejected, authorised, superseded or expired; shadow for a plan that was "
              "only shown."),
        field("made_at", &T::made_at, "Wall time."), field("why", &T::why, "Why this round was planned."),
        field("authority", &T::authority, "shadow, propose or act."),
        field("authority_reason", &T::authority_reason, "In a sentence."),
        field("chosen", &T::chosen, "Name of the alternative taken."),
        field("cost_gbp", &T::cost_gbp, "Of its lines.", {.unit = "GBP"}),
        field("shortfall_kw", &T::shortfall_kw, "Largest need left uncovered.", {.unit = "kW"}),
        field("need", &T::need, "On the limit's phase."),
        field("relief", &T::relief, "Planned, on the limit's phase."),
        field("alternatives", &T::alternatives, "What it was compared with."),
        field("lines", &T::lines, "Offers used."),
        field("reasons", &T::reasons, "Sentences for the operator, most important first."),
        field("left_out", &T::left_out, "Offers not usable, each with why."),
        field("rule_set", &T::rule_set, "id@version of the operator's rules."),
        field("nodes_used", &T::nodes_used, "Work of the search."),
        field("bound_gbp", &T::bound_gbp, "Proven lower bound on the cost of any cover.", {.unit = "GBP"}),
        field("expires_at", &T::expires_at,
              "Domain time until which it may be approved; null when it does not wait."),
        field("approved_by", &T::approved_by, "A person, or an authority envelope."),
        field("decision_reason", &T::decision_reason, "Reason of the approval or rejection."),
        field("seq", &T::seq, "Audit entry."),
        field("rule_refs", &T::rule_refs, "Passages of the site's rulebooks; empty where they are silent."));
};

template <>
struct Fields<desk::ContractLineAnswer> {
    using T = desk::ContractLineAnswer;
    static constexpr std::string_view name = "ContractLine";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        std::make_tuple(field("der_id", &T::der_id, "The resource."),
                        field("kw", &T::kw, "Committed change in each half-hour.", {.unit = "kW"}),
                        field("start", &T::start, "First half-hour."));
};

template <>
struct Fields<desk::ContractAnswer> {
    using T = desk::ContractAnswer;
    static constexpr std::string_view name = "Contract";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(
        field("transaction_id", &T::transaction_id, "Beckn transaction."),
        field("order_id", &T::order_id, "The provider's, from on_confirm."),
        field("event_id", &T::event_id, "The event."), field("provider", &T::provider, "Who promised."),
        field("kind", &T::kind, "framework, availability or spot."),
        field("state", &T::state,
              "requested, quoted, confirming, active, activated, completed, cancelled, failed or unknown."),
        field("lines", &T::lines, "As committed."),
        field("cost_gbp", &T::cost_gbp, "Of its lines as committed.", {.unit = "GBP"}),
        field("failure", &T::failure, "Why failed or cancelled; empty otherwise."));
};

}  // namespace headroom
