#pragma once

#include "beckn/codec.hpp"

namespace headroom::beckn::rc1 {

/// Beckn 2.0.0-rc1: JSON-LD with "beckn:" keys, orders and catalogues with the attribute packs for demand
/// flexibility and compute energy. What the packs have no field for stands under "headroom:" keys, with the
/// names and units of docs/formats/beckn-flex-resource.md (docs/formats/beckn-rc1.md). Valid by the published
/// schema.
[[nodiscard]] json::Value write(const Envelope& envelope);

/// Whether it can be said in this dialect: needs that a buyer publishes belong to 2.0.
[[nodiscard]] bool has_words_for(const Envelope& envelope);

/// Tolerant: reads keys with and without their prefix, amounts in W to GW, and what published messages do
/// against the schema. Appends what is wrong to `faults`; nothing when the message is of no use.
[[nodiscard]] std::optional<Envelope> read(const json::Value& message, const CodecLimits& limits,
                                           std::vector<Fault>& faults);

}  // namespace headroom::beckn::rc1
