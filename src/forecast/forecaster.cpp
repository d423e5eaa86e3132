#include "forecast/forecaster.hpp"

#include "core/result.hpp"
#include "core/units.hpp"
#include "forecast/ridge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headroom::forecast {
namespace {

using features::HalfHours;
using features::PeriodCalendar;
using features::PointLevel;

/// So many half-hours must be known before the newest of them is carried on.
constexpr std::size_t persistence_known_min = 4;
/// A newest half-hour older than this says nothing about now.
constexpr std::int64_t persistence_age_max = 4;
/// Pairs of days that give a point's own errors, where there is no model.
constexpr std::size_t own_errors_min = 24;

QuantileRow whole_watts(double centre_kw, const QuantileValues& errors, double unit_kw) {
    constexpr double most = std::numeric_limits<std::int32_t>::max();
    QuantileRow out{};
    for (std::size_t q = 0; q < quantile_count; ++q) {
        const double watts = std::clamp((centre_kw + errors[q] * unit_kw) * 1000.0, -most, most);
        out[q] = static_cast<std::int32_t>(to_watts(Kilowatts{watts / 1000.0}).value);
    }
    // Rounding keeps the order; a table made by hand might not have had one.
    std::sort(out.begin(), out.end());
    return out;
}

/// Quantiles of the changes that a point's own past shows over `lag` half-hours.
QuantileValues own_changes(const HalfHours& past, std::int64_t lag, std::size_t& count) {
    std::vector<float> changes;
    for (std::int64_t period = past.first + lag; period < past.end(); ++period) {
        const float now = past.at(period);
        const float then = past.at(period - lag);
        if (!std::isnan(now) && !std::isnan(then)) {
            changes.push_back(now - then);
        }
    }
    count = changes.size();
    return quantiles_of(changes);
}

bool forecast_ridge(const ForecastModel& model, const Ahead& ahead, const HalfHours& past,
                    const PointLevel& level, Leads leads, std::vector<QuantileRow>& out) {
    features::FeatureRow row{};
    const features::OriginPast at_origin = features::origin_past(past, ahead.origin);
    for (std::size_t i = leads.from; i < leads.to; ++i) {
        const PeriodCalendar& calendar = ahead.calendar[i];
        const std::int64_t target = ahead.origin + static_cast<std::int64_t>(i);
        if (!features::make_row(past, level, at_origin, target, calendar, row)) {
            return false;
        }
        const ForecastModel::Bucket& bucket = model.buckets[lead_bucket(static_cast<std::int64_t>(i) + 1)];
        out.push_back(whole_watts(dot(bucket.weights, row) * level.level_kw,
                                  bucket.errors[static_cast<std::size_t>(calendar.block)], level.noise_kw));
    }
    return true;
}

bool forecast_naive(const ForecastModel* model, const Ahead& ahead, const HalfHours& past,
                    const PointLevel& level, Leads leads, std::vector<QuantileRow>& out) {
    QuantileValues own{};
    if (model == nullptr) {
        std::size_t count = 0;
        own = own_changes(past, features::periods_per_day, count);
        if (count < own_errors_min) {
            return false;
        }
    }
    for (std::size_t i = leads.from; i < leads.to; ++i) {
        const PeriodCalendar& calendar = ahead.calendar[i];
        const double centre =
            seasonal_naive(past, ahead.origin, ahead.origin + static_cast<std::int64_t>(i), calendar);
        if (std::isnan(centre)) {
            return false;
        }
        out.push_back(model == nullptr
                          ? whole_watts(centre, own, 1.0)
                          : whole_watts(centre, model->naive_errors[static_cast<std::size_t>(calendar.block)],
                                        level.noise_kw));
    }
    return true;
}

bool forecast_persistence(const Ahead& ahead, const HalfHours& past, const PointLevel& level, Leads leads,
                          std::vector<QuantileRow>& out) {
    float newest = std::numeric_limits<float>::quiet_NaN();
    for (std::int64_t age = 1; age <= persistence_age_max && std::isnan(newest); ++age) {
        newest = past.at(ahead.origin - age);
    }
    if (std::isnan(newest) || level.known < persistence_known_min) {
        return false;
    }
    QuantileValues spread{};
    std::size_t bucket_of_spread = lead_buckets.size();
    for (std::size_t i = leads.from; i < leads.to; ++i) {
        const std::size_t bucket = lead_bucket(static_cast<std::int64_t>(i) + 1);
        if (bucket != bucket_of_spread) {
            // A change over a lead longer than the past is not known; the longest that is stands for it.
            const std::int64_t lag =
                std::min(lead_buckets[bucket], static_cast<std::int64_t>(level.known) / 2);
            std::size_t count = 0;
            const QuantileValues wider = own_changes(past, lag, count);
            if (count >= 2) {
                spread = wider;
            }
            bucket_of_spread = bucket;
        }
        out.push_back(whole_watts(static_cast<double>(newest), spread, 1.0));
    }
    return true;
}

}  // namespace

