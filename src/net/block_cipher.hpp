#pragma once

#include "core/result.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace headroom::net {

using Aes256Key = std::array<std::uint8_t, 32>;

/// AES-256 block by block (ECB) with PKCS#7 padding. It shows which blocks are equal: only for random text
/// that others want in this form. Errors: `invalid` above 1 MiB, `unavailable` when the library has no AES.
[[nodiscard]] Result<std::string> encrypt_aes256_ecb(std::string_view text, const Aes256Key& key);
/// Errors: `invalid` for a length that is no multiple of 16 or padding that does not fit; else as above.
[[nodiscard]] Result<std::string> decrypt_aes256_ecb(std::string_view sealed, const Aes256Key& key);

}  // namespace headroom::net
