#pragma once

#include "core/digest.hpp"
#include "core/time.hpp"

#include <string>
#include <string_view>

namespace headroom::beckn {

/// One message as it crossed the wire, for evidence and for conformance checkers. Members that are empty are
/// left out of the line.
struct CapturedMessage {
    std::string action;
    std::string raw;            ///< the exact body
    std::string authorization;  ///< the header's value
    UtcTime received_at{};      ///< wall time
    Ed25519PublicKey public_key{};
    std::string direction = {};          ///< "in", "out"
    std::string peer = {};               ///< our short id of the other side
    std::string verdict = {};            ///< "own", "good", "refused: …"
    std::string request_signature = {};  ///< Authorization of the request that a callback is bound to
    std::string answer = {};             ///< the body of the synchronous answer
    int answer_status = 0;               ///< its HTTP status; 0 when there was none
    std::string answer_signature = {};   ///< the value of its Signature header
};

/// A line of JSON: {"action", "version", "body", "received_at" (Unix seconds), "headers", "raw",
/// "public_key" (Base64)} and what else is known, without the final newline. A body that is no JSON stands in
/// `raw` alone. A message of 2.0 has no "version": the style of its keys tells which of the two it is.
[[nodiscard]] std::string capture_line(const CapturedMessage& message);

}  // namespace headroom::beckn
