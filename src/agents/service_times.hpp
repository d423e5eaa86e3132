#pragma once

#include "core/time.hpp"

#include <cstdint>

namespace headroom::agents {

// What the services that we run for others, discovery and the search gateway, keep alike.

/// So long a participant may take to acknowledge what is sent to it, ms.
inline constexpr std::int64_t service_deadline_ms = 5'000;
/// Wall time for which repeats are known after their signature has ended.
inline constexpr milliseconds service_inbox_keep = hours{1};

}  // namespace headroom::agents
