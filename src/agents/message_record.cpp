#include "agents/message_record.hpp"

#include "agents/journal.hpp"
#include "agents/market_evidence.hpp"
#include "core/json_object.hpp"
#include "core/utf8.hpp"

#include <utility>

namespace headroom::agents {

namespace {

bool is_accepted(const MessageRecord& message) {
    return message.outcome == "ACK" || message.outcome == "accepted" || message.outcome == "closed";
}

}  // namespace

void add_bytes(json::ObjectText& text, const std::string& name, const std::string& bytes) {
    if (is_utf8(bytes)) {
        text.add(name, bytes);
    } else {
        text.add(name + "_base64", to_base64(bytes));
    }
}

store::Record to_record(const MessageRecord& message) {
    json::ObjectText evidence(message.raw.size() * 5 / 4 + record_bytes_more);
    evidence.add("action", message.action)
        .add("direction", message.is_in ? "in" : "out")
        .add("peer", message.peer)
        .add("transaction", message.transaction)
        .add("message_id", message.message_id)
        .add("at", format_utc(message.at))
        .add("sha256", sha256_hex(message.raw))
        .add("authorization", message.authorization)
        .add("outcome", message.outcome)
        .add("fault", message.fault)
        .add("sends", message.sends)
        .add("latency_us", message.latency_us)
        .add("public_key", message.is_good ? to_base64(message.public_key) : std::string())
        .add("verdict", message.is_in ? (message.is_good ? "good" : message.outcome) : "own")
        .add("answer_status", std::int64_t{message.answer_status});
    if (!message.answers.empty()) {
        evidence.add("request_signature", message.answers);
    }
    if (!message.answer_signature.empty()) {
        evidence.add("answer_signature", message.answer_signature);
    }
    add_bytes(evidence, "answer", message.answer);
    add_bytes(evidence, "raw", message.raw);
    std::string id = message.message_id.empty() ? sha256_hex(message.raw) : message.message_id;
    if (message.is_in && !is_accepted(message) && !message.message_id.empty()) {
        id += "." + sha256_hex(message.raw).substr(0, 8);
    }
    return store::Record{.kind = evidence_kind,
                         .id = id + "." + message.action + (message.is_in ? ".in" : ".out"),
                         .corr = message.event,
                         .state = message.is_in ? std::string("received") : message.outcome,
                         .json = evidence.take(),
                         .applied_seq = 0};
}

audit::Draft to_draft(const MessageRecord& message) {
    audit::Actor actor = system_actor();
    if (message.is_in) {
        actor = {};
        actor.kind = "peer";
        actor.id = message.is_good ? message.peer : "unverified";
    }
    json::Object body = json::object({{"action", message.action},
                                      {"message_id", message.message_id},
                                      {"transaction", message.transaction},
                                      {"peer", message.peer},
                                      {"sha256", sha256_hex(message.raw)},
                                      {"bytes", static_cast<std::int64_t>(message.raw.size())},
                                      {"result", message.outcome},
                                      {"latency_us", message.latency_us}});
    if (message.is_in) {
        body.set("signature", message.is_good ? "good" : "refused");
    } else {
        body.set("sends", message.sends);
    }
    const std::string_view outcome = !message.is_good ? "denied" : is_accepted(message) ? "ok" : "error";
    return audit::Draft{.type = message.is_in ? "beckn.received" : "beckn.sent",
                        .actor = std::move(actor),
                        .body = std::move(body),
                        .corr = message.event,
                        .caus = {},
                        .outcome = std::string(outcome)};
}

}  // namespace headroom::agents
