#pragma once

#include "core/time.hpp"
#include "desk/identity/password.hpp"

#include <chrono>

// What the tests of the identity share.
namespace headroom::desk::identity::test {

/// Noon of 28 November 2026, UTC.
inline constexpr UtcTime noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 28} + hours{12}};
/// The least that libsodium takes: tests ask whether it is right, not whether it is dear.
inline constexpr PasswordCost cheap{.passes = 1, .memory_bytes = 8192};

}  // namespace headroom::desk::identity::test
