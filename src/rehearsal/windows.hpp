#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace headroom::rehearsal {

/// Half-hours [first, end), counted from the front of a walk.
struct Window {
    std::int64_t first = 0;
    std::int64_t end = 0;
    bool operator==(const Window&) const = default;
};

/// Longer windows are cut: a purchase is for two days at most.
inline constexpr std::int64_t window_max = 96;
/// An alarm stands until the foretold load is below this share of the limit.
inline constexpr double alarm_clear_share = 0.97;

/// Where the load was over the limit; a single half-hour within it, or without a reading, does not end it.
[[nodiscard]] std::vector<Window> overloads_of(std::span<const float> load_kw, double limit_kw);
/// Where the alarm stands: from the first half-hour over the limit, at most `window_max`, to the last one
/// before the foretold load is below the clear level. NaN ends it.
[[nodiscard]] std::vector<Window> alarms_of(std::span<const float> foretold_kw, double limit_kw);

[[nodiscard]] constexpr bool touches(const Window& a, const Window& b) {
    return a.first < b.end && b.first < a.end;
}

}  // namespace headroom::rehearsal
