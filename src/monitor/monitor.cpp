#include "monitor/monitor.hpp"

#include "core/log.hpp"
#include "features/half_hours.hpp"
#include "forecast/forecaster.hpp"
#include "telemetry/validate.hpp"
#include "trust/watch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace headroom::monitor {
namespace {

using features::HalfHourRing;
using features::period_index;
using features::period_start;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
/// Observations of a point whose slot is remembered, to know duplicates and corrections.
constexpr std::size_t slots = 50;
/// Half-hours that late readings may still change.
constexpr std::size_t open_periods = 6;
constexpr std::size_t verdicts_max = 100'000;
/// A half-hour counts as known when its readings cover so much of it; instants count from the first.
constexpr std::int64_t covered_ms_min = period_length.count() / 2;

std::int64_t watts(double kw) {
    return std::llround(kw * 1000.0);
}

struct Slot {
    std::int64_t start_ms = std::numeric_limits<std::int64_t>::min();
    double value = 0.0;
};

/// Sum of what was measured in one half-hour.
struct PeriodSum {
    std::int64_t period = HalfHourRing::none;
    double kw_ms = 0.0;
    std::int64_t ms = 0;
    double instants = 0.0;
    std::int64_t instant_count = 0;
    bool is_dirty = false;

    [[nodiscard]] float mean() const {
        if (ms >= covered_ms_min) {
            return static_cast<float>(kw_ms / static_cast<double>(ms));
        }
        if (instant_count > 0 && ms == 0) {
            return static_cast<float>(instants / static_cast<double>(instant_count));
        }
        return std::numeric_limits<float>::quiet_NaN();
    }
};

/// What is kept of every point, beside the rings.
struct Point {
    trust::Watch watch;
    std::array<Slot, slots> seen{};
    std::array<PeriodSum, open_periods> periods{};
    double value = nan;
    UtcTime at{};
    UtcTime newest_start = UtcTime::min();
    std::uint64_t readings = 0;
    telemetry::Quality quality = telemetry::Quality::measured;
    std::uint16_t source = 0;
    std::int32_t limit = -1;  ///< index in `Engine::limits_`
};

/// An event of a limit that is not over.
struct Open {
    EventId event;
    UtcTime start{};
    UtcTime end{};
    std::int64_t below = 0;  ///< readings under the clear level in a row, once the window has ended
};

/// What is kept of every point that has a limit.
struct Limited {
    telemetry::PointRef point = telemetry::no_point;
    grid::Limit limit;
    std::string feeder;
    std::int64_t limit_w = 0;
    std::vector<risk::RecentLoad> recent;
    std::vector<Open> open;
    UtcTime forecast_due = UtcTime::min();
    forecast::LoadForecast forecast;
};

}  // namespace

class Monitor::Engine {
  public:
    Engine(const grid::Network& network, telemetry::PointRegistry& registry, MonitorOptions options)
        : registry_(registry), options_(std::move(options)) {
        for (const grid::Feeder& feeder : network.feeders()) {
            for (const grid::Phase phase :
                 {grid::Phase::l1, grid::Phase::l2, grid::Phase::l3, grid::Phase::sum}) {
                registry_.intern({feeder.id.value, grid::Quantity::p_kw, phase});
            }
        }
        for (const grid::Der& der : network.ders()) {
            registry_.intern({der.id.value, grid::Quantity::p_kw, grid::Phase::sum});
        }
        grow();
        for (const grid::Limit& limit : network.limits()) {
            if (limit.quantity != grid::Quantity::p_kw) {
                continue;  // amperes and volts come with their own readings, later
            }
            const telemetry::PointRef point = registry_.intern({limit.asset, limit.quantity, limit.phase});
            grow();
            if (points_[point].limit >= 0) {
                // Of several limits of one point the tightest binds.
                Limited& known = limits_[static_cast<std::size_t>(points_[point].limit)];
                if (known.limit.direction == limit.direction && limit.value < known.limit.value) {
                    known.limit = limit;
                    known.limit_w = watts(limit.value);
                }
                continue;
            }
            points_[point].limit = static_cast<std::int32_t>(limits_.size());
            limits_.push_back(
                {.point = point, .limit = limit, .feeder = limit.asset, .limit_w = watts(limit.value)});
        }
    }

