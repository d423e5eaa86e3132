#pragma once

#include "beckn/envelope.hpp"
#include "core/json.hpp"
#include "core/reflect_json.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::beckn {

/// Bounds of what is read from a message.
struct CodecLimits {
    std::size_t bytes = 1UL << 20U;
    std::size_t items = 2000;  ///< of a catalog; more are left out and told
    std::size_t order_lines = 1000;
    std::size_t catalogs = 256;   ///< of one message of 2.0
    std::size_t meters = 10'000;  ///< of one message of evidence; more come in pages or by reference
    std::size_t depth = 32;
    std::size_t faults = 64;
};

/// What a reader made of a message. A message can be usable and still have faults: a catalog keeps its good
/// items.
struct Decoded {
    std::optional<Envelope> envelope;  ///< nothing when the message is of no use
    std::vector<Fault> faults;         ///< each with the JSON Pointer of what is wrong

    /// "/message/order/items/0/tags: …; …", the first few.
    [[nodiscard]] std::string describe_faults() const;
};

/// The dialect of a message, told by the keys of its context. Errors: `invalid` when there is no context,
/// `unsupported` when the version is not known.
[[nodiscard]] Result<WireVersion> detect_version(const json::Value& message);

/// The message's bytes; the same envelope always gives the same bytes. Errors: `unsupported` for a dialect
/// that is not spoken.
[[nodiscard]] Result<std::string> encode(const Envelope& envelope);

/// Reads a message of whatever dialect is spoken. Never fails: what is wrong stands in `faults`.
[[nodiscard]] Decoded decode(std::string_view raw, const CodecLimits& limits = {});

}  // namespace headroom::beckn
