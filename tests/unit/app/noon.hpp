#pragma once

#include "core/time.hpp"

#include <chrono>

namespace headroom::app::test {

/// Noon of 20 November 2026, UTC: where the readings of tests begin.
inline constexpr UtcTime noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + hours{12}};

}  // namespace headroom::app::test
