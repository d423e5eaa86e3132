#include "trust/watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace headroom::trust {
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
