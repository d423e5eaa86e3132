#include "agents/market_evidence.hpp"
#include "agents/market_impl.hpp"
#include "core/ed25519_known.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

// What an earlier process left behind: conversations, answers that were given, and the evidence of an event.

namespace headroom::agents {

Awaitable<Result<void>> Market::Impl::recover() {
    auto self = shared_from_this();
    for (const MarketPeer& peer : peers_) {
        if (peer.has_key) {
            ed25519_expect(peer.public_key);
        }
    }
    RecordStore& records = parts_.journal.records();
    const Result<std::uint64_t> epoch = co_await records.next_number("market_epoch");
    if (!epoch) {
        co_return epoch.error();
    }
    epoch_ = *epoch;
    const Result<void> found_before = co_await recover_found();
    if (!found_before) {
        co_return found_before;
    }
    auto learn = [](store::Records& all) { return KeptTransactions::learn(all, market_parts::saga_kind); };
    Result<KeptTransactions> older = co_await records.run(std::move(learn));
    if (!older) {
        co_return older.error();
    }
    older_sagas_ = std::move(*older);
    std::set<std::string> events;
    using beckn::SagaStep;
    for (const SagaStep step :
         {SagaStep::selecting, SagaStep::quoted, SagaStep::initing, SagaStep::inited, SagaStep::confirming,
          SagaStep::checking, SagaStep::withdrawing, SagaStep::active, SagaStep::activating,
          SagaStep::activated, SagaStep::cancelling, SagaStep::unknown}) {
        const Result<std::vector<store::Record>> found =
            co_await records.list_by_state(market_parts::saga_kind, std::string(beckn::to_string(step)));
        if (!found) {
            co_return found.error();
        }
        for (const store::Record& record : *found) {
            const Result<json::Value> parsed = json::parse(record.json);
            Result<beckn::Saga> saga =
                parsed ? beckn::saga_from_json(*parsed) : Result<beckn::Saga>(parsed.error());
            if (!saga) {
                co_return Error{Errc::corrupt, "saga " + record.id + ": " + saga.error().message, ""};
            }
            events.insert(record.corr);
            const std::shared_ptr<Run> run = adopt(std::move(*saga));
            if (run->saga.step != step) {
                save(*run);
            }
        }
    }
    for (const std::string& event : events) {
        std::string wanted = event;
        const Result<void> done = co_await recover_event(std::move(wanted));
        if (!done) {
            co_return done;
        }
    }
    const Result<void> remembered = co_await recover_inbox();
    if (!remembered) {
        co_return remembered;
    }
    for (const auto& [transaction, run] : runs_) {
        see_to_owed_cancel(run);
    }
    if (!runs_.empty()) {
        spawn(parts_.executor, settle_left_over());
    }
    co_return Result<void>{};
}

Awaitable<Result<void>> Market::Impl::recover_inbox() {
    auto self = shared_from_this();
    const UtcTime now = parts_.wall.now();
    const Result<std::vector<store::Record>> kept =
        co_await parts_.journal.records().list(market_parts::inbox_kind, "", inbox_.entries_max());
    if (!kept) {
        co_return kept.error();
    }
    for (const store::Record& record : *kept) {
        const Result<json::Value> entry = json::parse(record.json);
        if (!entry) {
            co_return Error{Errc::corrupt, "inbox entry " + record.id + ": " + entry.error().message, ""};
        }
        const std::int64_t number = entry->integer("/number");
        inbox_number_ =
            std::max(inbox_number_, static_cast<std::uint64_t>(std::max<std::int64_t>(0, number)));
        const std::optional<beckn::Action> action = beckn::parse_action(entry->text("/action"));
        const Result<std::string> digest = from_hex(entry->text("/sha256"));
        const Result<UtcTime> keep_until = parse_utc(entry->text("/keep_until"));
        if (!action || !digest || digest->size() != Sha256{}.size() || !keep_until) {
            co_return Error{Errc::corrupt, "inbox entry " + record.id + " cannot be read", ""};
        }
        if (*keep_until >= now) {
            Sha256 bytes{};
            std::copy(digest->begin(), digest->end(), bytes.begin());
            inbox_.remember(entry->text("/sender"), *action, entry->text("/message_id"),
                            {.digest = bytes,
                             .accepted = entry->integer("/accepted") != 0,
                             .answer = entry->text("/answer"),
                             .http_status = static_cast<int>(entry->integer("/http_status")),
                             .keep_until = *keep_until});
        }
    }
    co_return Result<void>{};
}

/// Fills the trace from the messages kept for an event.
Awaitable<Result<void>> Market::Impl::recover_event(std::string event) {
    std::string corr = event;
    const Result<std::vector<store::Record>> kept =
        co_await parts_.journal.records().list_by_corr(std::move(corr));
    if (!kept) {
        co_return kept.error();
    }
    for (const store::Record& record : *kept) {
        if (record.kind != evidence_kind) {
            continue;
        }
        const Result<json::Value> evidence = json::parse(record.json);
        if (!evidence) {
            co_return Error{Errc::corrupt, "message " + record.id + ": " + evidence.error().message, ""};
        }
        const std::string outcome = evidence->text("/outcome");
        add_trace(EventId{event},
                  MessageTrace{.action = evidence->text("/action"),
                               .provider = evidence->text("/peer"),
                               .latency_ms = static_cast<double>(evidence->integer("/latency_us")) / 1000.0,
                               .signature_ok = true,
                               .outcome = outcome,
                               .at = parse_utc(evidence->text("/at")).value_or(UtcTime{})});
    }
    co_return Result<void>{};
}

Awaitable<Result<std::string>> Market::Impl::capture(EventId event) {
    auto self = shared_from_this();
    const Result<std::vector<store::Record>> kept =
        co_await parts_.journal.records().list_by_corr(event.value);
    if (!kept) {
        co_return kept.error();
    }
    std::map<EvidencePlace, std::string> lines;
    for (const store::Record& record : *kept) {
        if (record.kind != evidence_kind) {
            continue;
        }
        Result<EvidenceLine> line = evidence_line(record);
        if (line && !line->is_refused) {
            lines.emplace(std::move(line->place), std::move(line->line));
        }
    }
    std::string text;
    for (const auto& [order, line] : lines) {
        text += line;
        text += '\n';
    }
    co_return text;
}

}  // namespace headroom::agents