    void warm(telemetry::PointRef point, const store::SeriesBlock& history) {
        grow();
        std::int64_t period = period_index(history.start);
        for (const float value : history.values) {
            if (std::isfinite(value)) {
                rings_[point].set(period, value);
            }
            ++period;
        }
    }

    void train(UtcTime now) {
        std::vector<std::vector<float>> memory(limits_.size());
        std::vector<features::HalfHours> histories;
        for (std::size_t i = 0; i < limits_.size(); ++i) {
            histories.push_back(features::straight(rings_[limits_[i].point], period_index(now), memory[i]));
        }
        if (auto model = forecast::train(histories, {.now = now})) {
            model_ = std::move(model);
        }
        for (Limited& limited : limits_) {
            limited.forecast_due = UtcTime::min();
        }
    }

    IngestCount ingest(std::span<const telemetry::Reading> readings, UtcTime now) {
        grow();
        IngestCount count;
        for (const telemetry::Reading& reading : readings) {
            take(reading, now, count);
        }
        return count;
    }

    void tick(UtcTime now) {
        const std::int64_t current = period_index(now);
        if (closed_ == HalfHourRing::none) {
            closed_ = current;
        }
        if (closed_ < current || any_dirty_) {
            close_periods(current);
        }
        for (std::size_t i = 0; i < limits_.size(); ++i) {
            Limited& limited = limits_[i];
            end_windows(limited, now);
            if (now < limited.forecast_due) {
                continue;
            }
            // Spread over the interval, so that no tick carries all of them.
            const auto every = options_.forecast_every;
            const milliseconds offset{static_cast<std::int64_t>(i % 5) * every.count() / 5};
            limited.forecast_due =
                limited.forecast_due == UtcTime::min() ? now + every - offset : now + every;
            look_ahead(limited, now);
        }
    }

    std::vector<RaisedOverload> take_overloads() {
        std::stable_sort(raised_.begin(), raised_.end(),
                         [](const RaisedOverload& a, const RaisedOverload& b) {
                             return std::tuple(a.overload.feeder, a.overload.limit.phase, a.overload.start) <
                                    std::tuple(b.overload.feeder, b.overload.limit.phase, b.overload.start);
                         });
        return std::exchange(raised_, {});
    }
    std::vector<EventId> take_cleared() { return std::exchange(cleared_, {}); }
    std::vector<EventId> take_breached() { return std::exchange(breached_, {}); }
    std::vector<trust::Verdict> take_verdicts() { return std::exchange(verdicts_, {}); }
    std::vector<store::SeriesBlock> take_rollups() { return std::exchange(rollups_, {}); }

    void adopt_open(const EventId& event, const grid::Limit& limit, UtcTime start, UtcTime end) {
        const telemetry::PointRef point = registry_.find(limit.asset, limit.quantity, limit.phase);
        if (point == telemetry::no_point || point >= points_.size() || points_[point].limit < 0) {
            return;
        }
        Limited& limited = limits_[static_cast<std::size_t>(points_[point].limit)];
        for (Open& open : limited.open) {
            if (open.event == event) {
                open.start = start;
                open.end = end;
                return;
            }
        }
        limited.open.push_back({event, start, end});
    }

    PointView view(telemetry::PointRef ref) const {
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
        if (point.limit >= 0) {
            out.limit_kw = limits_[static_cast<std::size_t>(point.limit)].limit.value;
        }
        return out;
    }

    double period_mean_kw(telemetry::PointRef ref, UtcTime period) const {
        if (ref >= points_.size()) {
            return nan;
        }
        const std::int64_t index = period_index(period);
        const PeriodSum& sum = points_[ref].periods[slot_of(index)];
        if (sum.period == index && std::isfinite(sum.mean())) {
            return static_cast<double>(sum.mean());
        }
        return static_cast<double>(rings_[ref].at(index));
    }

    const forecast::LoadForecast* forecast_of(telemetry::PointRef ref) const {
        if (ref >= points_.size() || points_[ref].limit < 0) {
            return nullptr;
        }
        const forecast::LoadForecast& found = limits_[static_cast<std::size_t>(points_[ref].limit)].forecast;
        return found.point == telemetry::no_point ? nullptr : &found;
    }