std::size_t lead_bucket(std::int64_t lead) {
    const auto found = std::lower_bound(lead_buckets.begin(), lead_buckets.end(), lead);
    HEADROOM_ASSERT(found != lead_buckets.end());
    return static_cast<std::size_t>(found - lead_buckets.begin());
}

Ahead look_ahead(UtcTime origin, std::int64_t periods) {
    HEADROOM_ASSERT(periods >= 1 && periods <= periods_max);
    Ahead ahead{.origin = features::period_index(origin), .calendar = {}};
    ahead.calendar.reserve(static_cast<std::size_t>(periods));
    for (std::int64_t i = 0; i < periods; ++i) {
        ahead.calendar.push_back(features::period_calendar(ahead.origin + i));
    }
    return ahead;
}

double seasonal_naive(const HalfHours& past, std::int64_t origin, std::int64_t target,
                      const PeriodCalendar& calendar) {
    const auto known = [&](std::int64_t days) {
        const std::int64_t period = target - days * features::periods_per_day;
        return period < origin ? past.at(period) : std::numeric_limits<float>::quiet_NaN();
    };
    if (calendar.day_kind_changed != 0.0) {
        const float last_week = known(7);
        if (!std::isnan(last_week)) {
            return static_cast<double>(last_week);
        }
    }
    for (std::int64_t days = 1; days <= 7; ++days) {
        const float value = known(days);
        if (!std::isnan(value)) {
            return static_cast<double>(value);
        }
    }
    return std::numeric_limits<double>::quiet_NaN();
}

Outcome forecast_rows(const ForecastModel* model, const Ahead& ahead, const HalfHours& past, Leads leads,
                      std::vector<QuantileRow>& rows) {
    return forecast_rows(model, ahead, past, features::point_level(past), leads, rows);
}

Outcome forecast_rows(const ForecastModel* model, const Ahead& ahead, const HalfHours& past,
                      const PointLevel& level, Leads leads, std::vector<QuantileRow>& rows) {
    leads.to = std::min(leads.to, ahead.calendar.size());
    const auto clear = [&] {
        rows.clear();
        rows.reserve(leads.to);
        return true;
    };
    const bool fits = model != nullptr && model->schema_hash == features::schema_hash();
    if (fits && clear() && forecast_ridge(*model, ahead, past, level, leads, rows)) {
        return {.method = Method::ridge};
    }
    Fallback why = model == nullptr ? Fallback::no_model
                   : !fits          ? Fallback::other_schema
                                    : Fallback::no_day_before;
    if (clear() && forecast_naive(fits ? model : nullptr, ahead, past, level, leads, rows)) {
        return {.method = Method::seasonal_naive, .why = why};
    }
    why = why | Fallback::no_full_day;
    if (clear() && forecast_persistence(ahead, past, level, leads, rows)) {
        return {.method = Method::persistence, .why = why};
    }
    rows.clear();
    return {.method = Method::none, .why = why | Fallback::no_newest};
}

void forecast_load(const ForecastModel* model, const Ahead& ahead, const HalfHours& past,
                   telemetry::PointRef point, LoadForecast& out) {
    out.point = point;
    out.start = features::period_start(ahead.origin);
    out.origin = out.start;
    const Outcome outcome = forecast_rows(model, ahead, past, {}, out.load_w);
    out.method = outcome.method;
    out.reason = to_text(outcome.why);
}

}  // namespace headroom::forecast
