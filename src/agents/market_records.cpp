#include "agents/market_evidence.hpp"
#include "agents/market_impl.hpp"
#include "agents/message_record.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"
#include "core/utf8.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace headroom::agents {

std::string clean_text(std::string_view text, std::size_t max) {
    if (text.size() <= max && ascii_length(text) == text.size()) {
        return std::string(text);
    }
    std::string clean;
    while (!text.empty()) {
        const std::size_t length = utf8_character_length(text);
        if (clean.size() + std::max<std::size_t>(1, length) > max) {
            break;
        }
        if (length == 0) {
            clean += '?';
            text.remove_prefix(1);
        } else {
            clean += text.substr(0, length);
            text.remove_prefix(length);
        }
    }
    return clean;
}

store::Record Market::Impl::sent_record(const Outgoing& out, std::int64_t latency_us) const {
    json::ObjectText evidence(out.entry.bytes.size() * 5 / 4 + record_bytes_more);
    evidence.add("action", beckn::to_string(out.entry.action))
        .add("direction", "out")
        .add("peer", out.peer->id)
        .add("transaction", out.entry.transaction_id)
        .add("message_id", out.entry.message_id)
        .add("at", format_utc(out.at))
        .add("sha256", out.sha256)
        .add("authorization", out.authorization)
        .add("outcome", beckn::to_string(out.entry.state))
        .add("fault", beckn::describe(out.entry.error))
        .add("sends", out.entry.sends)
        .add("latency_us", latency_us)
        .add("public_key", public_key_base64_)
        .add("verdict", "own")
        .add("answer_status", std::int64_t{out.answer_status});
    if (!out.answer_signature.empty()) {
        evidence.add("answer_signature", out.answer_signature).add("answer_verdict", out.answer_verdict);
    }
    add_bytes(evidence, "answer", out.answer);
    add_bytes(evidence, "raw", out.entry.bytes);
    return store::Record{.kind = evidence_kind,
                         .id = out.entry.message_id + ".out",
                         .corr = out.event.value,
                         .state = std::string(beckn::to_string(out.entry.state)),
                         .json = evidence.take(),
                         .applied_seq = 0};
}

store::Record Market::Impl::received_record(const Received& received) const {
    json::ObjectText evidence(received.raw.size() * 5 / 4 + record_bytes_more);
    evidence.add("action", received.action)
        .add("direction", "in")
        .add("peer", received.peer != nullptr ? received.peer->id : "")
        .add("transaction", received.transaction)
        .add("message_id", received.message_id)
        .add("at", format_utc(received.at))
        .add("sha256", to_hex(received.digest))
        .add("authorization", received.authorization)
        .add("outcome", received.outcome)
        .add("match", received.match)
        .add("latency_us", received.latency_us)
        .add("public_key", received.peer != nullptr ? to_base64(received.public_key) : "")
        .add("verdict", received.peer != nullptr ? std::string("good") : clean_text(received.outcome))
        .add("answer_status", std::int64_t{received.status});
    if (!received.signed_for.empty()) {
        evidence.add("request_signature", received.signed_for);
    }
    add_bytes(evidence, "answer", received.answer);
    add_bytes(evidence, "raw", received.raw);
    // A second, different body under one id must not hide the first.
    std::string id = received.message_id.empty() ? to_hex(received.digest) : received.message_id;
    if (received.outcome != "ACK" && !received.message_id.empty()) {
        id += "." + to_hex(received.digest).substr(0, 8);
    } else if (received.peer != nullptr && gateway() != nullptr && received.action == "on_search") {
        id += "." + received.peer->id;  // many answer one search under its message id
    }
    return store::Record{.kind = evidence_kind,
                         .id = id + "." + received.action + ".in",
                         .corr = received.event.value,
                         .state = "received",
                         .json = evidence.take(),
                         .applied_seq = 0};
}

