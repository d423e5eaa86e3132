#pragma once

#include <cstdint>

namespace headroom {

/// A stretch of time in which the London clock keeps one distance to UTC.
struct LondonSpan {
    std::int64_t begin_s = 0;   ///< Unix seconds
    std::int64_t end_s = 0;     ///< half-open
    std::int64_t offset_s = 0;  ///< local time = UTC + offset
};

/// The span that holds `unix_s`. Fast enough for every reading: the thread's last answer is tried first. The
/// spans are those of the system's tz database (Europe/London); after its last listed transition (2037 in
/// Debian's) follows the rule in force, last Sunday of March to last Sunday of October, 01:00 UTC.
[[nodiscard]] const LondonSpan& london_span(std::int64_t unix_s);

}  // namespace headroom
