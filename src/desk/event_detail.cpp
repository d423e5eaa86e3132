#include "desk/event_detail.hpp"

#include "desk/amounts.hpp"
#include "dispatch/instruction.hpp"
#include "flex/contract.hpp"
#include "forecast/load_forecast.hpp"
#include "risk/assess.hpp"
#include "settlement/statement.hpp"
#include "telemetry/reading.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace headroom::desk {
namespace {

using Entries = std::vector<std::shared_ptr<const EvidenceEntry>>;

/// An instruction is known by its id; later entries change what its intent made.
class Instructions {
  public:
    void take(const audit::Entry& entry) {
        const json::Value body(entry.body);
        if (entry.type == "dispatch.order.intent") {
            begin(entry, body);
            return;
        }
        const auto found = index_.find(body.text("/order", entry.caus));
        if (found != index_.end()) {
            go_on(entry, body, list_[found->second]);
        }
    }
    std::vector<InstructionAnswer> list() && { return std::move(list_); }

  private:
    void begin(const audit::Entry& entry, const json::Value& body) {
        const std::string id = body.text("/order");
        const auto [known, is_new] = index_.emplace(id, list_.size());
        if (!is_new) {
            list_[known->second].attempt = body.integer("/attempt", 1);
            return;
        }
        InstructionAnswer out{.instruction_id = id,
                              .der_id = body.text("/der"),
                              .kind = body.text("/kind"),
                              .value_kw = kw_of(body.integer("/setpoint_w")),
                              .state = "intent",
                              .attempt = body.integer("/attempt", 1),
                              .seq = static_cast<std::int64_t>(entry.seq)};
        out.start = parse_utc(body.text("/start")).value_or(UtcTime{});
        out.expires_at = parse_utc(body.text("/expires")).value_or(UtcTime{});
        list_.push_back(std::move(out));
    }

    static void go_on(const audit::Entry& entry, const json::Value& body, InstructionAnswer& out) {
        static const std::map<std::string, std::string, std::less<>> states{
            {"dispatch.order.sent", "sent"},       {"dispatch.order.ack", "acked"},
            {"dispatch.order.nack", "nacked"},     {"dispatch.order.timeout", "timeout"},
            {"dispatch.order.expired", "expired"}, {"dispatch.order.cancel", "cancelled"}};
        const auto state = states.find(entry.type);
        if (state == states.end()) {
            return;
        }
        out.attempt = std::max(out.attempt, body.integer("/attempt", 1));
        const std::string detail = body.text("/detail", body.text("/reason"));
        if (entry.type == "dispatch.order.sent") {
            out.sent_at = out.sent_at.value_or(entry.ts);
            out.state = out.state == "intent" ? "sent" : out.state;
            return;
        }
        out.state = state->second;
        out.detail = detail.empty() ? out.detail : detail;
        if (entry.type == "dispatch.order.ack" || entry.type == "dispatch.order.nack") {
            out.acked_at = entry.ts;
            if (const json::Value* latency = body.get("latency_us")) {
                out.ack_ms = static_cast<double>(latency->as_int().value_or(0)) / 1000.0;
            }
        }
    }