  private:
    static std::size_t slot_of(std::int64_t period) {
        constexpr auto count = static_cast<std::int64_t>(open_periods);
        return static_cast<std::size_t>(((period % count) + count) % count);
    }

    void grow() {
        if (points_.size() < registry_.size()) {
            points_.resize(registry_.size());
            rings_.resize(registry_.size());
        }
    }

    void doubt(trust::Verdict verdict) {
        if (verdicts_.size() < verdicts_max) {
            verdicts_.push_back(std::move(verdict));
        }
    }

    static void quarantine(IngestCount& count, telemetry::Quarantine reason) {
        count.quarantined[static_cast<std::size_t>(reason)] += 1;
    }

    void take(const telemetry::Reading& reading, UtcTime now, IngestCount& count) {
        if (reading.point >= points_.size()) {
            quarantine(count, telemetry::Quarantine::unknown_point);
            return;
        }
        const grid::Quantity quantity = registry_.key(reading.point).quantity;
        if (const auto fault = telemetry::check_value(quantity, reading.value)) {
            quarantine(count, *fault);
            return;
        }
        if (const auto fault = telemetry::check_interval(reading.interval_start, reading.interval_end, now,
                                                         options_.future_tolerance)) {
            quarantine(count, *fault);
            return;
        }
        Point& point = points_[reading.point];
        if (point.readings > 0 && reading.interval_start < point.newest_start - options_.late_after) {
            quarantine(count, telemetry::Quarantine::too_late);
            return;
        }
        // The slot on the point's own grid; an instant's grid is the distance of its readings, a second at
        // the finest.
        const std::int64_t start_ms = reading.interval_start.time_since_epoch().count();
        const std::int64_t length_ms = (reading.interval_end - reading.interval_start).count();
        const std::int64_t cadence_ms = length_ms > 0                         ? length_ms
                                        : point.watch.cadence.count() >= 1000 ? point.watch.cadence.count()
                                                                              : 1000;
        Slot& slot =
            point.seen[static_cast<std::size_t>((start_ms / cadence_ms) % static_cast<std::int64_t>(slots))];
        if (slot.start_ms == start_ms) {
            if (slot.value == reading.value) {
                count.duplicates += 1;
            } else {
                count.conflicts += 1;
                doubt({.point = reading.point,
                       .at = reading.interval_start,
                       .doubt = trust::Doubt::conflict,
                       .usable = false,
                       .detail = "another value for the same interval"});
            }
            return;
        }
        const bool is_late = point.readings > 0 && reading.interval_start < point.newest_start;
        slot = {start_ms, reading.value};
        count.accepted += 1;
        point.readings += 1;
        const double limit_kw =
            point.limit < 0 ? 0.0 : limits_[static_cast<std::size_t>(point.limit)].limit.value;
        bool usable = reading.quality == telemetry::Quality::measured || point.limit < 0;
        if (is_late) {
            doubt({.point = reading.point,
                   .at = reading.interval_start,
                   .doubt = trust::Doubt::late,
                   .usable = true,
                   .detail = {}});
        } else {
            trust::Verdict verdict = trust::judge(point.watch, rules_, reading.point, reading.interval_start,
                                                  reading.value, limit_kw);
            // Device meters often stand still for good reasons; a feeder's does not.
            usable = verdict.usable || (verdict.doubt == trust::Doubt::none && point.limit < 0);
            if (verdict.doubt != trust::Doubt::none &&
                (point.limit >= 0 || verdict.doubt != trust::Doubt::stuck)) {
                doubt(std::move(verdict));
            }
            if (point.limit < 0) {
                usable = true;
            }
        }
        if (!usable) {
            return;
        }
        add_to_period(point, reading, length_ms);
        if (is_late) {
            return;
        }
        point.newest_start = reading.interval_start;
        point.value = reading.value;
        point.at = reading.interval_end;
        point.quality = reading.quality;
        point.source = reading.source;
        if (point.limit >= 0) {
            look_now(limits_[static_cast<std::size_t>(point.limit)], reading, now);
        }
    }

