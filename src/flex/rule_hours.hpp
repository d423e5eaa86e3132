#pragma once

#include "core/time.hpp"

#include <optional>
#include <string_view>

namespace headroom::flex {

// Times of day of the operator's rules, Europe/London.

inline constexpr int day_minutes = 24 * 60;

/// Minutes of "17:25", up to "24:00"; nothing for anything else.
[[nodiscard]] std::optional<int> minute_of_day(std::string_view text);
/// Half-open; an `until` before `from` reaches past midnight.
[[nodiscard]] bool lies_between(int minute, int from, int until);

/// The first instant of the day, week (from Monday), month or year that holds `at`, by the London clock; the
/// beginning of time for any other word.
[[nodiscard]] UtcTime start_of_span(std::string_view span, UtcTime at);

}  // namespace headroom::flex
