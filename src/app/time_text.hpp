#pragma once

#include <cstdint>
#include <string>

namespace headroom::app {

/// An instant in Unix seconds as the forecast files write it: 2026-11-20T17:00:00Z.
[[nodiscard]] std::string time_text(std::int64_t unix_s);

}  // namespace headroom::app
