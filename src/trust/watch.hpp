#pragma once

#include "core/time.hpp"
#include "trust/verdict.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

namespace headroom::trust {

/// What is remembered of a point to judge its next reading: a few numbers, no history. Packed, since a
/// million of them are kept; counters stop at their largest value.
struct Watch {
    double last_value = 0.0;       // of the newest reading that was no spike
    float usual_step = 0.0F;       // slow mean of |value − last value|
    std::uint32_t cadence_ms = 0;  // usual distance of readings; 0 until known
    std::uint16_t same = 0;        // equal non-zero values in a row
    std::uint8_t seen = 0;
    bool is_stuck : 1 = false;
    bool is_step_doubted : 1 = false;  // the last reading was a spike: a step that stays is believed
    bool sends_changes : 1 = false;    // sent when the value moves: equal ones and silence are no finding
};

struct WatchRules {
    std::uint32_t stuck_after = 6;  ///< equal non-zero values in a row
    double limit_multiple = 6.0;    ///< of the limit: beyond it a value is out of range for the point
    double spike_multiple = 12.0;   ///< of the usual step, and more than a third of the limit
    double gap_cadences = 3.5;
};

namespace detail {
inline constexpr double slow = 0.05;  // weight of the newest step in the usual one
inline constexpr std::uint8_t steps_to_learn = 20;

template <class T>
void count_up(T& counter) {
    counter = static_cast<T>(counter + (counter < std::numeric_limits<T>::max() ? 1 : 0));
}
}  // namespace detail

/// A verdict without its words.
struct Judgement {
    Doubt doubt = Doubt::none;
    bool usable = true;
};

/// Judges the next reading of a point, in order of time, `distance` behind the reading before it (whatever
/// that is for the first one), and brings the memory up to date. `limit` is the point's limit in the same
/// unit, 0 when it has none. A doubtful spike is kept out once; when the next reading confirms it, it was a
/// step. Pure but for `watch`; takes no memory.
[[nodiscard]] inline Judgement judge(Watch& watch, const WatchRules& rules, milliseconds distance,
                                     double value, double limit) {
    Judgement out;
    if (limit > 0.0 && std::abs(value) > rules.limit_multiple * limit) {
        return {.doubt = Doubt::range, .usable = false};
    }
    const double step = std::abs(value - watch.last_value);
    const double usual = static_cast<double>(watch.usual_step);
    if (watch.seen > 0) {
        const std::int64_t apart_ms = distance.count();
        if (watch.cadence_ms == 0 || apart_ms < watch.cadence_ms) {
            watch.cadence_ms = static_cast<std::uint32_t>(
                std::min<std::int64_t>(apart_ms, std::numeric_limits<std::uint32_t>::max()));
        } else if (static_cast<double>(apart_ms) >
                       rules.gap_cadences * static_cast<double>(watch.cadence_ms) &&
                   !watch.sends_changes) {
            out.doubt = Doubt::gap;
        }
        if (step == 0.0 && value != 0.0 && !watch.sends_changes) {
            detail::count_up(watch.same);
            if (watch.same + 1U >= rules.stuck_after) {
                out.usable = false;
                out.doubt = watch.is_stuck ? out.doubt : Doubt::stuck;
                watch.is_stuck = true;
            }
        } else {
            watch.same = 0;
            watch.is_stuck = false;
        }
        const bool is_spike = watch.seen > detail::steps_to_learn && limit > 0.0 && step > limit / 3.0 &&
                              step > rules.spike_multiple * usual && out.doubt != Doubt::gap;
        if (is_spike && !watch.is_step_doubted) {
            watch.is_step_doubted = true;
            return {.doubt = Doubt::spike, .usable = false};  // the value before stays the reference
        }
    }
    watch.is_step_doubted = false;
    watch.usual_step =
        static_cast<float>(watch.seen < 2 ? step : (1.0 - detail::slow) * usual + detail::slow * step);
    watch.last_value = value;
    detail::count_up(watch.seen);
    return out;
}

/// The sentence that goes with a judgement other than `none`; `before` is the memory as it was.
[[nodiscard]] std::string explain(Judgement judgement, const Watch& before, const WatchRules& rules,
                                  milliseconds distance, double value, double limit);

}  // namespace headroom::trust
