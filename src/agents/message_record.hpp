#pragma once

#include "audit/entry.hpp"
#include "core/digest.hpp"
#include "core/json_text.hpp"
#include "core/time.hpp"
#include "store/records.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace headroom::agents {

/// One Beckn message as it crossed the wire, in either role of ours, with what was made of it: evidence of
/// the kind that `export_evidence` reads.
struct MessageRecord {
    std::string action;
    bool is_in = false;
    std::string peer;  ///< our name of the other side; empty when it is not known
    std::string transaction;
    std::string message_id;
    UtcTime at{};  ///< wall time
    std::string raw;
    std::string authorization;
    Ed25519PublicKey public_key{};  ///< of whoever signed
    bool is_good = true;            ///< the signature; our own always
    std::string outcome;  ///< "ACK", "NACK …", "refused: …"; of ours: where it stands in the outbox
    std::string fault;
    std::int64_t sends = 0;
    std::int64_t latency_us = -1;
    std::string answers;  ///< Authorization of the request that it answers and is bound to
    int answer_status = 0;
    std::string answer;
    std::string answer_signature;
    std::string event;  ///< what it is about: an event's id, or a need's
};

/// Who cannot show who he is, or says the same again and again, must not be able to fill our disk: so many
/// refusals are noted within each window.
inline constexpr std::int64_t refusals_noted_max = 60;
inline constexpr milliseconds refusal_window = minutes{1};
/// Everything of a record besides the message itself and what is said of it takes no more.
inline constexpr std::size_t record_bytes_more = 1024;
/// Bytes of others need not be UTF-8; then they are kept in Base64, under `name`_base64.
void add_bytes(json::ObjectText& text, const std::string& name, const std::string& bytes);

/// Its record. The id is `{message id}.{action}.in` or `….out`; a refused one has its digest besides, so that
/// a second body under one id does not hide the first.
[[nodiscard]] store::Record to_record(const MessageRecord& message);
/// Its entry for the log: `beckn.received` or `beckn.sent`, without the message itself.
[[nodiscard]] audit::Draft to_draft(const MessageRecord& message);

}  // namespace headroom::agents
