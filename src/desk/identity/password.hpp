#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace headroom::desk::identity {

/// What one argon2id hash costs. The default is the second recommended choice of RFC 9106 §4 with one lane:
/// 64 MiB, three passes.
struct PasswordCost {
    std::uint64_t passes = 3;
    std::size_t memory_bytes = 64UL * 1024 * 1024;
};

inline constexpr std::size_t password_characters_min = 12;
inline constexpr std::size_t password_bytes_max = 1024;

/// The one rule for passwords: at least 12 characters and at most 1,024 bytes of UTF-8, no
/// control characters.
/// Errors: `invalid`, saying what is asked for and never the password.
[[nodiscard]] Result<void> check_password(std::string_view password);

/// argon2id (libsodium) with a random salt, as "$argon2id$v=19$m=65536,t=3,p=1$…". Takes about a tenth of a
/// second and `memory_bytes`: never on the io_context's thread. Errors: `unavailable` when the memory cannot
/// be had.
[[nodiscard]] Result<std::string> hash_password(std::string_view password, PasswordCost cost = {});

/// Whether `password` gives `hash`. Costs what the hash was made with; never on the io_context's thread.
/// False also for a text that is no hash.
[[nodiscard]] bool verify_password(std::string_view hash, std::string_view password);

/// A hash of the given cost that no password gives: verified for a name that does not exist, so that the
/// answer takes as long as for one that does.
[[nodiscard]] std::string decoy_hash(PasswordCost cost = {});

/// Whether `hash` has the form above and asks for no more than 1 GiB and 16 passes.
[[nodiscard]] bool is_password_hash(std::string_view hash);

}  // namespace headroom::desk::identity
