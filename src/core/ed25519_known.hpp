#pragma once

#include "core/digest.hpp"

#include <memory>
#include <string_view>

namespace headroom {

class EdwardsMultiples;

/// A public key with its multiples worked out. libsodium begins with the bare key every time and doubles its
/// way through 253 bits; with the multiples at hand a signature costs a quarter of that. For keys that come
/// again: working them out takes as long as some signatures, and 128 KiB.
///
/// Only public values pass through here, in variable time.
/// Source: RFC 8032 §5.1.7 without the cofactor, and libsodium's further rules: no S from the group's order
/// on, no R of small order.
class Ed25519Multiples {
  public:
    /// Nothing for bytes that are no point of the group of prime order.
    [[nodiscard]] static std::unique_ptr<const Ed25519Multiples> of(const Ed25519PublicKey& key);
    ~Ed25519Multiples();
    Ed25519Multiples(const Ed25519Multiples&) = delete;
    Ed25519Multiples& operator=(const Ed25519Multiples&) = delete;

    [[nodiscard]] bool verify(std::string_view message, std::string_view signature) const;

  private:
    Ed25519Multiples(const Ed25519PublicKey& key, std::unique_ptr<const EdwardsMultiples> negative);

    Ed25519PublicKey key_;
    std::unique_ptr<const EdwardsMultiples> negative_;  // of the key's negative
};

/// `ed25519_verify` for keys that are expected again: a thread keeps the multiples of those whose signatures
/// it has found good several times, the busiest 64. What the multiples do not accept libsodium judges, so
/// that a signature is refused by it alone. Never let an unauthenticated sender's own keys pass through here.
[[nodiscard]] bool ed25519_verify_known(const Ed25519PublicKey& key, std::string_view message,
                                        std::string_view signature);

/// The multiples of a key that is configured, worked out by this thread before its first signature comes: a
/// millisecond at the start and not in the middle of a first event. Does nothing for bytes that are no key.
void ed25519_expect(const Ed25519PublicKey& key);

}  // namespace headroom
