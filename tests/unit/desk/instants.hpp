#pragma once

#include "core/time.hpp"

#include <chrono>

// The moments at which the tests of the desk play.
namespace headroom::desk::test {

/// Noon of 20 November 2026, UTC.
inline constexpr UtcTime noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + hours{12}};
/// Noon of 14 January 2027, UTC.
inline constexpr UtcTime january_noon{std::chrono::sys_days{std::chrono::year{2027} / 1 / 14} + hours{12}};

}  // namespace headroom::desk::test
