#pragma once

#include "core/json.hpp"
#include "core/reflect.hpp"
#include "core/time.hpp"
#include "desk/feeder_answers.hpp"

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

struct MessageAnswer {
    std::string action = {};
    std::string provider = {};
    std::string direction = {};
    UtcTime at{};
    std::optional<double> latency_ms = {};
    std::string signature = {};
    std::string outcome = {};
    std::string message_id = {};
    std::string sha256 = {};
    std::int64_t seq = 0;
};

struct SearchProviderAnswer {
    std::string provider = {};
    bool answered = false;
    double latency_ms = 0.0;
    std::string fault = {};
    std::int64_t round = 0;
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

struct DeliveryRowAnswer {
    UtcTime start{};
    double baseline_kwh = 0.0;
    double metered_kwh = 0.0;
    double delivered_kwh = 0.0;
    double instructed_kwh = 0.0;
    double payable_kwh = 0.0;
};

struct DeliveryAnswer {
    std::string der_id = {};
    std::string transaction_id = {};
    std::string state = {};
    std::string reason = {};
    std::optional<std::string> payment_gbp = {};
    std::vector<DeliveryRowAnswer> rows = {};
};

struct StatementLineAnswer {
    std::string der_id = {};
    std::string transaction_id = {};
    std::string provider = {};
    double instructed_kwh = 0.0;
    double delivered_kwh = 0.0;
    double payable_kwh = 0.0;
    std::string utilisation_gbp = {};
    std::string availability_gbp = {};
    std::string total_gbp = {};
    std::string state = {};
};

struct StatementAnswer {
    std::string statement_id = {};
    std::int64_t version = 1;
    std::string state = {};
    std::string rounding = {};
    double delivered_kwh = 0.0;
    std::string total_gbp = {};
    std::string sha256 = {};
    std::int64_t seq = 0;
    std::vector<StatementLineAnswer> lines = {};
};

struct AuditLineAnswer {
    std::int64_t seq = 0;
    std::string type = {};
    UtcTime at{};
    std::string outcome = {};
    std::string actor = {};
    std::string text = {};
};

struct AlarmAnswer {
    UtcTime at{};
    std::string kind = {};
    std::string detail = {};
};

struct ReplayPartAnswer {
    std::string name = {};
    bool same = false;
    std::string sha256_logged = {};
    std::string sha256_replayed = {};
    std::int64_t seq = 0;
    std::string detail = {};
};

struct ReplayAnswer {
    std::string event_id = {};
    bool same = false;
    UtcTime at{};
    std::vector<ReplayPartAnswer> parts = {};
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
struct Fields<desk::SlotAnswer> {
    using T = desk::SlotAnswer;
    static constexpr std::string_view name = "Slot";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(field("start", &T::start, "Start of the half-hour."),
                                                  field("kw", &T::kw, "Power.", {.unit = "kW"}));
};

template <>
struct Fields<desk::EventSummaryAnswer> {
    using T = desk::EventSummaryAnswer;
    static constexpr std::string_view name = "EventSummary";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(
        field("event_id", &T::event_id, "Our id, made from the limit and the first half-hour."),
        field("feeder_id", &T::feeder_id, "The feeder in trouble."),
        field("phase", &T::phase, "Phase of the limit."),
        field("state", &T::state,
              "proposed, approved, armed, notified, active, completed, failed or cancelled."),
        field("cause", &T::cause, "live or forecast."),
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
              "relieved, shortfall, unmeasured, shadow, rejected, expired, cleared; empty while it runs."),
        field("note", &T::note, "A sentence for the operator."),
        field("alarmed", &T::alarmed, "An alarm was raised for it."),
        field("authority", &T::authority, "shadow, propose or act: what was granted."),
        field("plan_sha256", &T::plan_sha256, "Hash of the newest plan."),
        field("waits_for_approval", &T::waits_for_approval, "The newest plan waits for somebody's approval."),
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
    static constexpr auto table = std::make_tuple(
        field("event_id", &T::event_id, "The event it started."), field("feeder_id", &T::feeder_id, "Where."),
        field("limit", &T::limit, "The limit that is, or is expected to be, exceeded."),
        field("cause", &T::cause, "live or forecast."),
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
        std::make_tuple(field("name", &T::name,
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
        std::make_tuple(field("at", &T::at, "Domain time."), field("kw", &T::kw, "Load.", {.unit = "kW"}));
};

template <>
struct Fields<desk::EventForecastAnswer> {
    using T = desk::EventForecastAnswer;
    static constexpr std::string_view name = "EventForecast";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(
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
struct Fields<desk::MessageAnswer> {
    using T = desk::MessageAnswer;
    static constexpr std::string_view name = "Message";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(
        field("action", &T::action, "search, on_search, select …"),
        field("provider", &T::provider, "The other side."),
        field("direction", &T::direction, "sent or received."),
        field("at", &T::at, "Wall time at which the log took it."),
        field("latency_ms", &T::latency_ms,
              "Sent: until the acknowledgement; received: since our request. Null when not known.",
              {.unit = "ms"}),
        field("signature", &T::signature, "ours, verified or refused."),
        field("outcome", &T::outcome, "ACK, or what went wrong."),
        field("message_id", &T::message_id, "Beckn message id."),
        field("sha256", &T::sha256, "Of the bytes as they crossed the wire."),
        field("seq", &T::seq, "Audit entry."));
};

template <>
struct Fields<desk::SearchProviderAnswer> {
    using T = desk::SearchProviderAnswer;
    static constexpr std::string_view name = "SearchProvider";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(
        field("provider", &T::provider, "Who was asked."),
        field("answered", &T::answered, "Within the window."),
        field("latency_ms", &T::latency_ms, "Until the answer, or until the window closed.", {.unit = "ms"}),
        field("fault", &T::fault, "Why it was left out, or what was wrong; empty when nothing was."),
        field("round", &T::round, "Planning round of the search."));
};

template <>
struct Fields<desk::InstructionAnswer> {
    using T = desk::InstructionAnswer;
    static constexpr std::string_view name = "Instruction";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(
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
    static constexpr auto table = std::make_tuple(
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
struct Fields<desk::DeliveryRowAnswer> {
    using T = desk::DeliveryRowAnswer;
    static constexpr std::string_view name = "DeliveryRow";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(
        field("start", &T::start, "Start of the half-hour."),
        field("baseline_kwh", &T::baseline_kwh, "Load had nothing been asked.", {.unit = "kWh"}),
        field("metered_kwh", &T::metered_kwh, "As metered.", {.unit = "kWh"}),
        field("delivered_kwh", &T::delivered_kwh, "Signed; positive when it helped.", {.unit = "kWh"}),
        field("instructed_kwh", &T::instructed_kwh, "As instructed, pro rata.", {.unit = "kWh"}),
        field("payable_kwh", &T::payable_kwh, "What is paid for.", {.unit = "kWh"}));
};

template <>
struct Fields<desk::DeliveryAnswer> {
    using T = desk::DeliveryAnswer;
    static constexpr std::string_view name = "Delivery";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        std::make_tuple(field("der_id", &T::der_id, "The resource."),
                        field("transaction_id", &T::transaction_id, "Contract."),
                        field("state", &T::state, "VERIFIED, PENDING_DATA or NO_BASELINE."),
                        field("reason", &T::reason, "Of the last two."),
                        field("payment_gbp", &T::payment_gbp,
                              "Total of its statement line; null when it has none.", {.unit = "GBP"}),
                        field("rows", &T::rows, "Half-hours."));
};

template <>
struct Fields<desk::StatementLineAnswer> {
    using T = desk::StatementLineAnswer;
    static constexpr std::string_view name = "StatementLine";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(
        field("der_id", &T::der_id, "The resource."),
        field("transaction_id", &T::transaction_id, "Contract."),
        field("provider", &T::provider, "Who is paid."),
        field("instructed_kwh", &T::instructed_kwh, "As instructed.", {.unit = "kWh"}),
        field("delivered_kwh", &T::delivered_kwh, "Signed.", {.unit = "kWh"}),
        field("payable_kwh", &T::payable_kwh, "What is paid for.", {.unit = "kWh"}),
        field("utilisation_gbp", &T::utilisation_gbp, "To the millionth.", {.unit = "GBP"}),
        field("availability_gbp", &T::availability_gbp, "To the millionth.", {.unit = "GBP"}),
        field("total_gbp", &T::total_gbp, "Rounded once, half to even, to the penny.", {.unit = "GBP"}),
        field("state", &T::state, "VERIFIED, PENDING_DATA or NO_BASELINE."));
};

template <>
struct Fields<desk::StatementAnswer> {
    using T = desk::StatementAnswer;
    static constexpr std::string_view name = "Statement";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(
        field("statement_id", &T::statement_id, "Its id."),
        field("version", &T::version, "A correction supersedes."),
        field("state", &T::state, "VERIFIED or PENDING_DATA."),
        field("rounding", &T::rounding, "Rule that pence were made by."),
        field("delivered_kwh", &T::delivered_kwh, "Sum of its lines.", {.unit = "kWh"}),
        field("total_gbp", &T::total_gbp, "Sum of the rounded lines.", {.unit = "GBP"}),
        field("sha256", &T::sha256, "Of the settlement result in canonical form."),
        field("seq", &T::seq, "Audit entry."), field("lines", &T::lines, "One per resource and contract."));
};

template <>
struct Fields<desk::AuditLineAnswer> {
    using T = desk::AuditLineAnswer;
    static constexpr std::string_view name = "AuditLine";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(
        field("seq", &T::seq, "Index in the log."),
        field("type", &T::type, "Kind of entry (docs/formats/audit.md)."), field("at", &T::at, "Wall time."),
        field("outcome", &T::outcome, "ok, denied, error or timeout."),
        field("actor", &T::actor, "kind:id of who did it."),
        field("text", &T::text, "In a sentence; empty where there is none."));
};

template <>
struct Fields<desk::AlarmAnswer> {
    using T = desk::AlarmAnswer;
    static constexpr std::string_view name = "Alarm";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(
        field("at", &T::at, "Wall time."), field("kind", &T::kind, "shortfall, no_flexibility, guard …"),
        field("detail", &T::detail, "What is wrong."));
};

template <>
struct Fields<desk::ReplayPartAnswer> {
    using T = desk::ReplayPartAnswer;
    static constexpr std::string_view name = "ReplayPart";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(
        field("name", &T::name, "raise, plan or settlement."), field("same", &T::same, "Byte for byte."),
        field("sha256_logged", &T::sha256_logged, "As it was decided."),
        field("sha256_replayed", &T::sha256_replayed, "As it comes out now."),
        field("seq", &T::seq, "Audit entry of the decision."),
        field("detail", &T::detail, "What was decided, or why it differs."));
};

template <>
struct Fields<desk::ReplayAnswer> {
    using T = desk::ReplayAnswer;
    static constexpr std::string_view name = "Replay";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(
        field("event_id", &T::event_id, "The event."),
        field("same", &T::same, "Every decision came out the same."),
        field("at", &T::at, "Wall time of the replay."), field("parts", &T::parts, "One per decision."));
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
        field("seq", &T::seq, "Audit entry."));
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

template <>
struct Fields<desk::EventPartsAnswer> {
    using T = desk::EventPartsAnswer;
    static constexpr std::string_view name = "EventParts";
    static constexpr bool is_answer = true;
    static constexpr auto table = std::make_tuple(
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
