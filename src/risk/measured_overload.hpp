#pragma once

#include "core/time.hpp"
#include "core/units.hpp"
#include "risk/assess.hpp"
#include "risk/overload.hpp"

#include <cstdint>
#include <optional>

namespace headroom::risk {

/// An overload as the readings show it afterwards: what was over the limit, from when to when.
struct MeasuredOverload {
    UtcTime start{};  ///< of the first reading over the limit
    UtcTime end{};    ///< half-open: end of the last reading over it
    Watts peak_over{};
    Watts peak_load{};        ///< in the limit's direction
    WattHours energy_over{};  ///< load minus limit, over the readings above it
    Level level = Level::medium;
    bool operator==(const MeasuredOverload&) const = default;
};

/// The whole-watt thresholds of one limit.
struct LiveThresholds {
    std::int64_t limit_w = 0;
    std::int64_t instant_w = 0;  ///< above this a single reading counts
    std::int64_t clear_w = 0;    ///< below this a reading counts towards the end
    std::uint8_t persistence = 2;
    std::uint8_t window = 3;
    std::uint8_t clear_readings = 3;
};
/// Precondition: rules that `assess` takes; limit_w > 0.
[[nodiscard]] LiveThresholds live_thresholds(std::int64_t limit_w, const RiskRules& rules);

/// Follows the readings of one limit with the rules of raising and clearing: noise is let go, an overload
/// begins with its first reading over the limit and has ended once `clear_readings` in a row were below the
/// clear level, or the readings broke off. Plain data, one per limit; no allocation.
struct ExcessRun {
    UtcTime start{};
    UtcTime last_over{};   // end of the newest reading over the limit
    UtcTime last_until{};  // end of the newest reading
    std::int64_t peak_w = 0;
    std::int64_t watt_seconds = 0;
    std::uint8_t seen = 0;   // readings since the start, while it may still be noise
    std::uint8_t over = 0;   // of these over the limit
    std::uint8_t below = 0;  // readings below the clear level in a row
    bool is_open = false;

    /// Takes the reading over [at, until) (`load_w` in the limit's direction, |load| at most 1e12, in the
    /// order of time) and answers an overload when this ends one.
    std::optional<MeasuredOverload> take(const LiveThresholds& thresholds, UtcTime at, UtcTime until,
                                         std::int64_t load_w);
    /// The overload that is still open at the end of the readings.
    std::optional<MeasuredOverload> finish(const LiveThresholds& thresholds);
};

}  // namespace headroom::risk
