#pragma once

#include "beckn/codec.hpp"
#include "beckn/error_code.hpp"
#include "beckn/wire_version.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace headroom::beckn {

/// The same error with what should have stood at its place and what stood there, each cut to what a NACK
/// holds.
[[nodiscard]] MessageError differing(MessageError error, std::string_view expected, std::string_view got);

/// Why a message is of no use: the first fault's place, what was expected there and the value that stood
/// there, out of the message itself.
[[nodiscard]] MessageError unreadable(WireVersion version, const Decoded& decoded, std::string_view raw);

/// What can be told of a message that is of no use: its NACK still says which message it is about, in the
/// dialect that it came in.
struct Remains {
    std::optional<WireVersion> version;  ///< nothing when the context does not tell
    std::string transaction_id;          ///< empty when there is none that could be repeated in an answer
    std::string message_id;              ///< the same
};
[[nodiscard]] Remains remains_of(std::string_view raw);

/// "subscriber|key": the key by which a sender was known, for a NACK.
[[nodiscard]] std::string key_of_sender(std::string_view subscriber, std::string_view key);

}  // namespace headroom::beckn
