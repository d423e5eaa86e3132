#include "features/half_hours.hpp"

namespace headroom::features {

HalfHours straight(const HalfHourRing& ring, std::int64_t end, std::span<float> scratch) {
    const std::int64_t first = end - static_cast<std::int64_t>(scratch.size());
    ring.copy(first, scratch);
    return {.first = first, .kw = scratch};
}

}  // namespace headroom::features
