#pragma once

#include "core/result.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace headroom::beckn {

using X25519PublicKey = std::array<std::uint8_t, 32>;

/// The key with which a subscriber reads a registry's challenge. The secret is wiped when the object dies.
class X25519KeyPair {
  public:
    /// From 32 secret bytes. Errors: `invalid` for another length.
    [[nodiscard]] static Result<X25519KeyPair> from_secret(std::string_view bytes);

    X25519KeyPair(const X25519KeyPair&) = default;
    X25519KeyPair& operator=(const X25519KeyPair&) = default;
    ~X25519KeyPair();

    [[nodiscard]] const X25519PublicKey& public_key() const { return public_key_; }

    /// `text` for the holder of `peer`: AES-256 in ECB mode with PKCS#7 padding under the shared secret of
    /// this key and `peer`, as standard Base64. ECB is what networks' registries speak; it hides a random
    /// challenge and is fit for nothing else. Errors: `invalid` for a `peer` of low order.
    [[nodiscard]] Result<std::string> encrypt(std::string_view text, const X25519PublicKey& peer) const;
    /// What `encrypt` of the holder of `peer` was given. Errors: `invalid` for no Base64, another key, broken
    /// padding, or more than 64 KiB.
    [[nodiscard]] Result<std::string> decrypt(std::string_view base64, const X25519PublicKey& peer) const;

  private:
    X25519KeyPair() = default;
    std::array<std::uint8_t, 32> secret_{};
    X25519PublicKey public_key_{};
};

/// A public key as registries publish it: Base64 of the 32 bytes, or of their SPKI form (44 bytes).
/// Errors: `invalid`.
[[nodiscard]] Result<X25519PublicKey> parse_x25519_key(std::string_view base64);

}  // namespace headroom::beckn
