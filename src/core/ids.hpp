#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <compare>
#include <functional>
#include <string>
#include <string_view>

namespace headroom {

/// [A-Za-z0-9][A-Za-z0-9._-]{0,63}: the only form an id of ours may take.
[[nodiscard]] bool is_valid_id(std::string_view text);

/// `text` with every character that an id may not hold replaced by '-', cut to 64; the foreign name belongs
/// in `source_ref`.
[[nodiscard]] std::string to_id(std::string_view text);

/// A string that names one kind of thing.
template <class Tag>
struct Id {
    std::string value;
    auto operator<=>(const Id&) const = default;
    [[nodiscard]] bool empty() const { return value.empty(); }
};

using EventId = Id<struct EventTag>;
using InstructionId = Id<struct InstructionTag>;
using TransactionId = Id<struct TransactionTag>;

/// `ev-YYYYMMDD-` and 8 base32 characters of SHA-256(limit_key, first breached period): the same after a
/// restart, on another monitor and in a replay.
[[nodiscard]] EventId make_event_id(std::string_view limit_key, UtcTime first_breached_period);

/// A ULID (26 characters, Crockford base32): 48 bits of Unix milliseconds and 80 bits of SHA-256(material).
/// Deterministic, so that the same decision gives the same instruction id.
[[nodiscard]] InstructionId make_instruction_id(UtcTime at, std::string_view material);

/// A version-8 UUID made from SHA-256(material): Beckn's transaction and message ids, reproducible.
[[nodiscard]] std::string make_uuid(std::string_view material);

}  // namespace headroom

template <class Tag>
struct std::hash<headroom::Id<Tag>> {
    std::size_t operator()(const headroom::Id<Tag>& id) const noexcept {
        return std::hash<std::string>{}(id.value);
    }
};
