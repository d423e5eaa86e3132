#include "agents/audit_settlement.hpp"

#include "agents/meter_history.hpp"
#include "core/log.hpp"
#include "telemetry/reading.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

namespace headroom::agents {
namespace {

/// What was told to each DER under each contract, from the instruction records.
using Told = std::map<std::pair<std::string, std::string>, std::vector<dispatch::Instruction>>;

bool took_effect(dispatch::InstructionState state) {
    using enum dispatch::InstructionState;
    return state == acked || state == active || state == ended || state == expired || state == superseded;
}

std::vector<Date> other_event_days(const std::vector<EventRecord>& events, const EventRecord& record,
                                   const std::string& der) {
    std::set<Date> days;
    const Date today = settlement_period(record.overload.start).date;
    for (const EventRecord& other : events) {
        const Date day = settlement_period(other.overload.start).date;
        const bool uses = std::any_of(other.assignments.begin(), other.assignments.end(),
                                      [&](const Assignment& assignment) { return assignment.der == der; });
        if (uses && day != today) {
            days.insert(day);
        }
    }
    return {days.begin(), days.end()};
}

}  // namespace

std::vector<std::int64_t> instructed_energy_wh(std::vector<dispatch::Instruction> instructions, UtcTime start,
                                               UtcTime end, UtcTime event_end) {
    std::stable_sort(instructions.begin(), instructions.end(),
                     [](const auto& a, const auto& b) { return a.start < b.start; });
    const auto periods = static_cast<std::size_t>((end - start) / period_length);
    std::vector<std::int64_t> watt_ms(periods, 0);
    for (std::size_t i = 0; i < instructions.size(); ++i) {
        const dispatch::Instruction& instruction = instructions[i];
        UtcTime until = std::min(instruction.expires, event_end);
        if (i + 1 < instructions.size()) {
            until = std::min(until, instructions[i + 1].start);
        }
        for (std::size_t period = 0; period < periods; ++period) {
            const UtcTime from = start + period_length * static_cast<std::int64_t>(period);
            const milliseconds overlap =
                std::min(until, from + period_length) - std::max(instruction.start, from);
            if (overlap > milliseconds{0} && instruction.kind != dispatch::InstructionKind::release) {
                watt_ms[period] += instruction.change.value * overlap.count();
            }
        }
    }
    std::vector<std::int64_t> wh(periods, 0);
    for (std::size_t period = 0; period < periods; ++period) {
        wh[period] = divide_half_even(watt_ms[period], 3'600'000);
    }
    return wh;
}

void AuditSettlement::start() {
    parts_.orchestration.on_released([this](EventRecord record) {
        if (record.assignments.empty() || !record.statement.empty()) {
            return;
        }
        spawn(parts_.executor, settle(std::move(record)));
    });
}

Awaitable<Result<settlement::SettlementInput>> AuditSettlement::gather_input(const EventRecord& record) {
    const Result<std::vector<store::Record>> stored =
        co_await parts_.journal.records().list_by_corr(record.id().value);
    if (!stored) {
        co_return stored.error();
    }
    Told told;
    std::map<std::string, flex::Contract> contracts;
    UtcTime first = record.overload.end;
    for (const store::Record& item : *stored) {
        const Result<json::Value> parsed = json::parse(item.json);
        if (!parsed) {
            co_return parsed.error();
        }
        if (item.kind == "instruction") {
            Result<dispatch::Instruction> instruction = dispatch::instruction_from_json(*parsed);
            if (!instruction) {
                co_return instruction.error();
            }
            if (took_effect(instruction->state)) {
                first = std::min(first, instruction->start);
                told[{instruction->transaction, instruction->der}].push_back(std::move(*instruction));
            }
        } else if (item.kind == "contract") {
            Result<flex::Contract> contract = flex::contract_from_json(*parsed);
            if (!contract) {
                co_return contract.error();
            }
            contracts[contract->transaction.value] = std::move(*contract);
        }
    }
    const UtcTime start = floor_period(std::min(first, record.overload.start));
    const UtcTime end = floor_period(record.overload.end - milliseconds{1}) + period_length;

    settlement::SettlementInput input;
    input.event = record.id();
    input.statement_id = "st-" + record.id().value.substr(3);
    input.now = parts_.clock.now();
    std::vector<std::string> keys;
    for (const auto& [transaction, contract] : contracts) {
        for (const flex::PlanLine& line : contract.lines) {
            settlement::SettlementLineInput entry;
            entry.der = line.offer.der;
            entry.transaction = transaction;
            entry.provider = contract.provider;
            entry.baseline_profile = line.offer.baseline_method;
            entry.turn_up = line.offer.turn_up;
            entry.start = start;
            const auto instructions = told.find({transaction, line.offer.der});
            entry.instructed_wh = instructed_energy_wh(
                instructions == told.end() ? std::vector<dispatch::Instruction>{} : instructions->second,
                start, end, record.overload.end);
            entry.utilisation = line.offer.utilisation;
            entry.availability_per_mw_h = line.offer.availability_per_mw_h;
            if (contract.kind == flex::ContractKind::availability && !line.power_w.values.empty()) {
                entry.armed_w = *std::max_element(line.power_w.values.begin(), line.power_w.values.end());
                entry.armed_ms = (line.power_w.end() - line.power_w.start).count();
            }
            entry.event_days = other_event_days(parts_.orchestration.events(), record, line.offer.der);
            keys.push_back(
                telemetry::PointKey{line.offer.der, grid::Quantity::p_kw, grid::Phase::sum}.text());
            input.lines.push_back(std::move(entry));
        }
    }
    const UtcTime history_start = floor_period(start) - hours{24 * (options_.history_days + 1)};
    const std::vector<store::SeriesBlock> blocks = co_await parts_.series.read(keys, history_start, end);
    for (std::size_t i = 0; i < input.lines.size(); ++i) {
        input.lines[i].meter = history_of(input.lines[i].der, blocks[i]);
    }
    std::stable_sort(input.lines.begin(), input.lines.end(), [](const auto& a, const auto& b) {
        return std::tie(a.provider, a.transaction, a.der) < std::tie(b.provider, b.transaction, b.der);
    });
    co_return input;
}

void AuditSettlement::fail(const EventId& event, const Error& error) {
    failed_ += 1;
    log::error("an event could not be settled", {{"event", event.value}, {"error", error.message}});
}

Awaitable<Result<AuditSettlement::Statement>> AuditSettlement::make_statement(const EventRecord& record,
                                                                              std::int64_t version) {
    Result<settlement::SettlementInput> input = co_await gather_input(record);
    if (!input) {
        co_return input.error();
    }
    input->version = version;
    Result<settlement::SettlementResult> result = settlement::settle(*input);
    if (!result || !trust_.is_held) {
        co_return result ? Result<Statement>(Statement{std::move(*input), std::move(*result)})
                         : Result<Statement>(result.error());
    }
    bool is_any_held = false;
    for (const DeliveryDoubt& doubt :
         find_delivery_doubts(*input, *result, record.overload.detected_at, trust_.minutes)) {
        if (trust_.is_held(record, doubt)) {
            std::string& hold = input->lines[doubt.line].hold;
            hold += (hold.empty() ? "" : "; ") + std::string(trust::to_string(doubt.kind)) + ": " +
                    doubt.evidence.detail;
            is_any_held = true;
        }
    }
    if (is_any_held) {
        result = settlement::settle(*input);
    }
    co_return result ? Result<Statement>(Statement{std::move(*input), std::move(*result)})
                     : Result<Statement>(result.error());
}

Awaitable<void> AuditSettlement::settle(EventRecord record) {
    const UtcTime last_period_end = floor_period(record.overload.end - milliseconds{1}) + period_length;
    const UtcTime due = last_period_end + options_.settle_after;
    co_await wait_until(parts_.clock, due);
    Result<Statement> made = co_await make_statement(record, 1);
    if (!made) {
        co_return fail(record.id(), made.error());
    }
    const EventId event = record.id();
    const Result<void> written = co_await write_down(std::move(record), std::move(*made));
    if (!written) {
        fail(event, written.error());
    }
}

void AuditSettlement::settle_again(const std::string& event) {
    std::optional<EventRecord> record = parts_.orchestration.event(EventId{event});
    if (record && !record->statement.empty()) {
        spawn(parts_.executor, correct(std::move(*record)));
    }
}

Awaitable<Result<std::int64_t>> AuditSettlement::newest_version(std::string statement) {
    const Result<store::Record> stored =
        co_await parts_.journal.records().get("statement", std::move(statement));
    if (!stored) {
        co_return stored.error();
    }
    const Result<json::Value> parsed = json::parse(stored->json);
    co_return parsed ? Result<std::int64_t>(parsed->integer("/version", 1))
                     : Result<std::int64_t>(parsed.error());
}

Awaitable<void> AuditSettlement::correct(EventRecord record) {
    const EventId event = record.id();
    const Result<std::int64_t> before = co_await newest_version(record.statement);
    if (!before) {
        co_return fail(event, before.error());
    }
    Result<Statement> made = co_await make_statement(record, *before + 1);
    if (!made) {
        co_return fail(event, made.error());
    }
    const Result<void> written = co_await write_down(std::move(record), std::move(*made));
    if (!written) {
        fail(event, written.error());
    }
}

AgentStatus AuditSettlement::status() const {
    return {.name = "audit_settlement",
            .status = failed_ > 0    ? "error"
                      : settled_ > 0 ? "active"
                                     : "idle",
            .last_updated = parts_.clock.now(),
            .metrics = json::Object{{"settled", settled_}, {"failed", failed_}}};
}

}  // namespace headroom::agents