    std::vector<InstructionAnswer> list_;
    std::map<std::string, std::size_t> index_;
};

MessageAnswer message_of(const audit::Entry& entry) {
    const json::Value body(entry.body);
    const bool is_sent = entry.type == "beckn.sent";
    MessageAnswer out{.action = body.text("/action"),
                      .provider = body.text("/peer"),
                      .direction = is_sent ? "sent" : "received",
                      .at = entry.ts,
                      .signature = is_sent                             ? "ours"
                                   : body.text("/signature") == "good" ? "verified"
                                                                       : "refused",
                      .outcome = body.text("/result"),
                      .message_id = body.text("/message_id"),
                      .sha256 = body.text("/sha256"),
                      .seq = static_cast<std::int64_t>(entry.seq)};
    const std::int64_t latency_us = body.integer("/latency_us", -1);
    if (latency_us >= 0) {
        out.latency_ms = static_cast<double>(latency_us) / 1000.0;
    }
    return out;
}

/// A confirm's intent is written down before it is sent; once its fate is known, that is what counts.
std::vector<MessageAnswer> messages_of(const Entries& entries) {
    std::set<std::string> settled;
    for (const auto& evidence : entries) {
        const json::Value body(evidence->entry.body);
        if (evidence->entry.type == "beckn.sent" && body.text("/result") != "intent") {
            settled.insert(body.text("/message_id"));
        }
    }
    std::vector<MessageAnswer> messages;
    for (const auto& evidence : entries) {
        const audit::Entry& entry = evidence->entry;
        if (entry.type != "beckn.sent" && entry.type != "beckn.received") {
            continue;
        }
        MessageAnswer message = message_of(entry);
        if (entry.type == "beckn.sent" && message.outcome == "intent") {
            if (settled.contains(message.message_id)) {
                continue;
            }
            message.latency_ms.reset();
        }
        messages.push_back(std::move(message));
    }
    return messages;
}

std::vector<SearchProviderAnswer> providers_of(const Entries& entries) {
    std::vector<SearchProviderAnswer> out;
    for (const auto& evidence : entries) {
        const json::Value body(evidence->entry.body);
        const json::Value* answers = body.get("answers");
        if (evidence->entry.type != "dispatch.plan" || answers == nullptr || answers->as_array() == nullptr) {
            continue;
        }
        for (const json::Value& answer : *answers->as_array()) {
            out.push_back({.provider = answer.text("/provider"),
                           .answered = answer.boolean("/answered"),
                           .latency_ms = static_cast<double>(answer.integer("/latency_us")) / 1000.0,
                           .fault = answer.text("/fault"),
                           .round = body.integer("/round")});
        }
    }
    return out;
}

Result<EventForecastAnswer> forecast_of(const Entries& entries) {
    EventForecastAnswer out{.quantiles = {forecast::quantiles.begin(), forecast::quantiles.end()}};
    for (const auto& evidence : entries) {
        const json::Value body(evidence->entry.body);
        const json::Value* kept = body.get("input");
        if (evidence->entry.type != "constraint.raised" || kept == nullptr ||
            body.text("/decision") != "risk.raise") {
            continue;
        }
        const Result<risk::RiskInput> input = risk::risk_input_from_json(*kept);
        if (!input) {
            return Error{Errc::corrupt,
                         "entry " + std::to_string(evidence->entry.seq) + ": " + input.error().message};
        }
        out.method = body.text("/forecast_method");
        out.model = body.text("/forecast_model");
        out.alarm_quantile = static_cast<double>(input->rules.alarm_quantile_ppm) / 1e6;
        if (!input->forecast_w.empty()) {
            out.start = input->forecast_start;
        }
        for (const std::vector<std::int64_t>& loads : input->forecast_w) {
            std::vector<double>& row = out.load_kw.emplace_back();
            for (const std::int64_t load_w : loads) {
                row.push_back(kw_of(load_w));
            }
        }
        for (const risk::RecentLoad& load : input->recent) {
            out.recent.push_back({.at = load.at, .kw = kw_of(load.w)});
        }
        break;
    }
    return out;
}

StatementAnswer statement_of(const settlement::Statement& statement, const audit::Entry& entry) {
    StatementAnswer out{.statement_id = statement.id,
                        .version = statement.version,
                        .state = statement.state,
                        .rounding = statement.rounding,
                        .delivered_kwh = kwh_of(statement.delivered.value),
                        .total_gbp = gbp_text_of_pence(statement.total_pence),
                        .sha256 = json::Value(entry.body).text("/result_sha256"),
                        .seq = static_cast<std::int64_t>(entry.seq)};
    for (const settlement::StatementLine& line : statement.lines) {
        out.lines.push_back({.der_id = line.der,
                             .transaction_id = line.transaction,
                             .provider = line.provider,
                             .instructed_kwh = kwh_of(line.instructed.value),
                             .delivered_kwh = kwh_of(line.delivered.value),
                             .payable_kwh = kwh_of(line.payable.value),
                             .utilisation_gbp = gbp_text_of_micro(line.utilisation.value),
                             .availability_gbp = gbp_text_of_micro(line.availability.value),
                             .total_gbp = gbp_text_of_pence(line.total_pence),
                             .state = line.state});
    }
    return out;
}

DeliveryAnswer delivery_of(const settlement::Delivery& delivery, const StatementAnswer& statement) {
    DeliveryAnswer out{.der_id = delivery.der,
                       .transaction_id = delivery.transaction,
                       .state = delivery.state,
                       .reason = delivery.reason};
    for (const StatementLineAnswer& line : statement.lines) {
        if (line.der_id == delivery.der && line.transaction_id == delivery.transaction) {
            out.payment_gbp = line.total_gbp;
        }
    }
    for (const settlement::DeliveryPeriod& period : delivery.periods) {
        out.rows.push_back({.start = period.period,
                            .baseline_kwh = kwh_of(period.baseline.value),
                            .metered_kwh = kwh_of(period.actual.value),
                            .delivered_kwh = kwh_of(period.delivered.value),
                            .instructed_kwh = kwh_of(period.instructed.value),
                            .payable_kwh = kwh_of(period.payable.value)});
    }
    return out;
}

Result<void> take_settlement(const audit::Entry& entry, EventPartsAnswer& out) {
    const json::Value body(entry.body);
    const json::Value* kept = body.get("result");
    if (kept == nullptr) {
        return Error{Errc::corrupt, "entry " + std::to_string(entry.seq) + " has no settlement"};
    }
    const Result<settlement::SettlementResult> result = settlement::settlement_result_from_json(*kept);
    if (!result) {
        return result.error();
    }
    out.statement = statement_of(result->statement, entry);
    out.delivery.clear();
    for (const settlement::Delivery& delivery : result->deliveries) {
        out.delivery.push_back(delivery_of(delivery, *out.statement));
    }
    return {};
}

std::vector<AssignmentAnswer> assignments_of(const agents::EventRecord& record,
                                             const grid::Network& network) {
    std::vector<AssignmentAnswer> out;
    for (const agents::Assignment& assignment : record.assignments) {
        const grid::Der* der = network.der(assignment.der);
        AssignmentAnswer row{
            .der_id = assignment.der,
            .der_class = der != nullptr ? std::string(grid::to_string(der->der_class)) : "other",
            .provider = assignment.provider,
            .state = assignment.state,
            .relief_share = static_cast<double>(assignment.relief_ppm) / 1e6,
            .transaction_id = assignment.transaction};
        for (std::size_t i = 0; i < assignment.power_w.values.size(); ++i) {
            row.kw.push_back(
                {.start = assignment.power_w.time_of(i), .kw = kw_of(assignment.power_w.values[i])});
        }
        if (!assignment.instructions.empty()) {
            row.baseline_kw = kw_of(assignment.baseline);
        }
        out.push_back(std::move(row));
    }
    return out;
}

std::vector<MomentAnswer> clock_of(const agents::EventRecord& record) {
    std::vector<MomentAnswer> out;
    for (const agents::Moment& moment : record.clock) {
        MomentAnswer row{.name = moment.name, .at = moment.at};
        if (moment.wall_us != -1) {
            row.since_detection_ms = static_cast<double>(moment.wall_us) / 1000.0;
        }
        out.push_back(std::move(row));
    }
    return out;
}

}  // namespace

