#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace headroom::flex {

/// The longest grid that is read: a week of half-hours.
inline constexpr std::size_t grid_slots_max = 336;

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

[[nodiscard]] json::Value to_json(const IntervalGrid& grid);
/// Errors: `invalid` with the pointer.
[[nodiscard]] Result<IntervalGrid> interval_grid_from_json(const json::Value& value);

}  // namespace headroom::flex
