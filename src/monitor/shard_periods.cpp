#include "monitor/shard.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::monitor {
namespace {

std::size_t older_slot(std::int64_t period) {
    constexpr auto count = static_cast<std::int64_t>(older_periods);
    return static_cast<std::size_t>(((period % count) + count) % count);
}

}  // namespace

/// An interval of several half-hours is the mean of each of them.
void Shard::add_to_periods(Item item, HotPoint& point, const telemetry::Reading& reading) {
    const std::int64_t index = features::period_index(reading.interval_start);
    const std::int64_t length_ms = (reading.interval_end - reading.interval_start).count();
    if (length_ms < 2 * period_length.count()) {
        return add_to_period(item, point, index, reading.value, length_ms);
    }
    const std::int64_t count = length_ms / period_length.count();
    for (std::int64_t period = index; period < index + count; ++period) {
        add_to_period(item, point, period, reading.value, length_ms);
    }
}

void Shard::add_to_period(Item item, HotPoint& point, std::int64_t period, double kw,
                          std::int64_t length_ms) {
    if (period < context_.closed) {
        mark_late(item.local);
    }
    if (period == point.sum.period) {
        return point.sum.add(kw, length_ms);
    }
    if (period > point.sum.period) {
        if (point.sum.period != features::no_period) {
            PeriodSum& place = older(item.local)[older_slot(point.sum.period)];
            retire(item.position, item.local, place);
            place = point.sum;
        }
        point.sum = PeriodSum{.period = static_cast<std::int32_t>(period)};
        return point.sum.add(kw, length_ms);
    }
    PeriodSum& place = older(item.local)[older_slot(period)];
    if (place.period > period) {
        return;  // that half-hour is closed for good
    }
    if (place.period != period) {
        retire(item.position, item.local, place);
        place = PeriodSum{.period = static_cast<std::int32_t>(period)};
    }
    place.add(kw, length_ms);
}

/// The newest reading, or one that the ring still holds, said `was` and is corrected.
void Shard::correct_periods(std::uint32_t local, HotPoint& point, const telemetry::Reading& reading,
                            double was) {
    const std::int64_t index = features::period_index(reading.interval_start);
    const std::int64_t length_ms = (reading.interval_end - reading.interval_start).count();
    const std::int64_t count = std::max<std::int64_t>(1, length_ms / period_length.count());
    for (std::int64_t period = index; period < index + count; ++period) {
        PeriodSum& sum = period == point.sum.period ? point.sum : older(local)[older_slot(period)];
        if (sum.period == period) {
            sum.correct(was, reading.value, length_ms);
            if (period < context_.closed) {
                mark_late(local);
            }
        }
    }
}

/// The place of a sum is needed for another half-hour.
void Shard::retire(std::uint32_t position, std::uint32_t local, PeriodSum& sum) {
    if (sum.period == features::no_period || sum.is_dirty == 0) {
        return;
    }
    sum.is_dirty = 0;
    if (const float mean = sum.mean(); std::isfinite(mean)) {
        half_hours(local).set(sum.period, mean);
        forget_level(local);
        found.rollups.push_back({position, {refs_[local], sum.period, mean}});
    }
}

/// The half-hours that a level was reckoned from have changed.
void Shard::forget_level(std::uint32_t local) {
    for (const std::uint32_t index : limits_of_[local]) {
        if (index != none) {
            limits_[index].level_origin = features::no_period;
        }
    }
}

void Shard::mark_late(std::uint32_t local) {
    if (late_.empty() || late_.back() != local) {
        late_.push_back(local);
    }
}

/// Half-hours that have ended, or were corrected after their end, go into the rings and to the series store.
void Shard::close_periods(std::int64_t current, bool is_all) {
    const auto close = [&](std::uint32_t local) {
        const auto look = [&](PeriodSum& sum) {
            if (sum.period < current) {
                retire(refs_[local], local, sum);
            }
        };
        for (PeriodSum& sum : older(local)) {
            look(sum);
        }
        look(hot(local).sum);
    };
    if (is_all) {
        for (std::uint32_t local = 0; local < points(); ++local) {
            close(local);
        }
    } else {
        std::sort(late_.begin(), late_.end());
        late_.erase(std::unique(late_.begin(), late_.end()), late_.end());
        for (const std::uint32_t local : late_) {
            close(local);
        }
    }
    late_.clear();
    // By point, then by half-hour, whatever the order of the sums was.
    std::sort(found.rollups.begin(), found.rollups.end(),
              [](const Found<RolledUp>& a, const Found<RolledUp>& b) {
                  return std::pair(a.position, a.what.period) < std::pair(b.position, b.what.period);
              });
}

double Shard::period_mean_kw(std::uint32_t local, std::int64_t period) {
    for (const PeriodSum& sum : older(local)) {
        if (sum.period == period && std::isfinite(sum.mean())) {
            return static_cast<double>(sum.mean());
        }
    }
    if (const PeriodSum& sum = hot(local).sum; sum.period == period && std::isfinite(sum.mean())) {
        return static_cast<double>(sum.mean());
    }
    return newest_half_hours_[local] == features::no_period
               ? std::numeric_limits<double>::quiet_NaN()
               : static_cast<double>(half_hours(local).at(period));
}

}  // namespace headroom::monitor
