#include "monitor/shard.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::monitor {
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
        advance(item, point, period);
        return point.sum.add(kw, length_ms);
    }
    if (period < point.sum.period - std::int64_t{older_periods}) {
        return;  // that half-hour is closed for good
    }
    PeriodSum sum = older(item.local).at(period);
    sum.add(kw, length_ms);
    older(item.local).put(sum);
}

/// Another half-hour is the newest; those that are too old now go into the ring for good.
void Shard::advance(Item item, HotPoint& point, std::int64_t period) {
    const std::int64_t oldest = period - std::int64_t{older_periods};
    if (point.sum.period != features::no_period) {
        for_older(item.local, [&](PeriodSum& sum) {
            if (sum.period < oldest) {
                retire(item.position, item.local, sum);
                sum = PeriodSum{.period = sum.period};
            }
        });
        if (point.sum.period >= oldest) {
            older(item.local).put(point.sum);
        } else {
            retire(item.position, item.local, point.sum);
        }
    }
    point.sum = PeriodSum{.period = static_cast<std::int32_t>(period)};
}

/// Behind its ring a point keeps no single reading. A half-hour that was read of in each of its slots, as far
/// as the newest reading has come, can get no other: what comes for it has been there before.
bool Shard::is_full(std::uint32_t local, const HotPoint& point, const telemetry::Reading& reading) {
    const std::int64_t period = features::period_index(reading.interval_start);
    if (period > point.sum.period || period < point.sum.period - std::int64_t{older_periods}) {
        return false;
    }
    const PeriodSum sum = period == point.sum.period ? point.sum : older(local).at(period);
    const std::int64_t length_ms = (reading.interval_end - reading.interval_start).count();
    const std::int64_t step_ms = length_ms > 0 ? length_ms : std::int64_t{point.cadence_ms};
    const std::int64_t begin_ms = features::period_start(period).time_since_epoch().count();
    const std::int64_t slots = std::min((period_length.count() + step_ms - 1) / step_ms,
                                        (point.newest_start - begin_ms) / step_ms + 1);
    const std::int64_t taken =
        length_ms > 0 ? sum.weight / std::min(length_ms, period_length.count()) : std::int64_t{sum.weight};
    return (sum.is_interval != 0) == (length_ms > 0) && taken >= slots;
}

/// The newest reading, or one that the ring still holds, said `was` and is corrected.
void Shard::correct_periods(std::uint32_t local, HotPoint& point, const telemetry::Reading& reading,
                            double was) {
    const std::int64_t index = features::period_index(reading.interval_start);
    const std::int64_t length_ms = (reading.interval_end - reading.interval_start).count();
    const std::int64_t count = std::max<std::int64_t>(1, length_ms / period_length.count());
    for (std::int64_t period = index; period < index + count; ++period) {
        const bool is_older =
            period < point.sum.period && period >= point.sum.period - std::int64_t{older_periods};
        if (!is_older && period != point.sum.period) {
            continue;
        }
        PeriodSum sum = is_older ? older(local).at(period) : point.sum;
        sum.correct(was, reading.value, length_ms);
        is_older ? older(local).put(sum) : static_cast<void>(point.sum = sum);
        if (period < context_.closed) {
            mark_late(local);
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
        found.rollups.push_back({position, {ref(local), sum.period, mean}});
    }
}

/// The half-hours that a level was reckoned from have changed.
void Shard::forget_level(std::uint32_t local) {
    for (const std::uint32_t index : limits_of(local)) {
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
                retire(ref(local), local, sum);
            }
        };
        for_older(local, look);
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
    const PeriodSum& newest = hot(local).sum;
    if (period <= newest.period && period >= newest.period - std::int64_t{older_periods}) {
        const PeriodSum sum = period == newest.period ? newest : older(local).at(period);
        if (const float mean = sum.mean(); std::isfinite(mean)) {
            return static_cast<double>(mean);
        }
    }
    return newest_half_hour(local) == features::no_period ? std::numeric_limits<double>::quiet_NaN()
                                                          : static_cast<double>(half_hours(local).at(period));
}

}  // namespace headroom::monitor
