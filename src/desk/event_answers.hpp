#pragma once

#include "core/reflect.hpp"
#include "core/time.hpp"
#include "desk/contract_answers.hpp"
#include "desk/evidence_answers.hpp"
#include "desk/feeder_answers.hpp"
#include "desk/plan_answers.hpp"
#include "desk/settlement_answers.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::desk {

struct EventSummaryAnswer {
    std::string event_id = {};
    std::string feeder_id = {};
    std::string phase = {};
    std::string state = {};
    std::string cause = {};
    std::string level = {};
    UtcTime start{};
    UtcTime end{};
    UtcTime detected_at{};
    double required_kw = 0.0;
    double contracted_kw = 0.0;
    double shortfall_kw = 0.0;
    double delivered_kw = 0.0;
    double delivered_kwh = 0.0;
    double cost_gbp = 0.0;
    double statement_gbp = 0.0;
    std::string outcome = {};
    std::string note = {};
    bool alarmed = false;
    std::string authority = {};
    std::string plan_sha256 = {};
    bool waits_for_approval = false;
    bool seen_week_ahead = false;
    std::optional<UtcTime> review_at = {};
    double limit_kw = 0.0;
    LimitAnswer limit = {};
    std::optional<double> peak_without_kw = {};
    std::optional<double> peak_with_kw = {};
};

struct OverloadAnswer {
    std::string event_id = {};
    std::string feeder_id = {};
    LimitAnswer limit = {};
    std::string cause = {};
    std::string level = {};
    UtcTime detected_at{};
    UtcTime start{};
    UtcTime end{};
    double peak_over_kw = 0.0;
    double peak_load_kw = 0.0;
    double energy_over_kwh = 0.0;
    double probability = 0.0;
    double time_to_limit_s = 0.0;
    std::optional<double> expected_over_kwh = {};
    std::optional<double> alarm_quantile = {};
    std::string state = {};
    std::vector<SlotAnswer> need = {};
};

struct MomentAnswer {
    std::string name = {};
    UtcTime at{};
    std::optional<double> since_detection_ms = {};
};

struct RecentAnswer {
    UtcTime at{};
    double kw = 0.0;
};

struct EventForecastAnswer {
    std::optional<UtcTime> start = {};
    std::int64_t step_s = 1800;
    std::vector<double> quantiles = {};
    std::vector<std::vector<double>> load_kw = {};
    double alarm_quantile = 0.0;
    std::vector<RecentAnswer> recent = {};
    std::string method = {};
    std::string model = {};
};

struct InstructionAnswer {
    std::string instruction_id = {};
    std::string der_id = {};
    std::string kind = {};
    double value_kw = 0.0;
    UtcTime start{};
    UtcTime expires_at{};
    std::string state = {};
    std::optional<UtcTime> sent_at = {};
    std::optional<UtcTime> acked_at = {};
    std::optional<double> ack_ms = {};
    std::string detail = {};
    std::int64_t attempt = 1;
    std::int64_t seq = 0;
};

struct AssignmentAnswer {
    std::string der_id = {};
    std::string der_class = {};
    std::string provider = {};
    std::string state = {};
    std::vector<SlotAnswer> kw = {};
    double relief_share = 0.0;
    std::optional<double> baseline_kw = {};
    std::string transaction_id = {};
};

