#pragma once

#include "core/digest.hpp"
#include "core/time.hpp"

#include <string>
#include <string_view>

namespace headroom::beckn {

/// One message as it crossed the wire, for evidence and for conformance checkers.
struct CapturedMessage {
    std::string action;
    std::string raw;            ///< the exact body
    std::string authorization;  ///< the header's value
    UtcTime received_at{};      ///< wall time
    Ed25519PublicKey public_key{};
};

/// A line of JSON: {"action", "version", "body", "received_at" (Unix seconds), "headers", "raw",
/// "public_key" (Base64)}, without the final newline. A body that is no JSON stands in `raw` alone.
[[nodiscard]] std::string capture_line(const CapturedMessage& message);

}  // namespace headroom::beckn
