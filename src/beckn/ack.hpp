#pragma once

#include "beckn/error_code.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::beckn {

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
/// The same with NACK and `error` beside the message.
[[nodiscard]] std::string write_nack(const MessageError& error);

/// Reads the answer of a peer of any dialect: by HTTP status, then by `message.ack.status`, `message.status`,
/// `status` or `ack_status`. A 2xx without a readable body is taken as ACK: the callback decides.
[[nodiscard]] Ack read_ack(int http_status, std::string_view body);

}  // namespace headroom::beckn
