#include "trust/watch.hpp"

#include <fmt/format.h>

#include <cmath>

namespace headroom::trust {
namespace {

constexpr double slow = 0.05;  // weight of the newest step in the usual one
constexpr std::uint32_t steps_to_learn = 20;

}  // namespace

Verdict judge(Watch& watch, const WatchRules& rules, telemetry::PointRef point, UtcTime start, double value,
              double limit) {
    Verdict verdict{.point = point, .at = start, .doubt = Doubt::none, .usable = true, .detail = {}};
    if (limit > 0.0 && std::abs(value) > rules.limit_multiple * limit) {
        verdict.doubt = Doubt::range;
        verdict.usable = false;
        verdict.detail = fmt::format("{:.1f} is more than {:.0f} times the limit of {:.1f}", value,
                                     rules.limit_multiple, limit);
        return verdict;
    }
    const double step = std::abs(value - watch.last_value);
    if (watch.seen > 0) {
        const milliseconds distance = start - watch.last_start;
        if (watch.cadence.count() == 0 || distance < watch.cadence) {
            watch.cadence = distance;
        } else if (static_cast<double>(distance.count()) >
                   rules.gap_cadences * static_cast<double>(watch.cadence.count())) {
            verdict.doubt = Doubt::gap;
            verdict.detail = fmt::format("nothing for {} s",
                                         std::chrono::duration_cast<std::chrono::seconds>(distance).count());
        }
        if (step == 0.0 && value != 0.0) {
            watch.same += 1;
            if (watch.same + 1 >= rules.stuck_after) {
                verdict.usable = false;
                if (!watch.is_stuck) {
                    verdict.doubt = Doubt::stuck;
                    verdict.detail = fmt::format("{} times {:.3f} in a row", watch.same + 1, value);
                }
                watch.is_stuck = true;
            }
        } else {
            watch.same = 0;
            watch.is_stuck = false;
        }
        const bool is_spike = watch.seen > steps_to_learn && limit > 0.0 && step > limit / 3.0 &&
                              step > rules.spike_multiple * watch.usual_step && verdict.doubt != Doubt::gap;
        if (is_spike && watch.doubtful_steps == 0) {
            watch.doubtful_steps = 1;
            verdict.doubt = Doubt::spike;
            verdict.usable = false;
            verdict.detail = fmt::format("{:.1f} after {:.1f}: {:.0f} times the usual step", value,
                                         watch.last_value, step / std::max(watch.usual_step, 1e-6));
            watch.last_start = start;
            return verdict;  // the value before stays the reference: the next reading decides
        }
    }
    watch.doubtful_steps = 0;
    watch.usual_step = watch.seen < 2 ? step : (1.0 - slow) * watch.usual_step + slow * step;
    watch.last_value = value;
    watch.last_start = start;
    watch.seen += 1;
    return verdict;
}

}  // namespace headroom::trust