/// What the detail of an event has besides its summary.
struct EventPartsAnswer {
    OverloadAnswer overload = {};
    std::vector<MomentAnswer> clock = {};
    std::optional<double> detection_to_dispatch_ms = {};
    EventForecastAnswer forecast = {};
    std::vector<PlanAnswer> plans = {};
    std::vector<MessageAnswer> messages = {};
    std::vector<SearchProviderAnswer> providers = {};
    std::vector<ContractAnswer> contracts = {};
    std::vector<InstructionAnswer> instructions = {};
    std::vector<AssignmentAnswer> assignments = {};
    std::vector<DeliveryAnswer> delivery = {};
    std::optional<StatementAnswer> statement = {};
    std::vector<AuditLineAnswer> audit = {};
    std::vector<AlarmAnswer> alarms = {};
    std::string series_point = {};
    std::optional<ReplayAnswer> replay = {};
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::EventSummaryAnswer> {
    using T = desk::EventSummaryAnswer;
    static constexpr std::string_view name = "EventSummary";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("event_id", &T::event_id, "Our id, made from the limit and the first half-hour."),
        field("feeder_id", &T::feeder_id, "The feeder in trouble."),
        field("phase", &T::phase, "Phase of the limit."),
        field("state", &T::state,
              "proposed, approved, armed, notified, active, completed, failed or cancelled."),
        field("cause", &T::cause, "live, forecast, or person: asked for by somebody."),
        field("level", &T::level, "low, medium, high or critical, by the worst loading."),
        field("start", &T::start, "First half-hour over the limit."),
        field("end", &T::end, "End of the window, half-open."),
        field("detected_at", &T::detected_at, "Domain time of detection."),
        field("required_kw", &T::required_kw, "Largest need.", {.unit = "kW"}),
        field("contracted_kw", &T::contracted_kw, "Largest committed relief on the limit's phase.",
              {.unit = "kW"}),
        field("shortfall_kw", &T::shortfall_kw, "Largest need that no contract covers.", {.unit = "kW"}),
        field("delivered_kw", &T::delivered_kw,
              "Largest mean relief in a half-hour, from meters; 0 until settled.", {.unit = "kW"}),
        field("delivered_kwh", &T::delivered_kwh, "Delivered energy, from meters.", {.unit = "kWh"}),
        field("cost_gbp", &T::cost_gbp, "Of the contracts as committed.", {.unit = "GBP"}),
        field("statement_gbp", &T::statement_gbp, "Total of the statement.", {.unit = "GBP"}),
        field("outcome", &T::outcome,
              "relieved, shortfall, unmeasured, shadow, rejected, expired, cleared, within_rating; empty "
              "while it runs."),
        field("note", &T::note, "A sentence for the operator."),
        field("alarmed", &T::alarmed, "An alarm was raised for it."),
        field("authority", &T::authority, "shadow, propose or act: what was granted."),
        field("plan_sha256", &T::plan_sha256, "Hash of the newest plan."),
        field("waits_for_approval", &T::waits_for_approval, "The newest plan waits for somebody's approval."),
        field(
            "seen_week_ahead", &T::seen_week_ahead,
            "An outlook showed it, days before its window: armed for at most, until a live forecast confirms "
            "it."),
        field("review_at", &T::review_at,
              "When it is weighed anew whether to buy for it; null when nothing was put off."),
        field("limit_kw", &T::limit_kw, "The limit.", {.unit = "kW"}),
        field("limit", &T::limit, "The limit and where it comes from."),
        field("peak_without_kw", &T::peak_without_kw,
              "Largest minute of the window had nothing been asked; null when not known.", {.unit = "kW"}),
        field("peak_with_kw", &T::peak_with_kw,
              "Largest minute of the window as measured; null when not known.", {.unit = "kW"}));
};

template <>
struct Fields<desk::OverloadAnswer> {
    using T = desk::OverloadAnswer;
    static constexpr std::string_view name = "Overload";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("event_id", &T::event_id, "The event it started."), field("feeder_id", &T::feeder_id, "Where."),
        field("limit", &T::limit, "The limit that is, or is expected to be, exceeded."),
        field("cause", &T::cause, "live, forecast, or person: asked for by somebody."),
        field("level", &T::level, "low, medium, high or critical."),
        field("detected_at", &T::detected_at, "Domain time."),
        field("start", &T::start, "First half-hour over the limit."), field("end", &T::end, "Half-open."),
        field("peak_over_kw", &T::peak_over_kw, "Largest load minus limit.", {.unit = "kW"}),
        field("peak_load_kw", &T::peak_load_kw, "Largest load.", {.unit = "kW"}),
        field("energy_over_kwh", &T::energy_over_kwh, "Energy above the limit.", {.unit = "kWh"}),
        field("probability", &T::probability, "That the limit is exceeded at all in the window."),
        field("time_to_limit_s", &T::time_to_limit_s, "0 when it is exceeded already.", {.unit = "s"}),
        field("expected_over_kwh", &T::expected_over_kwh,
              "Of a forecast: energy to be expected over the limit, over all quantiles; null for a live "
              "overload.",
              {.unit = "kWh"}),
        field(
            "alarm_quantile", &T::alarm_quantile,
            "Of a forecast: the quantile it was raised at, which follows from the costs of a missed overload "
            "and of a needless purchase; null for a live overload."),
        field("state", &T::state, "State of its event."),
        field("need", &T::need, "What must be relieved in each half-hour."));
};

template <>
struct Fields<desk::MomentAnswer> {
    using T = desk::MomentAnswer;
    static constexpr std::string_view name = "Moment";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("name", &T::name,
                          "interval_end, received, detected, decided, authorised, committed, fired, "
                          "sent_first, sent_last, acked, responding, relieved."),
                    field("at", &T::at, "Domain time."),
                    field("since_detection_ms", &T::since_detection_ms,
                          "Wall time since detection; null after a restart.", {.unit = "ms"}));
};

