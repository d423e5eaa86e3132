#pragma once

#include "core/time.hpp"

#include <chrono>

namespace headroom::store {

/// Midnight before `noon`, 20 November 2026, UTC.
inline constexpr UtcTime midnight{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20}};
/// Noon of that day, UTC.
inline constexpr UtcTime noon = midnight + hours{12};

}  // namespace headroom::store
