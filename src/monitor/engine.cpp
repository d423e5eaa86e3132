#include "monitor/engine.hpp"

#include "telemetry/validate.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace headroom::monitor {
namespace {

using features::HalfHourRing;
using features::period_index;
using features::period_start;
using features::ring_size;

constexpr std::size_t verdicts_max = 100'000;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Distances on which meters report, in seconds; a learnt one within a twentieth of them is taken as that.
constexpr std::array<std::int64_t, 14> usual_cadences_s{1,  2,   5,   10,  15,  20,   30,
                                                        60, 120, 300, 600, 900, 1800, 3600};

std::int64_t snapped(std::int64_t distance_ms) {
    for (const std::int64_t usual_s : usual_cadences_s) {
        if (std::abs(distance_ms - usual_s * 1000) * 20 <= usual_s * 1000) {
            return usual_s * 1000;
        }
    }
    return std::max<std::int64_t>(distance_ms, 1000);
}

std::int64_t slot_at(UtcTime start, std::int64_t cadence_ms) {
    return start.time_since_epoch().count() / cadence_ms;
}

std::size_t open_slot(std::int64_t period) {
    constexpr auto count = static_cast<std::int64_t>(open_periods);
    return static_cast<std::size_t>(((period % count) + count) % count);
}

void quarantine(IngestCount& count, telemetry::Quarantine reason) {
    count.quarantined[static_cast<std::size_t>(reason)] += 1;
}

}  // namespace

void PeriodSum::add(double kw, std::int64_t length_ms) {
    if (length_ms > 0) {
        const std::int64_t within = std::min(length_ms, period_length.count());
        kw_ms += kw * static_cast<double>(within);
        ms += static_cast<std::uint32_t>(within);
    } else {
        instants += kw;
        instant_count += 1;
    }
    is_dirty = true;
}

float PeriodSum::mean() const {
    if (ms >= period_length.count() / 2) {
        return static_cast<float>(kw_ms / static_cast<double>(ms));
    }
    return instant_count > 0 && ms == 0 ? static_cast<float>(instants / instant_count)
                                        : std::numeric_limits<float>::quiet_NaN();
}

Monitor::Engine::Engine(const grid::Network& network, telemetry::PointRegistry& registry,
                        MonitorOptions options)
    : network_(network), registry_(registry), options_(std::move(options)) {
    for (std::size_t q = 0; q < forecast::quantile_count; ++q) {
        if (std::llround(forecast::quantiles[q] * 1e6) <= options_.rules.alarm_quantile_ppm) {
            alarm_ = q;
        }
    }
    constexpr std::array phases{grid::Phase::l1, grid::Phase::l2, grid::Phase::l3, grid::Phase::sum};
    for (const grid::Substation& substation : network.substations()) {
        for (const grid::Phase phase : phases) {
            registry_.intern({substation.id.value, grid::Quantity::p_kw, phase});
        }
    }
    for (const grid::Feeder& feeder : network.feeders()) {
        for (const grid::Phase phase : phases) {
            registry_.intern({feeder.id.value, grid::Quantity::p_kw, phase});
        }
    }
    for (const grid::Der& der : network.ders()) {
        const telemetry::PointRef point =
            registry_.intern({der.id.value, grid::Quantity::p_kw, grid::Phase::sum});
        grow();
        points_[point].is_der = true;
    }
    add_limits();
}

void Monitor::Engine::grow() {
    for (std::size_t ref = points_.size(); ref < registry_.size(); ++ref) {
        points_.emplace_back().quantity = registry_.key(static_cast<telemetry::PointRef>(ref)).quantity;
    }
    readings_.resize(points_.size() * ring_size, std::numeric_limits<float>::quiet_NaN());
    half_hours_.resize(points_.size());
}

features::ReadingRing Monitor::Engine::ring(telemetry::PointRef ref) {
    return {std::span<float, ring_size>(readings_.data() + ref * ring_size, ring_size),
            points_[ref].newest_slot};
}

void Monitor::Engine::warm(telemetry::PointRef point, const store::SeriesBlock& history) {
    grow();
    HEADROOM_ASSERT(point < points_.size());
    if (history.step != period_length) {
        return;  // only half-hours are kept
    }
    std::int64_t period = period_index(history.start);
    for (const float value : history.values) {
        if (std::isfinite(value)) {
            half_hours_[point].set(period, value);
        }
        ++period;
    }
}

