#pragma once

#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace headroom::flex {

/// Whole numbers (W, Wh, µ£/MWh …) on equal steps from `start`. The one grid that plans, contracts and
/// settlement share.
struct IntervalGrid {
    UtcTime start{};
    milliseconds step = period_length;
    std::vector<std::int64_t> values;

    [[nodiscard]] UtcTime end() const { return start + step * static_cast<std::int64_t>(values.size()); }
    [[nodiscard]] UtcTime time_of(std::size_t slot) const {
        return start + step * static_cast<std::int64_t>(slot);
    }
    /// 0 outside.
    [[nodiscard]] std::int64_t at(UtcTime instant) const {
        if (instant < start || instant >= end()) {
            return 0;
        }
        return values[static_cast<std::size_t>((instant - start) / step)];
    }
    bool operator==(const IntervalGrid&) const = default;
};

}  // namespace headroom::flex
