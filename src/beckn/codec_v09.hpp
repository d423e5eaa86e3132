#pragma once

#include "beckn/codec.hpp"

namespace headroom::beckn::v09 {

/// Beckn 0.9.3: the 1.1 message in the older shape (docs/formats/beckn-0.9.md). Ids stand as URIs.
[[nodiscard]] json::Value write(const Envelope& envelope);

/// Whether it can be said in this dialect: no list of catalogues, no publishing of them. One rating a
/// message.
[[nodiscard]] bool has_words_for(const Envelope& envelope);

/// Also reads 0.9.4. Appends what is wrong to `faults`; nothing when the message is of no use.
[[nodiscard]] std::optional<Envelope> read(const json::Value& message, const CodecLimits& limits,
                                           std::vector<Fault>& faults);

}  // namespace headroom::beckn::v09
