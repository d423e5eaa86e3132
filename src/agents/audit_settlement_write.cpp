// What a settlement leaves behind: the entry of its statement, the event's totals, and the load that it
// verified.
#include "agents/audit_settlement.hpp"
#include "agents/each_record.hpp"
#include "agents/entry_body.hpp"
#include "agents/kept_apart.hpp"
#include "core/digest.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace headroom::agents {
namespace {

/// What a DER gave of what it was told, by its meter: from 0 to a million; 0 where it did not follow at all,
/// -1 where no meter tells.
std::int64_t delivered_share_ppm(const settlement::SettlementResult& result, const Assignment& assignment) {
    std::int64_t instructed = 0;
    std::int64_t delivered = 0;
    bool is_verified = true;
    for (const settlement::Delivery& delivery : result.deliveries) {
        if (delivery.der != assignment.der || delivery.transaction != assignment.transaction) {
            continue;
        }
        is_verified = is_verified && delivery.state == "VERIFIED";
        for (const settlement::DeliveryPeriod& period : delivery.periods) {
            if (period.instructed.value > 0) {
                instructed += period.instructed.value;
                delivered += period.delivered.value;
            }
        }
    }
    if (instructed > 0 && is_verified) {
        return multiply_divide_half_even(std::clamp<std::int64_t>(delivered, 0, instructed), 1'000'000,
                                         instructed);
    }
    const bool did_not_follow = assignment.state == "silent" || assignment.state == "refused";
    return instructed == 0 && did_not_follow ? 0 : -1;
}

/// What the event brought and cost, by its statement.
void take_over(const settlement::SettlementResult& result, EventRecord& record) {
    // Relief on the limit's phase, half-hour by half-hour.
    std::map<UtcTime, std::int64_t> relief_wh;
    record.delivered_energy = WattHours{0};
    for (const settlement::Delivery& delivery : result.deliveries) {
        std::int64_t share_ppm = 0;
        for (const Assignment& assignment : record.assignments) {
            if (assignment.der == delivery.der) {
                share_ppm = assignment.relief_ppm;
            }
        }
        for (const settlement::DeliveryPeriod& period : delivery.periods) {
            if (period.instructed.value > 0) {
                record.delivered_energy += period.delivered;
                relief_wh[period.period] +=
                    multiply_divide_half_even(period.delivered.value, share_ppm, 1'000'000);
            }
        }
    }
    std::int64_t delivered_w = 0;
    for (const auto& [period, wh] : relief_wh) {
        delivered_w = std::max(delivered_w, wh * 2);
    }
    for (Assignment& assignment : record.assignments) {
        assignment.delivered_ppm = delivered_share_ppm(result, assignment);
    }
    record.delivered = Watts{delivered_w};
    record.statement = result.statement.id;
    record.statement_total = result.statement.total;
    record.statement_pence = result.statement.total_pence;
}

}  // namespace

/// What the statement verified, without the half-hours in which a DER's meter is kept apart.
Awaitable<VerifiedDelivery> AuditSettlement::verify(const Statement& made) {
    std::set<std::string> ders;
    UtcTime from = made.input.lines.empty() ? UtcTime{} : made.input.lines.front().start;
    UtcTime to = from;
    for (const settlement::SettlementLineInput& line : made.input.lines) {
        ders.insert(line.der);
        from = std::min(from, line.start);
        to = std::max(to, line.start + period_length * std::ssize(line.instructed_wh));
    }
    const IsKeptApart is_apart = co_await kept_apart(parts_.series, std::move(ders), from, to);
    co_return verified_delivery(made.input, made.result, parts_.network, is_apart);
}

void AuditSettlement::lay(VerifiedDelivery delivery) {
    parts_.series.post(delivered_.take(std::move(delivery), parts_.network));
}

Awaitable<Result<void>> AuditSettlement::recover() {
    auto take = [this](const store::Record& each) -> Result<void> {
        Result<VerifiedDelivery> delivery = noun_of<VerifiedDelivery>(each, verified_delivery_from_json);
        if (!delivery) {
            return delivery.error();
        }
        lay(std::move(*delivery));
        return {};
    };
    co_return co_await each_record(parts_.journal, "delivery", std::move(take));
}

/// The entry of a statement, then the event's totals. What does not fit an entry stands in a blob.
Awaitable<Result<void>> AuditSettlement::write_down(EventRecord record, Statement made) {
    take_over(made.result, record);
    const json::Value result_json = settlement::to_json(made.result);
    const Result<std::string> result_canonical = json::write_canonical(result_json);
    if (!result_canonical) {
        co_return result_canonical.error();
    }
    json::Object body{{"decision", "settlement.settle"}, {"result_sha256", sha256_hex(*result_canonical)}};
    json::Value statement = *result_json.get("statement");
    const Result<std::string> statement_canonical = json::write_canonical(statement);
    if (statement_canonical && statement_canonical->size() > inline_bytes_max) {
        // Its lines do not fit an entry: the statement stands whole in a blob, and here without them.
        Result<json::Value> blob = co_await parts_.journal.put_blob(*statement_canonical);
        if (!blob) {
            co_return blob.error();
        }
        statement.as_object()->erase("lines");
        statement.as_object()->set("whole_blob", std::move(*blob));
    }
    body.set("statement", std::move(statement));
    if (const Result<void> put =
            co_await put_whole(parts_.journal, body, "input", settlement::to_json(made.input));
        !put) {
        co_return put.error();
    }
    VerifiedDelivery delivered = co_await verify(made);
    if (const Result<void> put = co_await put_whole(parts_.journal, body, "delivered", to_json(delivered));
        !put) {
        co_return put.error();
    }
    std::vector<audit::Draft> drafts;
    drafts.push_back({.type = made.input.version == 1 ? "settlement.record" : "settlement.correction",
                      .actor = system_actor(),
                      .body = std::move(body),
                      .corr = record.id().value});
    const Result<audit::Committed> committed = co_await parts_.journal.commit(std::move(drafts));
    if (!committed) {
        co_return committed.error();
    }
    settled_ += 1;
    lay(std::move(delivered));
    co_return co_await parts_.orchestration.close(std::move(record));
}

}  // namespace headroom::agents
