#pragma once

#include "core/digest.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::desk::identity {

/// Hexadecimal digits of a SHA-256.
inline constexpr std::size_t hash_digits = 64;

/// RFC 4648 §5 without padding: goes into cookies, headers and WebSocket subprotocols as it is.
[[nodiscard]] std::string to_base64url(std::string_view bytes);

/// 32 random bytes as 43 characters of base64url: a session id, or the secret half of a key.
[[nodiscard]] std::string new_secret();

/// A bearer key as it is handed out, once: "hr_<12 hex digits>_<43 characters>". The first part is public and
/// finds the key; of the second only the SHA-256 is kept. A plain hash does, because the secret is 256 random
/// bits and cannot be guessed.
struct BearerKey {
    std::string id;      ///< 12 hexadecimal digits
    std::string secret;  ///< 43 characters

    [[nodiscard]] std::string text() const { return "hr_" + id + "_" + secret; }
};
[[nodiscard]] BearerKey new_bearer_key();
/// Nothing for a text that is none.
[[nodiscard]] std::optional<BearerKey> parse_bearer_key(std::string_view text);
[[nodiscard]] bool is_key_id(std::string_view text);

/// Whether two hashes are the same, in a time that does not tell where they differ.
[[nodiscard]] bool same_hash(const Sha256& a, const Sha256& b);

}  // namespace headroom::desk::identity
