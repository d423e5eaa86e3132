#pragma once

#include "core/time.hpp"
#include "trust/verdict.hpp"

#include <cstdint>

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
};

struct WatchRules {
    std::uint32_t stuck_after = 6;  ///< equal non-zero values in a row
    double limit_multiple = 6.0;    ///< of the limit: beyond it a value is out of range for the point
    double spike_multiple = 12.0;   ///< of the usual step, and more than a third of the limit
    double gap_cadences = 3.5;
};

/// A verdict without its words.
struct Judgement {
    Doubt doubt = Doubt::none;
    bool usable = true;
};

/// Judges the next reading of a point, in order of time, `distance` behind the reading before it (whatever
/// that is for the first one), and brings the memory up to date. `limit` is the point's limit in the same
/// unit, 0 when it has none. A doubtful spike is kept out once; when the next reading confirms it, it was a
/// step. Pure but for `watch`; takes no memory.
[[nodiscard]] Judgement judge(Watch& watch, const WatchRules& rules, milliseconds distance, double value,
                              double limit);

/// The sentence that goes with a judgement other than `none`; `before` is the memory as it was.
[[nodiscard]] std::string explain(Judgement judgement, const Watch& before, const WatchRules& rules,
                                  milliseconds distance, double value, double limit);

}  // namespace headroom::trust
