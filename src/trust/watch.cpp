#include "trust/watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace headroom::trust {
namespace {

constexpr double slow = 0.05;  // weight of the newest step in the usual one
constexpr std::uint8_t steps_to_learn = 20;

template <class T>
void count_up(T& counter) {
    counter = static_cast<T>(counter + (counter < std::numeric_limits<T>::max() ? 1 : 0));
}

}  // namespace

Judgement judge(Watch& watch, const WatchRules& rules, milliseconds distance, double value, double limit) {
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
                   rules.gap_cadences * static_cast<double>(watch.cadence_ms)) {
            out.doubt = Doubt::gap;
        }
        if (step == 0.0 && value != 0.0) {
            count_up(watch.same);
            if (watch.same + 1U >= rules.stuck_after) {
                out.usable = false;
                out.doubt = watch.is_stuck ? out.doubt : Doubt::stuck;
                watch.is_stuck = true;
            }
        } else {
            watch.same = 0;
            watch.is_stuck = false;
        }
        const bool is_spike = watch.seen > steps_to_learn && limit > 0.0 && step > limit / 3.0 &&
                              step > rules.spike_multiple * usual && out.doubt != Doubt::gap;
        if (is_spike && !watch.is_step_doubted) {
            watch.is_step_doubted = true;
            return {.doubt = Doubt::spike, .usable = false};  // the value before stays the reference
        }
    }
    watch.is_step_doubted = false;
    watch.usual_step = static_cast<float>(watch.seen < 2 ? step : (1.0 - slow) * usual + slow * step);
    watch.last_value = value;
    count_up(watch.seen);
    return out;
}

std::string explain(Judgement judgement, const Watch& before, const WatchRules& rules, milliseconds distance,
                    double value, double limit) {
    switch (judgement.doubt) {
        case Doubt::range:
            return fmt::format("{:.1f} is more than {:.0f} times the limit of {:.1f}", value,
                               rules.limit_multiple, limit);
        case Doubt::gap:
            return fmt::format("nothing for {} s",
                               std::chrono::duration_cast<std::chrono::seconds>(distance).count());
        case Doubt::stuck:
            return fmt::format("{} times {:.3f} in a row", before.same + 2, value);
        case Doubt::spike:
            return fmt::format(
                "{:.1f} after {:.1f}: {:.0f} times the usual step", value, before.last_value,
                std::abs(value - before.last_value) / std::max(static_cast<double>(before.usual_step), 1e-6));
        default:
            return {};
    }
}

}  // namespace headroom::trust
