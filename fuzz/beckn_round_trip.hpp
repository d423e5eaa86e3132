#pragma once

#include "beckn/codec.hpp"
#include "core/json.hpp"
#include "core/result.hpp"

#include <string_view>

namespace headroom::fuzz {

/// A message of `version` that can be read can be written, and what was written reads as the same; one that
/// is of no use is refused with a fault.
inline void check_round_trip(std::string_view text, beckn::WireVersion version) {
    const Result<json::Value> parsed = json::parse(text, {.bytes = text.size() + 1, .depth = 32});
    if (parsed) {
        const Result<beckn::WireVersion> told = beckn::detect_version(*parsed);
        if (!told || *told != version) {
            return;
        }
    }
    const beckn::Decoded decoded = beckn::decode(text);
    if (!decoded.envelope) {
        HEADROOM_ASSERT(!decoded.faults.empty());
        return;
    }
    HEADROOM_ASSERT(decoded.envelope->version == version);
    const Result<std::string> written = beckn::encode(*decoded.envelope);
    HEADROOM_ASSERT(written.has_value());
    const beckn::Decoded again = beckn::decode(*written);
    HEADROOM_ASSERT(again.envelope.has_value());
    const Result<std::string> rewritten = beckn::encode(*again.envelope);
    HEADROOM_ASSERT(rewritten.has_value() && *rewritten == *written);
}

}  // namespace headroom::fuzz
