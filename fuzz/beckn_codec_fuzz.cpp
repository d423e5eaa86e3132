#include "beckn/ack.hpp"
#include "beckn/codec.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

// A message that can be read can be written, and what was written reads as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto ack = headroom::beckn::read_ack(200, text);
    HEADROOM_ASSERT(headroom::beckn::to_string(ack.kind).size() > 0);
    const headroom::beckn::Decoded decoded = headroom::beckn::decode(text);
    if (!decoded.envelope) {
        HEADROOM_ASSERT(!decoded.faults.empty());
        return 0;
    }
    const auto written = headroom::beckn::encode(*decoded.envelope);
    HEADROOM_ASSERT(written.has_value());
    const headroom::beckn::Decoded again = headroom::beckn::decode(*written);
    HEADROOM_ASSERT(again.envelope.has_value());
    const auto rewritten = headroom::beckn::encode(*again.envelope);
    HEADROOM_ASSERT(rewritten.has_value() && *rewritten == *written);
    return 0;
}
