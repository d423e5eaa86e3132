#include "monitor/shard.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::monitor {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t median = forecast::quantile_count / 2;
static_assert(forecast::quantiles[median] == 0.5);

/// The sum as if every reading in it had been `kw`; unknown when that is not known.
void replace(PeriodSum& sum, double kw) {
    sum.sum = std::isfinite(kw) ? kw * static_cast<double>(sum.weight) : 0.0;
    sum.weight = std::isfinite(kw) ? sum.weight : 0;
    sum.is_dirty = 1;
}

}  // namespace

/// The forecast's P50 of a half-hour; where none is made, the half-hour of a week or a day before. NaN when
/// there is neither.
double Shard::expected_kw(std::uint32_t local, std::int64_t period) {
    for (const std::uint32_t index : limits_of(local)) {
        if (index == none || limits_[index].forecast_start == features::no_period) {
            continue;
        }
        if (const auto row = forecasts_.at(index, period)) {
            return static_cast<double>((*row)[median]) / 1000.0;
        }
    }
    if (newest_half_hour(local) == features::no_period) {
        return unknown;
    }
    const features::HalfHourRing past = half_hours(local);
    const float last_week = past.at(period - features::periods_per_week);
    return static_cast<double>(std::isfinite(last_week) ? last_week
                                                        : past.at(period - features::periods_per_day));
}

/// From here on, and back to `since`, the forecast stands for the readings.
void Shard::distrust(std::uint32_t local, UtcTime since, trust::IncidentKind kind,
                     std::vector<RolledUp>& rewritten) {
    HotPoint& point = hot(local);
    const bool is_new = !point.has(is_distrusted);
    distrusted_[local].kind = kind;
    point.set(is_distrusted, true);
    if (!is_new) {
        return;
    }
    const std::int64_t first = features::period_index(since);
    if (const std::int32_t newest = newest_half_hour(local); newest != features::no_period) {
        features::HalfHourRing ring = half_hours(local);
        for (std::int64_t period = std::max(first, newest - ring.length() + 1); period <= newest; ++period) {
            if (const float measured = ring.at(period); std::isfinite(measured)) {
                const auto expected = static_cast<float>(expected_kw(local, period));
                rewritten.push_back({ref(local), static_cast<std::int32_t>(period), measured, true});
                if (std::isfinite(expected)) {
                    rewritten.push_back({ref(local), static_cast<std::int32_t>(period), expected, false});
                }
                ring.set(period, expected);
            }
        }
        forget_level(local);
    }
    if (point.sum.period >= first) {
        distrusted_[local].measured = point.sum;
        replace(point.sum, expected_kw(local, point.sum.period));
    }
    for_older(local, [&](PeriodSum& sum) {
        if (sum.period >= first) {
            if (const float measured = sum.mean(); sum.is_dirty != 0 && std::isfinite(measured)) {
                rewritten.push_back({ref(local), sum.period, measured, true});
            }
            replace(sum, expected_kw(local, sum.period));
        }
    });
    if (point.cadence_ms > 0 && point.readings > 0) {
        std::int64_t newest = 0;
        features::ReadingRing past = ring(local, newest);
        const std::int64_t from = since.time_since_epoch().count() / point.cadence_ms;
        for (std::int64_t slot = newest; slot >= from && past.holds(slot); --slot) {
            if (!std::isnan(past.at(slot))) {
                past.write(slot, stand_in(local, slot * point.cadence_ms));
            }
        }
    }
    point.value = expected_kw(local, features::period_index(UtcTime{milliseconds{point.newest_start}}));
    point.quality = static_cast<std::uint8_t>(telemetry::Quality::substituted);
    // What was counted of it proves nothing any more, in either direction.
    point.recent_count = 0;
    point.below = 0;
    for (const std::uint32_t index : limits_of(local)) {
        if (index != none) {
            limits_[index].below = 0;
        }
    }
}

void Shard::believe(std::uint32_t local) {
    HotPoint& point = hot(local);
    // The step to the first reading that is believed, or corrected, is no spike.
    point.watch.is_step_doubted = true;
    point.set(is_distrusted, false);
    distrusted_.erase(local);
}

std::optional<trust::IncidentKind> Shard::distrusted_as(std::uint32_t local) const {
    if (!hot(local).has(is_distrusted)) {
        return std::nullopt;
    }
    // After a restart the flag is known before the reason is told again.
    const auto known = distrusted_.find(local);
    return known == distrusted_.end() ? trust::IncidentKind::tampering : known->second.kind;
}

/// What a slot of the ring holds instead of a reading that is not believed.
float Shard::stand_in(std::uint32_t local, std::int64_t at_ms) {
    const double kw = expected_kw(local, features::period_index(UtcTime{milliseconds{at_ms}}));
    return std::isfinite(kw) ? static_cast<float>(kw) : features::unused_reading();
}

/// The newest reading of a point that is not believed: kept apart, the forecast in its place, and no look at
/// any limit.
void Shard::keep_apart(Item item, HotPoint& point, const telemetry::Reading& reading) {
    PeriodSum& measured = distrusted_[item.local].measured;
    const auto period = static_cast<std::int32_t>(features::period_index(reading.interval_start));
    if (measured.period != period) {
        if (const float mean = measured.mean(); std::isfinite(mean)) {
            found.rollups.push_back({item.position, {ref(item.local), measured.period, mean, true}});
        }
        measured = PeriodSum{.period = period};
    }
    measured.add(reading.value, (reading.interval_end - reading.interval_start).count());
    telemetry::Reading expected = reading;
    expected.value = expected_kw(item.local, period);
    if (std::isfinite(expected.value)) {
        add_to_periods(item, point, expected);
    }
    point.value = expected.value;
    point.at = reading.interval_end.time_since_epoch().count();
    point.quality = static_cast<std::uint8_t>(telemetry::Quality::substituted);
    point.source = reading.source;
}

}  // namespace headroom::monitor
