#include "features/half_hours.hpp"

namespace headroom::features {

HalfHours straight(const HalfHourRing& ring, std::int64_t end, std::vector<float>& scratch) {
    scratch.resize(static_cast<std::size_t>(HalfHourRing::length));
    const std::int64_t first = end - HalfHourRing::length;
    for (std::size_t i = 0; i < scratch.size(); ++i) {
        scratch[i] = ring.at(first + static_cast<std::int64_t>(i));
    }
    return {.first = first, .kw = scratch};
}

}  // namespace headroom::features
