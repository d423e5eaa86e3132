#pragma once

#include "core/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace headroom {

using Sha256 = std::array<std::uint8_t, 32>;
using Blake2b512 = std::array<std::uint8_t, 64>;
using Ed25519PublicKey = std::array<std::uint8_t, 32>;
using Ed25519Signature = std::array<std::uint8_t, 64>;

/// SHA-256 of the parts, one after the other.
[[nodiscard]] Sha256 sha256(std::initializer_list<std::string_view> parts);
[[nodiscard]] inline Sha256 sha256(std::string_view data) {
    return sha256({data});
}
[[nodiscard]] std::string sha256_hex(std::string_view data);
[[nodiscard]] Blake2b512 blake2b512(std::string_view data);

[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> bytes);
/// Errors: `invalid` for an odd length or another character than 0-9a-fA-F.
[[nodiscard]] Result<std::string> from_hex(std::string_view text);
/// RFC 4648 §4 with padding.
[[nodiscard]] std::string to_base64(std::span<const std::uint8_t> bytes);
[[nodiscard]] std::string to_base64(std::string_view bytes);
/// Strict: no white space, no URL alphabet, canonical padding. Errors: `invalid`.
[[nodiscard]] Result<std::string> from_base64(std::string_view text);
[[nodiscard]] std::string_view as_chars(std::span<const std::uint8_t> bytes);

/// An Ed25519 key pair (libsodium). The secret is wiped when the object dies.
class Ed25519KeyPair {
  public:
    /// From 32 seed bytes, or 64 bytes seed||public. Errors: `invalid` for another length or a public half
    /// that does not fit.
    [[nodiscard]] static Result<Ed25519KeyPair> from_secret(std::string_view bytes);
    /// A new random key.
    [[nodiscard]] static Ed25519KeyPair generate();

    Ed25519KeyPair(const Ed25519KeyPair&) = default;
    Ed25519KeyPair& operator=(const Ed25519KeyPair&) = default;
    ~Ed25519KeyPair();

    [[nodiscard]] const Ed25519PublicKey& public_key() const { return public_key_; }
    /// The 32 bytes to keep in a file of mode 0600.
    [[nodiscard]] std::string seed() const;
    [[nodiscard]] Ed25519Signature sign(std::string_view message) const;

  private:
    Ed25519KeyPair() = default;
    std::array<std::uint8_t, 64> secret_{};
    Ed25519PublicKey public_key_{};
};

[[nodiscard]] bool ed25519_verify(const Ed25519PublicKey& key, std::string_view message,
                                  std::string_view signature);

/// CRC-32C (Castagnoli, 0x82F63B78 reflected); the check value of "123456789" is 0xe3069283. `seed` continues
/// an earlier sum.
[[nodiscard]] std::uint32_t crc32c(std::string_view data, std::uint32_t seed = 0);
/// The same sum without the processor's instruction; `crc32c` takes it where that is missing.
[[nodiscard]] std::uint32_t crc32c_portable(std::string_view data, std::uint32_t seed = 0);

/// Cryptographically random bytes; for keys and nonces only, never for decisions.
[[nodiscard]] std::string random_bytes(std::size_t count);

}  // namespace headroom