IngestCount Monitor::Engine::ingest(std::span<const telemetry::Reading> readings, UtcTime now,
                                    std::vector<std::uint32_t>* used) {
    grow();
    choose_limits(now);
    IngestCount count;
    // Points come in no order: memory is asked for a few readings ahead.
    constexpr std::size_t far = 12;
    constexpr std::size_t near = 6;
    const std::size_t known = points_.size();
    for (std::size_t i = 0; i < readings.size(); ++i) {
        if (i + far < readings.size() && readings[i + far].point < known) {
            const Point* point = &points_[readings[i + far].point];
            __builtin_prefetch(point);
            __builtin_prefetch(&point->watch);
        }
        if (i + near < readings.size() && readings[i + near].point < known) {
            prefetch_rest(readings[i + near]);
        }
        if (take(readings[i], now, count) && used != nullptr) {
            used->push_back(static_cast<std::uint32_t>(i));
        }
    }
    raise_candidates();
    return count;
}

/// What lies behind a point whose own lines are there.
void Monitor::Engine::prefetch_rest(const telemetry::Reading& reading) const {
    const Point& point = points_[reading.point];
    __builtin_prefetch(&point.periods[open_slot(period_index(reading.interval_start))]);
    __builtin_prefetch(
        &readings_[reading.point * ring_size + static_cast<std::size_t>(point.newest_slot + 1) % ring_size]);
    if (point.limits[0] != no_limit) {
        __builtin_prefetch(&limits_[static_cast<std::size_t>(point.limits[0])]);
    }
}

/// Answers whether the reading was new and usable.
bool Monitor::Engine::take(const telemetry::Reading& reading, UtcTime now, IngestCount& count) {
    if (reading.point >= points_.size()) {
        quarantine(count, telemetry::Quarantine::unknown_point);
        return false;
    }
    Point& point = points_[reading.point];
    if (const auto fault = telemetry::check_value(point.quantity, reading.value)) {
        quarantine(count, *fault);
        return false;
    }
    if (const auto fault = telemetry::check_interval(reading.interval_start, reading.interval_end, now,
                                                     options_.future_tolerance)) {
        quarantine(count, *fault);
        return false;
    }
    const bool is_late = point.readings > 0 && reading.interval_start <= point.newest_start;
    if (is_late && reading.interval_start < point.newest_start - options_.late_after) {
        quarantine(count, telemetry::Quarantine::too_late);
        return false;
    }
    if (is_late ? !take_late(point, reading, count) : !take_in_order(point, reading, count)) {
        return false;
    }
    add_to_period(point, reading);
    if (is_late) {
        return true;
    }
    point.value = reading.value;
    point.at = reading.interval_end;
    point.quality = reading.quality;
    point.source = reading.source;
    for (const std::int32_t limit : point.limits) {
        if (limit != no_limit) {
            look_now(static_cast<std::size_t>(limit), reading, now);
        }
    }
    return true;
}

/// A reading behind all others of its point. Answers whether it may be used.
bool Monitor::Engine::take_in_order(Point& point, const telemetry::Reading& reading, IngestCount& count) {
    trust::Verdict verdict = trust::judge(point.watch, trust_rules_, reading.point, reading.interval_start,
                                          reading.value, limit_kw(point));
    learn_cadence(point, reading);
    const bool is_usable = verdict.usable || (point.is_der && verdict.doubt != trust::Doubt::range);
    const bool is_told = verdict.doubt != trust::Doubt::none && !point.is_der;
    if (is_told) {
        doubt(std::move(verdict));
    }
    point.newest_start = reading.interval_start;
    point.newest_value = reading.value;
    point.readings += 1;
    count.accepted += 1;
    if (point.cadence_ms > 0) {
        ring(reading.point)
            .write(slot_at(reading.interval_start, point.cadence_ms),
                   is_usable ? static_cast<float>(reading.value) : std::numeric_limits<float>::quiet_NaN());
    }
    return is_usable;
}

/// A reading at or before the newest of its point. Answers whether it is new and may be used.
bool Monitor::Engine::take_late(Point& point, const telemetry::Reading& reading, IngestCount& count) {
    if (reading.interval_start == point.newest_start) {
        refuse_second(point, reading, point.newest_value, count);
        return false;
    }
    if (point.cadence_ms > 0) {
        features::ReadingRing past = ring(reading.point);
        const std::int64_t slot = slot_at(reading.interval_start, point.cadence_ms);
        const float known = past.at(slot);
        if (!std::isnan(known)) {
            refuse_second(point, reading, static_cast<double>(known), count);
            return false;
        }
        // Behind the ring a reading still belongs to its half-hour.
        past.write(slot, static_cast<float>(reading.value));
    }
    point.readings += 1;
    count.accepted += 1;
    doubt({.point = reading.point,
           .at = reading.interval_start,
           .doubt = trust::Doubt::late,
           .usable = true,
           .detail = "came after the reading of " + format_utc(point.newest_start)});
    return true;
}

