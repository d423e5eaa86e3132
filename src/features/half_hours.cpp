#include "features/half_hours.hpp"

#include <algorithm>

namespace headroom::features {

HalfHours straight(const HalfHourRing& ring, std::int64_t end, std::span<float> scratch) {
    const auto length = static_cast<std::int64_t>(scratch.size());
    const std::int64_t first = end - length;
    if (ring.newest() == no_period) {
        std::fill(scratch.begin(), scratch.end(), std::numeric_limits<float>::quiet_NaN());
        return {.first = first, .kw = scratch};
    }
    for (std::int64_t i = 0; i < length; ++i) {
        scratch[static_cast<std::size_t>(i)] = ring.at(first + i);
    }
    return {.first = first, .kw = scratch};
}

}  // namespace headroom::features
