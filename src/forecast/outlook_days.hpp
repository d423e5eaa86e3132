#pragma once

#include "features/half_hours.hpp"
#include "forecast/calendar_days.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace headroom::forecast {

/// Half-hours of a day by the clock on the wall.
inline constexpr std::int64_t slots_of_day = 48;

/// A half-hour as people live it: a day, and the half-hour of it that the clock on the wall shows.
struct WallPlace {
    std::int64_t day = 0;   ///< days since 1970 of the local calendar
    std::int64_t slot = 0;  ///< 0 … 47
};
[[nodiscard]] WallPlace wall_place(Region region, std::int64_t period);

/// A past laid out by local days, so that half past seven stays half past seven when the clocks change: the
/// half-hours that come twice in autumn are one, their mean, and those that spring leaves out are unknown.
class LocalDays {
  public:
    /// What of `past` lies before `origin`, and the calendar up to the day of `until`. Both are period
    /// numbers, `until` behind `origin`.
    LocalDays(const features::HalfHours& past, std::int64_t origin, std::int64_t until, Region region);

    [[nodiscard]] std::int64_t first_day() const { return first_; }
    /// Behind the last day of the calendar.
    [[nodiscard]] std::int64_t end_day() const { return first_ + static_cast<std::int64_t>(days_.size()); }
    /// NaN when nothing is known.
    [[nodiscard]] float at(std::int64_t day, std::int64_t slot) const {
        return is_within(day) ? kw_[index(day, slot)] : std::numeric_limits<float>::quiet_NaN();
    }
    /// 0 = Monday … 6 = Sunday. Precondition: `day` is of the calendar.
    [[nodiscard]] int weekday(std::int64_t day) const { return place(day).weekday; }
    [[nodiscard]] bool is_holiday(std::int64_t day) const { return place(day).is_holiday; }
    [[nodiscard]] WallPlace origin() const { return origin_; }

  private:
    [[nodiscard]] bool is_within(std::int64_t day) const { return day >= first_ && day < end_day(); }
    [[nodiscard]] std::size_t index(std::int64_t day, std::int64_t slot) const {
        return static_cast<std::size_t>((day - first_) * slots_of_day + slot);
    }
    [[nodiscard]] const DayPlace& place(std::int64_t day) const {
        return days_[static_cast<std::size_t>(day - first_)];
    }

    std::int64_t first_ = 0;
    WallPlace origin_;
    std::vector<DayPlace> days_;
    std::vector<float> kw_;
};

}  // namespace headroom::forecast