LimitAnswer to_answer(const grid::Limit& limit) {
    return {.quantity = std::string(grid::to_string(limit.quantity)),
            .phase = std::string(grid::to_string(limit.phase)),
            .direction = std::string(grid::to_string(limit.direction)),
            .kind = std::string(grid::to_string(limit.kind)),
            .value = limit.value,
            .unit = std::string(limit.unit()),
            .source = limit.source,
            .verified_by = limit.verified_by};
}

OverloadAnswer to_answer(const agents::EventRecord& record) {
    const risk::Overload& overload = record.overload;
    OverloadAnswer out{.event_id = record.id().value,
                       .feeder_id = overload.feeder,
                       .limit = to_answer(overload.limit),
                       .cause = std::string(risk::to_string(overload.cause)),
                       .level = std::string(risk::to_string(overload.level)),
                       .detected_at = overload.detected_at,
                       .start = overload.start,
                       .end = overload.end,
                       .peak_over_kw = kw_of(overload.peak_over),
                       .peak_load_kw = kw_of(overload.peak_load),
                       .energy_over_kwh = kwh_of(overload.energy_over.value),
                       .probability = static_cast<double>(overload.probability_ppm) / 1e6,
                       .time_to_limit_s = static_cast<double>(overload.time_to_limit.count()) / 1000.0,
                       .state = std::string(agents::to_string(record.state))};
    if (overload.alarm_quantile_ppm > 0) {
        out.expected_over_kwh = kwh_of(overload.expected_over.value);
        out.alarm_quantile = static_cast<double>(overload.alarm_quantile_ppm) / 1e6;
    }
    for (std::size_t i = 0; i < overload.need.w.size(); ++i) {
        out.need.push_back({.start = overload.need.start + period_length * static_cast<std::int64_t>(i),
                            .kw = kw_of(overload.need.w[i])});
    }
    return out;
}

