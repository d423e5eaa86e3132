#pragma once

#include "beckn/codec.hpp"

#include <gtest/gtest.h>

namespace headroom::beckn::test {

/// The envelope as it comes back from its text, without a fault.
inline Envelope round_trip(const Envelope& envelope) {
    const Result<std::string> raw = encode(envelope);
    EXPECT_TRUE(raw.has_value()) << (raw ? "" : raw.error().message);
    const Decoded decoded = raw ? decode(*raw) : Decoded{};
    EXPECT_TRUE(decoded.faults.empty()) << decoded.describe_faults() << "\n" << *raw;
    EXPECT_TRUE(decoded.envelope.has_value());
    return decoded.envelope.value_or(Envelope{});
}

}  // namespace headroom::beckn::test
