#include "forecast/outlook_days.hpp"

#include "core/result.hpp"
#include "forecast/slots.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::forecast {

WallPlace wall_place(Region region, std::int64_t period) {
    const std::int64_t unix_s = period * seconds_per_half_hour;
    const std::int64_t minute = place_in_day(region, unix_s).minute;
    // The wall is less than half a day away from UTC.
    std::int64_t ahead = minute * 60 - (unix_s - floor_divide(unix_s, seconds_per_day) * seconds_per_day);
    ahead += ahead < -seconds_per_day / 2 ? seconds_per_day : 0;
    ahead -= ahead > seconds_per_day / 2 ? seconds_per_day : 0;
    return {.day = floor_divide(unix_s + ahead, seconds_per_day), .slot = minute / 30};
}

LocalDays::LocalDays(const features::HalfHours& past, std::int64_t origin, std::int64_t until, Region region)
    : origin_(wall_place(region, origin)) {
    HEADROOM_ASSERT(until >= origin);
    const std::int64_t begin = std::min(past.first, origin);
    first_ = wall_place(region, begin).day;
    const std::int64_t end = wall_place(region, until).day + 1;
    for (std::int64_t day = first_; day < end; ++day) {
        // Noon of the local day lies on that day whatever the clocks do.
        days_.push_back(place_in_day(region, day * seconds_per_day + seconds_per_day / 2));
    }
    kw_.resize(days_.size() * slots_of_day, std::numeric_limits<float>::quiet_NaN());
    const std::int64_t known = std::min(past.end(), origin);
    for (std::int64_t period = past.first; period < known; ++period) {
        const float value = past.at(period);
        if (std::isnan(value)) {
            continue;
        }
        const WallPlace wall = wall_place(region, period);
        float& kept = kw_[index(wall.day, wall.slot)];
        kept = std::isnan(kept) ? value : 0.5F * (kept + value);
    }
}

}  // namespace headroom::forecast