    void add_to_period(Point& point, const telemetry::Reading& reading, std::int64_t length_ms) {
        const std::int64_t index = period_index(reading.interval_start);
        PeriodSum& sum = point.periods[slot_of(index)];
        if (sum.period != index) {
            if (sum.period > index) {
                return;  // that half-hour is closed for good
            }
            sum = {.period = index};
        }
        if (length_ms > 0) {
            sum.kw_ms += reading.value * static_cast<double>(length_ms);
            sum.ms += length_ms;
        } else {
            sum.instants += reading.value;
            sum.instant_count += 1;
        }
        sum.is_dirty = true;
        any_dirty_ = any_dirty_ || index < closed_;
    }

    /// Half-hours that have ended, or were corrected after their end, go into the rings and to the series
    /// store.
    void close_periods(std::int64_t current) {
        for (telemetry::PointRef ref = 0; ref < points_.size(); ++ref) {
            for (PeriodSum& sum : points_[ref].periods) {
                if (!sum.is_dirty || sum.period >= current) {
                    continue;
                }
                sum.is_dirty = false;
                const float mean = sum.mean();
                if (std::isfinite(mean)) {
                    rings_[ref].set(sum.period, mean);
                    rollups_.push_back(
                        {registry_.key(ref).text(), period_start(sum.period), period_length, {mean}});
                }
            }
        }
        closed_ = current;
        any_dirty_ = false;
    }

    risk::RiskInput question(const Limited& limited, UtcTime now) const {
        risk::RiskInput input;
        input.feeder = limited.feeder;
        input.limit = limited.limit;
        input.limit_w = limited.limit_w;
        input.now = now;
        input.rules = options_.rules;
        input.source = registry_.source(points_[limited.point].source);
        if (limited.forecast.point != telemetry::no_point && !limited.forecast.load_w.empty()) {
            input.forecast_start = limited.forecast.start;
            for (const auto& row : limited.forecast.load_w) {
                input.forecast_w.emplace_back(row.begin(), row.end());
            }
        }
        return input;
    }

    /// Live: the newest reading against the limit.
    void look_now(Limited& limited, const telemetry::Reading& reading, UtcTime now) {
        const std::int64_t load_w = watts(reading.value);
        limited.recent.push_back({reading.interval_end, load_w});
        if (std::cmp_greater(limited.recent.size(), options_.rules.live_window)) {
            limited.recent.erase(limited.recent.begin());
        }
        const std::int64_t over_w =
            (limited.limit.direction == grid::Direction::export_ ? -load_w : load_w) - limited.limit_w;
        if (over_w <= 0) {
            return;
        }
        for (const Open& open : limited.open) {
            // An event that covers this half-hour, or is armed for a later one, deals with it.
            if (now < open.end) {
                if (now < open.start &&
                    std::find(breached_.begin(), breached_.end(), open.event) == breached_.end()) {
                    breached_.push_back(open.event);
                }
                return;
            }
        }
        risk::RiskInput input = question(limited, now);
        input.recent = limited.recent;
        raise(limited, std::move(input));
    }

    /// Ahead: the forecast against the limit, where no open event covers it already.
    void look_ahead(Limited& limited, UtcTime now) {
        const std::int64_t periods =
            std::clamp<std::int64_t>(options_.rules.forecast_horizon_periods + 1, 1, forecast::periods_max);
        if (ahead_.origin != period_index(now) || std::cmp_not_equal(ahead_.calendar.size(), periods)) {
            ahead_ = forecast::look_ahead(floor_period(now), periods);
        }
        forecast::forecast_load(model_ ? &*model_ : nullptr, ahead_,
                                features::straight(rings_[limited.point], ahead_.origin, scratch_),
                                limited.point, limited.forecast);
        if (limited.forecast.load_w.empty()) {
            return;
        }
        const std::size_t alarm = alarm_position();
        const bool is_export = limited.limit.direction == grid::Direction::export_;
        const bool any =
            std::any_of(limited.forecast.load_w.begin(), limited.forecast.load_w.end(), [&](const auto& row) {
                const std::int64_t load = is_export ? -row[forecast::quantile_count - 1 - alarm] : row[alarm];
                return load > limited.limit_w;
            });
        if (any) {
            raise(limited, question(limited, now));
        }
    }

    std::size_t alarm_position() const {
        for (std::size_t q = 0; q < forecast::quantile_count; ++q) {
            if (std::llround(forecast::quantiles[q] * 1e6) == options_.rules.alarm_quantile_ppm) {
                return q;
            }
        }
        return forecast::quantile_count - 2;
    }

