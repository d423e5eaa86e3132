#include "risk/measured_overload.hpp"

#include "risk/risk_json.hpp"

#include <algorithm>

namespace headroom::risk {

LiveThresholds live_thresholds(std::int64_t limit_w, const RiskRules& rules) {
    HEADROOM_ASSERT(limit_w > 0 && limit_w <= load_max_w);
    const auto small = [](std::int64_t n) {
        return static_cast<std::uint8_t>(std::clamp<std::int64_t>(n, 1, 255));
    };
    return {.limit_w = limit_w,
            .instant_w = multiply_divide_half_even(limit_w, rules.instant_ppm, whole_ppm),
            .clear_w = multiply_divide_half_even(limit_w, rules.clear_ppm, whole_ppm),
            .persistence = small(rules.live_persistence),
            .window = small(rules.live_window),
            .clear_readings = small(rules.clear_readings)};
}

std::optional<MeasuredOverload> ExcessRun::take(const LiveThresholds& thresholds, UtcTime at, UtcTime until,
                                                std::int64_t load_w) {
    std::optional<MeasuredOverload> ended;
    const milliseconds length = until - at;
    if (seen > 0 && at - last_until > std::max(live_fresh_for, 3 * length)) {
        ended = finish(thresholds);
    }
    const bool is_over = load_w > thresholds.limit_w;
    if (!is_open && seen >= thresholds.window) {
        *this = {};  // it was noise
    }
    if (seen == 0 && !is_over) {
        return ended;
    }
    if (seen == 0) {
        start = at;
    }
    seen = static_cast<std::uint8_t>(std::min(seen + 1, 255));
    last_until = until;
    if (is_over) {
        over = static_cast<std::uint8_t>(std::min(over + 1, 255));
        last_over = until;
        peak_w = std::max(peak_w, load_w);
        watt_seconds += (load_w - thresholds.limit_w) * (length.count() / 1000);
        is_open = is_open || over >= thresholds.persistence || load_w > thresholds.instant_w;
    }
    below = load_w < thresholds.clear_w ? static_cast<std::uint8_t>(below + 1) : std::uint8_t{0};
    if (is_open && below >= thresholds.clear_readings) {
        return finish(thresholds);
    }
    if (below == 255) {
        below = 254;
    }
    return ended;
}

std::optional<MeasuredOverload> ExcessRun::finish(const LiveThresholds& thresholds) {
    std::optional<MeasuredOverload> ended;
    if (is_open) {
        ended = MeasuredOverload{.start = start,
                                 .end = last_over,
                                 .peak_over = Watts{peak_w - thresholds.limit_w},
                                 .peak_load = Watts{peak_w},
                                 .energy_over = WattHours{divide_half_even(watt_seconds, 3600)},
                                 .level = level_of(peak_w, thresholds.limit_w)};
    }
    *this = {};
    return ended;
}

}  // namespace headroom::risk
