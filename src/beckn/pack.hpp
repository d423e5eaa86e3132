#pragma once

#include "beckn/codec.hpp"
#include "beckn/lts_node.hpp"

#include <cstdint>
#include <span>
#include <string_view>

// Attribute packs: what a `@type` means is told by a row of a table, so that a pack is added beside the codec
// and not within it.
namespace headroom::beckn::lts {

/// Where a set of attributes stands.
enum class Part : std::uint8_t { resource, offer, commitment, performance, contract, consideration };

/// What one pair of resource and offer turns out to be.
enum class EntryKind : std::uint8_t { unknown, offer, line, need, window };

/// One pair of resource and offer of a catalog, or one commitment of a contract, while it is read.
struct Entry {
    EntryKind kind = EntryKind::unknown;
    flex::Offer offer;
    OrderLine line;
    NeedLine need;
    flex::ComputeWindow window;
};

/// What a pack may fill in: only what belongs to its part is there.
struct PackTarget {
    Entry* entry = nullptr;                    ///< resource, offer, commitment
    flex::Performance* performance = nullptr;  ///< performance
    Order* order = nullptr;                    ///< performance, contract, consideration
    const CodecLimits* limits = nullptr;
};

struct Pack {
    std::string_view type;  ///< without prefix
    Part part = Part::resource;
    /// Faults go to the node; the caller counts them.
    void (*read)(const Node& attributes, PackTarget& target);
};

[[nodiscard]] std::span<const Pack> packs();

/// Reads attributes by their `@type`. Attributes that are absent or of a type not known are passed over;
/// false then.
bool read_pack(const Node& attributes, Part part, PackTarget& target);

}  // namespace headroom::beckn::lts