template <>
struct Fields<desk::RecentAnswer> {
    using T = desk::RecentAnswer;
    static constexpr std::string_view name = "RecentLoad";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("at", &T::at, "Domain time."), field("kw", &T::kw, "Load.", {.unit = "kW"}));
};

template <>
struct Fields<desk::EventForecastAnswer> {
    using T = desk::EventForecastAnswer;
    static constexpr std::string_view name = "EventForecast";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("start", &T::start, "First half-hour; null when only readings were judged."),
        field("step_s", &T::step_s, "Length of a step.", {.unit = "s"}),
        field("quantiles", &T::quantiles, "Ascending."),
        field("load_kw", &T::load_kw,
              "For each half-hour the load at each quantile, as it was when the overload was raised.",
              {.unit = "kW"}),
        field("alarm_quantile", &T::alarm_quantile, "Quantile that alarms are raised at."),
        field("recent", &T::recent, "Readings that were judged, newest last."),
        field("method", &T::method, "How the forecast was made."),
        field("model", &T::model, "Id of the learnt model that made it; empty for another method."));
};

template <>
struct Fields<desk::InstructionAnswer> {
    using T = desk::InstructionAnswer;
    static constexpr std::string_view name = "Instruction";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("instruction_id", &T::instruction_id, "The same id is the same instruction for ever."),
        field("der_id", &T::der_id, "Who was told."),
        field("kind", &T::kind, "setpoint, limit_import, limit_export or release."),
        field("value_kw", &T::value_kw, "Setpoint or limit at the DER, import positive.", {.unit = "kW"}),
        field("start", &T::start, "Domain time."),
        field("expires_at", &T::expires_at, "The device falls back by itself then."),
        field("state", &T::state,
              "planned, intent, sent, acked, active, ended, nacked, timeout, expired, cancelled, superseded "
              "or unknown."),
        field("sent_at", &T::sent_at, "Wall time at which the transport took it."),
        field("acked_at", &T::acked_at, "Wall time of the device's answer."),
        field("ack_ms", &T::ack_ms, "From sending to the answer.", {.unit = "ms"}),
        field("detail", &T::detail, "Reason of a refusal or fault."),
        field("attempt", &T::attempt, "Sends so far."), field("seq", &T::seq, "Audit entry of the intent."));
};

template <>
struct Fields<desk::AssignmentAnswer> {
    using T = desk::AssignmentAnswer;
    static constexpr std::string_view name = "Assignment";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("der_id", &T::der_id, "The resource."),
        field("der_class", &T::der_class, "battery, ev_charger …"),
        field("provider", &T::provider, "Who markets it."),
        field("state", &T::state, "armed, told, following, silent, refused or released."),
        field("kw", &T::kw, "Committed change in each half-hour."),
        field("relief_share", &T::relief_share, "Share of its power that relieves the limit's phase."),
        field("baseline_kw", &T::baseline_kw, "Its load when it was first told; null before.",
              {.unit = "kW"}),
        field("transaction_id", &T::transaction_id, "Contract it belongs to."));
};

template <>
struct Fields<desk::EventPartsAnswer> {
    using T = desk::EventPartsAnswer;
    static constexpr std::string_view name = "EventParts";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("overload", &T::overload, "As it was raised; need and end may have grown since."),
        field("clock", &T::clock, "What happened when."),
        field("detection_to_dispatch_ms", &T::detection_to_dispatch_ms,
              "From detection to the first instruction taken by the transport, wall time.", {.unit = "ms"}),
        field("forecast", &T::forecast, "As it was when the overload was raised."),
        field("plans", &T::plans, "Oldest first."),
        field("messages", &T::messages, "Every Beckn message, in the order of the log."),
        field("providers", &T::providers, "Who was asked in the searches; a slow one is named here."),
        field("contracts", &T::contracts, "One per transaction."),
        field("instructions", &T::instructions, "In the order sent."),
        field("assignments", &T::assignments, "What each resource does for the event."),
        field("delivery", &T::delivery, "Empty until settled."),
        field("statement", &T::statement, "Null until settled."),
        field("audit", &T::audit, "Every entry of the event."), field("alarms", &T::alarms, "Oldest first."),
        field("series_point", &T::series_point, "The limit's point, for /api/v1/series."),
        field("replay", &T::replay, "The newest replay since start; null before."));
};

}  // namespace headroom
