#pragma once

#include "core/digest.hpp"

#include <sodium.h>

#include <string_view>

namespace headroom::audit {

/// SHA-256 of bytes that come one part after the other. A copy goes on from the same point by itself.
class HashStream {
  public:
    HashStream() { crypto_hash_sha256_init(&state_); }

    void update(std::string_view bytes) {
        crypto_hash_sha256_update(&state_, reinterpret_cast<const unsigned char*>(bytes.data()),
                                  bytes.size());
    }
    /// Of everything so far; more may follow.
    [[nodiscard]] Sha256 digest() const {
        crypto_hash_sha256_state copy = state_;
        Sha256 hash{};
        crypto_hash_sha256_final(&copy, hash.data());
        return hash;
    }

  private:
    crypto_hash_sha256_state state_{};
};

}  // namespace headroom::audit