/// Entries lie in a ring of as many places as the inbox has: the oldest is written over, nothing is removed.
store::Record Market::Impl::inbox_record(const Received& received, const beckn::InboxEntry& entry) {
    const std::uint64_t number = ++inbox_number_;
    json::ObjectText kept(record_bytes_more);
    kept.add("number", static_cast<std::int64_t>(number))
        .add("sender", received.peer->subscriber_id)
        .add("action", received.action)
        .add("message_id", received.message_id)
        .add("sha256", to_hex(entry.digest))
        .add("accepted", std::int64_t{entry.accepted ? 1 : 0})
        .add("answer", entry.answer)
        .add("http_status", std::int64_t{entry.http_status})
        .add("keep_until", format_utc(entry.keep_until));
    return store::Record{.kind = market_parts::inbox_kind,
                         .id = std::to_string(number % inbox_.entries_max()),
                         .corr = {},
                         .state = {},
                         .json = kept.take(),
                         .applied_seq = 0};
}

store::Record Market::Impl::saga_record(const beckn::Saga& saga) const {
    return store::Record{.kind = market_parts::saga_kind,
                         .id = saga.contract.transaction.value,
                         .corr = saga.contract.event.value,
                         .state = std::string(beckn::to_string(saga.step)),
                         .json = json::write(beckn::to_json(saga)),
                         .applied_seq = 0};
}

audit::Draft Market::Impl::sent_draft(const Outgoing& out, std::string outcome,
                                      std::int64_t latency_us) const {
    json::Object body = json::object({{"action", beckn::to_string(out.entry.action)},
                                      {"message_id", out.entry.message_id},
                                      {"transaction", out.entry.transaction_id},
                                      {"peer", out.peer->id},
                                      {"sends", out.entry.sends},
                                      {"result", outcome},
                                      {"latency_us", latency_us}});
    if (!out.entry.bytes.empty()) {
        body.set("sha256", out.sha256);
        body.set("bytes", static_cast<std::int64_t>(out.entry.bytes.size()));
    }
    const bool is_ok = outcome == "intent" || outcome == "not sent" || outcome == "ACK";
    return audit::Draft{.type = "beckn.sent",
                        .actor = system_actor(),
                        .body = std::move(body),
                        .corr = out.event.value,
                        .caus = {},
                        .outcome = is_ok ? "ok" : "error"};
}

audit::Draft Market::Impl::received_draft(const Received& received) const {
    audit::Actor actor;
    actor.kind = "peer";
    actor.id = received.peer != nullptr ? received.peer->subscriber_id : "unverified";
    json::Object body = json::object({{"action", received.action},
                                      {"message_id", received.message_id},
                                      {"transaction", received.transaction},
                                      {"peer", received.peer != nullptr ? received.peer->id : ""},
                                      {"sha256", to_hex(received.digest)},
                                      {"bytes", static_cast<std::int64_t>(received.raw.size())},
                                      {"signature", received.peer != nullptr ? "good" : "refused"},
                                      {"match", received.match},
                                      {"result", clean_text(received.outcome)},
                                      {"latency_us", received.latency_us}});
    const bool is_good = received.outcome == "ACK" || received.outcome == "repeat";
    const std::string_view outcome = received.peer == nullptr ? "denied" : is_good ? "ok" : "error";
    return audit::Draft{.type = "beckn.received",
                        .actor = std::move(actor),
                        .body = std::move(body),
                        .corr = received.event.value,
                        .caus = {},
                        .outcome = std::string(outcome)};
}

void Market::Impl::post(std::vector<store::Record> puts) {
    parts_.journal.records().note({.puts = std::move(puts), .removes = {}, .applied_seq = {}});
}

void Market::Impl::save(const Run& run) {
    post({saga_record(run.saga)});
}

void Market::Impl::note_all(std::vector<audit::Draft> drafts) {
    if (drafts.empty()) {
        return;
    }
    if (drafts.size() == 1) {
        parts_.journal.note(std::move(drafts.front()));
        return;
    }
    struct Group {
        // The journal logs a failure and shows it in `healthy`.
        static Awaitable<void> commit(Journal& journal, std::vector<audit::Draft> entries) {
            static_cast<void>(co_await journal.commit(std::move(entries)));
        }
    };
    spawn(parts_.executor, Group::commit(parts_.journal, std::move(drafts)));
}

}  // namespace headroom::agents
