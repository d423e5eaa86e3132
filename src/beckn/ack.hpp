#pragma once

#include "beckn/error_code.hpp"
#include "beckn/wire_version.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::beckn {

/// No synchronous answer is longer, in bytes.
inline constexpr std::size_t ack_bytes_max = 64UL * 1024;

/// What a synchronous answer says.
enum class AckKind : std::uint8_t {
    accepted,  ///< a callback will follow
    closed,    ///< accepted, no callback will follow
    refused,   ///< NACK: nothing was started
    failed,    ///< the peer could not serve it now: the same bytes may be sent again
};
[[nodiscard]] std::string_view to_string(AckKind kind);

struct Ack {
    AckKind kind = AckKind::failed;
    MessageError error;  ///< of a NACK, as far as it could be read
    bool operator==(const Ack&) const = default;
};

/// {"message":{"ack":{"status":"ACK"}}}
[[nodiscard]] std::string write_ack();
/// The same with NACK and `error` beside the message. What was expected and what came stand in its sentence.
[[nodiscard]] std::string write_nack(const MessageError& error);

/// What a synchronous answer is about.
struct AckSubject {
    std::string transaction_id;
    std::string message_id;
    UtcTime now{};  ///< wall time
};
struct AckAnswer {
    int http_status = 200;
    std::string body;
};

/// The answer in the shape of a dialect: 0.9 and 1.x `message.ack.status`; rc1 `ack_status` with transaction
/// and time; 2.0 LTS `message.status` with the message's id, as the network's adapters write it. `kind` is
/// accepted or closed; closed is 202 in 2.0 and an ACK like others before.
[[nodiscard]] AckAnswer ack_answer(WireVersion version, const AckSubject& subject,
                                   AckKind kind = AckKind::accepted);
/// A NACK: number and name by dialect, JSON Pointer (a place in the context may be given by the keys of 1.1
/// and is told by those of the dialect), expected against got, key. HTTP status: 401 when it is not known who
/// speaks (AUT_…), 503 when there is too much to do; otherwise 200 before 2.0, and in 2.0 500 for faults of
/// ours and 400 for all else.
[[nodiscard]] AckAnswer nack_answer(WireVersion version, const AckSubject& subject,
                                    const MessageError& error);

/// Reads the answer of a peer of any dialect: by HTTP status, then by `message.ack.status`, `message.status`,
/// `status` or `ack_status`. A 2xx without a readable body is taken as ACK: the callback decides.
[[nodiscard]] Ack read_ack(int http_status, std::string_view body);

}  // namespace headroom::beckn