    void raise(Limited& limited, risk::RiskInput input) {
        Result<std::optional<risk::Overload>> overload = risk::assess(input);
        if (!overload) {
            log::error("a limit could not be judged",
                       {{"limit", limited.limit.key()}, {"error", overload.error().message}});
            return;
        }
        if (!*overload) {
            return;
        }
        const bool is_covered = std::any_of(limited.open.begin(), limited.open.end(), [&](const Open& open) {
            // Windows that touch are one trouble: the open event watches its limit and grows.
            return (*overload)->start <= open.end && open.start <= (*overload)->end;
        });
        if (is_covered) {
            return;
        }
        limited.open.push_back({(*overload)->event, (*overload)->start, (*overload)->end});
        raised_.push_back({.overload = std::move(**overload),
                           .input = std::move(input),
                           .forecast_method = std::string(forecast::to_string(limited.forecast.method))});
    }

    /// A window that has passed is over once the load has stayed under the clear level.
    void end_windows(Limited& limited, UtcTime now) {
        const double load_kw = points_[limited.point].value;
        const std::int64_t load_w = std::isfinite(load_kw) ? watts(load_kw) : 0;
        const std::int64_t directed = limited.limit.direction == grid::Direction::export_ ? -load_w : load_w;
        const bool is_clear =
            directed <= multiply_divide_half_even(limited.limit_w, options_.rules.clear_ppm, 1'000'000);
        std::erase_if(limited.open, [&](Open& open) {
            if (now < open.end) {
                return false;
            }
            open.below = is_clear ? open.below + 1 : 0;
            if (open.below < options_.rules.clear_readings) {
                return false;
            }
            cleared_.push_back(open.event);
            return true;
        });
    }

    telemetry::PointRegistry& registry_;
    MonitorOptions options_;
    trust::WatchRules rules_;
    std::vector<Point> points_;
    std::vector<HalfHourRing> rings_;
    std::vector<Limited> limits_;
    std::optional<forecast::ForecastModel> model_;
    forecast::Ahead ahead_;
    std::vector<float> scratch_;
    std::int64_t closed_ = HalfHourRing::none;
    bool any_dirty_ = false;
    std::vector<RaisedOverload> raised_;
    std::vector<EventId> cleared_;
    std::vector<EventId> breached_;
    std::vector<trust::Verdict> verdicts_;
    std::vector<store::SeriesBlock> rollups_;
};

Monitor::Monitor(const grid::Network& network, telemetry::PointRegistry& registry, MonitorOptions options)
    : engine_(std::make_unique<Engine>(network, registry, std::move(options))) {}
Monitor::~Monitor() = default;

void Monitor::warm(telemetry::PointRef point, const store::SeriesBlock& history) {
    engine_->warm(point, history);
}
void Monitor::train(UtcTime now) {
    engine_->train(now);
}
IngestCount Monitor::ingest(std::span<const telemetry::Reading> readings, UtcTime now) {
    return engine_->ingest(readings, now);
}
void Monitor::tick(UtcTime now) {
    engine_->tick(now);
}
std::vector<RaisedOverload> Monitor::take_overloads() {
    return engine_->take_overloads();
}
std::vector<EventId> Monitor::take_cleared() {
    return engine_->take_cleared();
}
std::vector<EventId> Monitor::take_breached() {
    return engine_->take_breached();
}
std::vector<trust::Verdict> Monitor::take_verdicts() {
    return engine_->take_verdicts();
}
std::vector<store::SeriesBlock> Monitor::take_rollups() {
    return engine_->take_rollups();
}
void Monitor::adopt_open(const EventId& event, const grid::Limit& limit, UtcTime start, UtcTime end) {
    engine_->adopt_open(event, limit, start, end);
}
PointView Monitor::view(telemetry::PointRef point) const {
    return engine_->view(point);
}
double Monitor::period_mean_kw(telemetry::PointRef point, UtcTime period) const {
    return engine_->period_mean_kw(point, period);
}
const forecast::LoadForecast* Monitor::forecast(telemetry::PointRef point) const {
    return engine_->forecast_of(point);
}

}  // namespace headroom::monitor