/// The slot has a value: the first one stays. `known` may have been through the ring's single precision.
void Monitor::Engine::refuse_second(Point& point, const telemetry::Reading& reading, double known,
                                    IngestCount& count) {
    if (reading.value == known || static_cast<float>(reading.value) == static_cast<float>(known)) {
        count.duplicates += 1;
        return;
    }
    count.conflicts += 1;
    if (!point.is_der) {
        doubt({.point = reading.point,
               .at = reading.interval_start,
               .doubt = trust::Doubt::conflict,
               .usable = false,
               .detail = "a second value, " + std::to_string(reading.value) + " after " +
                         std::to_string(known) + ", for " + format_utc(reading.interval_start)});
    }
}

/// The ring's grid is the reading's interval, or the usual distance of instants. A finer grid than before
/// makes the ring begin anew.
void Monitor::Engine::learn_cadence(Point& point, const telemetry::Reading& reading) {
    const std::int64_t length_ms = (reading.interval_end - reading.interval_start).count();
    const std::int64_t distance_ms = point.watch.cadence.count();
    const std::int64_t wanted = length_ms > 0     ? length_ms
                                : distance_ms > 0 ? snapped(distance_ms)
                                                  : point.cadence_ms;
    if (wanted <= 0 || wanted == point.cadence_ms) {
        return;
    }
    point.cadence_ms = wanted;
    features::ReadingRing anew = ring(reading.point);
    if (point.readings == 0) {
        return anew.restart(slot_at(reading.interval_start, wanted));
    }
    const std::int64_t slot = slot_at(point.newest_start, wanted);
    anew.restart(slot);
    if (point.value == point.newest_value) {
        anew.write(slot, static_cast<float>(point.value));
    }
}

void Monitor::Engine::add_to_period(Point& point, const telemetry::Reading& reading) {
    const std::int64_t index = period_index(reading.interval_start);
    const std::int64_t length_ms = (reading.interval_end - reading.interval_start).count();
    // An interval of several half-hours is the mean of each of them.
    const std::int64_t count = std::max<std::int64_t>(1, length_ms / period_length.count());
    for (std::int64_t period = index; period < index + count; ++period) {
        PeriodSum& sum = point.periods[open_slot(period)];
        if (sum.period > period) {
            continue;  // that half-hour is closed for good
        }
        if (sum.period != period) {
            if (sum.is_dirty) {
                any_dirty_ = true;
                const auto ref = static_cast<telemetry::PointRef>(&point - points_.data());
                if (const float mean = sum.mean(); std::isfinite(mean)) {
                    half_hours_[ref].set(sum.period, mean);
                    rollups_.push_back(
                        {registry_.key(ref).text(), period_start(sum.period), period_length, {mean}});
                }
            }
            sum = PeriodSum{.period = period};
        }
        sum.add(reading.value, length_ms);
        any_dirty_ = any_dirty_ || period < closed_;
    }
}

/// Half-hours that have ended, or were corrected after their end, go into the rings and to the series store.
void Monitor::Engine::close_periods(std::int64_t current) {
    for (telemetry::PointRef ref = 0; ref < points_.size(); ++ref) {
        for (PeriodSum& sum : points_[ref].periods) {
            if (!sum.is_dirty || sum.period >= current) {
                continue;
            }
            sum.is_dirty = false;
            const float mean = sum.mean();
            if (std::isfinite(mean)) {
                half_hours_[ref].set(sum.period, mean);
                rollups_.push_back(
                    {registry_.key(ref).text(), period_start(sum.period), period_length, {mean}});
            }
        }
    }
    closed_ = current;
    any_dirty_ = false;
}

void Monitor::Engine::doubt(trust::Verdict verdict) {
    if (verdicts_.size() < verdicts_max) {
        verdicts_.push_back(std::move(verdict));
    }
}

PointView Monitor::Engine::view(telemetry::PointRef ref) const {
    PointView out{.point = ref, .load_kw = nan, .limit_kw = nan};
    if (ref >= points_.size()) {
        return out;
    }
    const Point& point = points_[ref];
    out.load_kw = point.value;
    out.at = point.at;
    out.quality = point.quality;
    out.source = point.source;
    out.readings = point.readings;
    if (const double limit = limit_kw(point); limit > 0.0) {
        out.limit_kw = limit;
    }
    return out;
}

double Monitor::Engine::period_mean_kw(telemetry::PointRef ref, UtcTime period) const {
    if (ref >= points_.size()) {
        return nan;
    }
    const std::int64_t index = period_index(period);
    const PeriodSum& sum = points_[ref].periods[open_slot(index)];
    if (sum.period == index && std::isfinite(sum.mean())) {
        return static_cast<double>(sum.mean());
    }
    return static_cast<double>(half_hours_[ref].at(index));
}

}  // namespace headroom::monitor
