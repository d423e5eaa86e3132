#pragma once

#include "features/half_hour_ring.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace headroom::features {

/// Half-hour means of one point, oldest first, NaN = unknown. Looks at memory of its owner.
struct HalfHours {
    std::int64_t first = 0;  ///< period index of kw[0]
    std::span<const float> kw;

    /// NaN outside.
    [[nodiscard]] float at(std::int64_t period) const {
        const std::int64_t i = period - first;
        return i < 0 || i >= static_cast<std::int64_t>(kw.size()) ? std::numeric_limits<float>::quiet_NaN()
                                                                  : kw[static_cast<std::size_t>(i)];
    }
    /// Behind the last half-hour.
    [[nodiscard]] std::int64_t end() const { return first + static_cast<std::int64_t>(kw.size()); }
};

/// What the ring holds of the half-hours before `end`, as many as `scratch` has room for, laid out straight
/// in `scratch`, which the answer looks at.
[[nodiscard]] HalfHours straight(const HalfHourRing& ring, std::int64_t end, std::span<float> scratch);

}  // namespace headroom::features
