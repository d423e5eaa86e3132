#pragma once

#include "core/time.hpp"

#include <chrono>

namespace headroom::sim::test {

/// Half past five in the evening for which providers are asked, 14 January 2027, UTC.
inline constexpr UtcTime evening{std::chrono::sys_days{std::chrono::year{2027} / 1 / 14} + hours{17} +
                                 minutes{30}};

}  // namespace headroom::sim::test