Result<ContractAnswer> contract_answer(const store::Record& record) {
    const Result<json::Value> parsed = json::parse(record.json);
    const Result<flex::Contract> contract =
        parsed ? flex::contract_from_json(*parsed) : Result<flex::Contract>(parsed.error());
    if (!contract) {
        return Error{Errc::corrupt, "the record of contract " + record.id + ": " + contract.error().message};
    }
    ContractAnswer out{.transaction_id = contract->transaction.value,
                       .order_id = contract->order_id,
                       .event_id = contract->event.value,
                       .provider = contract->provider,
                       .kind = std::string(flex::to_string(contract->kind)),
                       .state = std::string(flex::to_string(contract->state)),
                       .failure = contract->failure};
    std::int64_t cost = 0;
    for (const flex::PlanLine& line : contract->lines) {
        ContractLineAnswer& row = out.lines.emplace_back();
        row.der_id = line.offer.der;
        row.start = line.power_w.start;
        for (const std::int64_t power : line.power_w.values) {
            row.kw.push_back(kw_of(power));
        }
        cost += line.cost.value;
    }
    out.cost_gbp = gbp_of(cost);
    return out;
}

Result<EventPartsAnswer> make_event_parts(const agents::EventRecord& record, const EventEvidence& evidence,
                                          const PlanContext& context, const grid::Network& network) {
    EventPartsAnswer out{.overload = to_answer(record),
                         .clock = clock_of(record),
                         .messages = messages_of(evidence.entries),
                         .providers = providers_of(evidence.entries),
                         .assignments = assignments_of(record, network)};
    const risk::Overload& overload = record.overload;
    out.series_point =
        telemetry::PointKey{overload.feeder, overload.limit.quantity, overload.limit.phase}.text();
    if (record.detection_to_dispatch_us >= 0) {
        out.detection_to_dispatch_ms = static_cast<double>(record.detection_to_dispatch_us) / 1000.0;
    }
    Result<EventForecastAnswer> forecast = forecast_of(evidence.entries);
    Result<std::vector<PlanAnswer>> plans = make_plans(evidence.entries, record.id().value, context);
    if (!forecast || !plans) {
        return !forecast ? forecast.error() : plans.error();
    }
    out.forecast = std::move(*forecast);
    out.plans = std::move(*plans);
    for (const store::Record& stored : evidence.contracts) {
        Result<ContractAnswer> contract = contract_answer(stored);
        if (!contract) {
            return contract.error();
        }
        out.contracts.push_back(std::move(*contract));
    }
    Instructions instructions;
    for (const auto& one : evidence.entries) {
        const audit::Entry& entry = one->entry;
        instructions.take(entry);
        if (entry.type == "settlement.record" || entry.type == "settlement.correction") {
            const Result<void> taken = take_settlement(entry, out);
            if (!taken) {
                return taken.error();
            }
        }
        if (entry.type == "alarm.raised" || entry.type == "guard.refused") {
            const json::Value body(entry.body);
            out.alarms.push_back(
                {.at = entry.ts, .kind = body.text("/kind", "guard"), .detail = body.text("/detail")});
        }
        out.audit.push_back({.seq = static_cast<std::int64_t>(entry.seq),
                             .type = entry.type,
                             .at = entry.ts,
                             .outcome = entry.outcome,
                             .actor = entry.actor.kind + ":" + entry.actor.id,
                             .text = one->text});
    }
    out.instructions = std::move(instructions).list();
    return out;
}

}  // namespace headroom::desk
