#pragma once

#include "beckn/codec.hpp"

namespace headroom::beckn::v11 {

/// Beckn 1.1 with the tag groups of docs/formats/beckn-flex-resource.md: numbers are strings, power in kW,
/// energy in kWh, money in GBP.
[[nodiscard]] json::Value write(const Envelope& envelope);

/// Whether it can be said in this dialect: no list of catalogues, no publishing of them.
[[nodiscard]] bool has_words_for(const Envelope& envelope);

/// Appends what is wrong to `faults`; nothing when the message is of no use.
[[nodiscard]] std::optional<Envelope> read(const json::Value& message, const CodecLimits& limits,
                                           std::vector<Fault>& faults);

}  // namespace headroom::beckn::v11
