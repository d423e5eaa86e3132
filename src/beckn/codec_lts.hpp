#pragma once

#include "beckn/codec.hpp"

namespace headroom::beckn::lts {

/// Beckn 2.0.0 LTS with the attribute packs of docs/formats/beckn-2.0.md. Errors: `invalid` with the pointer
/// of what the dialect cannot hold: a contract without id where it needs one, one that is not active in
/// on_confirm or not cancelled in on_cancel.
[[nodiscard]] Result<json::Value> write(const Envelope& envelope);

/// Appends what is wrong to `faults`; nothing when the message is of no use.
[[nodiscard]] std::optional<Envelope> read(const json::Value& message, const CodecLimits& limits,
                                           std::vector<Fault>& faults);

}  // namespace headroom::beckn::lts
