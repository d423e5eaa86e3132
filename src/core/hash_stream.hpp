#pragma once

#include "core/digest.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace headroom {

/// SHA-256 of bytes that come one part after the other. A copy goes on from the same point by itself.
///
/// Every entry is hashed as a leaf and again with its file, every message as evidence, and libsodium does not
/// know the processor's own instructions for it; with them this is four times as fast
/// (docs/adr/0004-audit.md).
class HashStream {
  public:
    HashStream() = default;

    void update(std::string_view bytes);
    /// Of everything so far; more may follow.
    [[nodiscard]] Sha256 digest() const;

  private:
    static constexpr std::size_t block_bytes = 64;
    using State = std::array<std::uint32_t, 8>;

    State state_{0x6A09E667U, 0xBB67AE85U, 0x3C6EF372U, 0xA54FF53AU,
                 0x510E527FU, 0x9B05688CU, 0x1F83D9ABU, 0x5BE0CD19U};
    std::array<std::uint8_t, block_bytes> rest_{};  // less than a block, not yet in the state
    std::uint64_t length_ = 0;
};

/// SHA-256 of `bytes` folded into `state`, for a whole number of blocks of 64 bytes. For tests: the same in
/// plain C++, which processors without the instructions use.
void compress_portable(std::array<std::uint32_t, 8>& state, const std::uint8_t* bytes, std::size_t blocks);
/// Whether this processor has the instructions.
[[nodiscard]] bool has_sha_instructions();

}  // namespace headroom
