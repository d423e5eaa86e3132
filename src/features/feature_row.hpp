#pragma once

#include "core/time.hpp"
#include "features/half_hours.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace headroom::features {

/// The columns of a FeatureRow, in their order. Loads are in units of the point's level.
inline constexpr std::array<std::string_view, 17> feature_names{
    "one",
    "load_1d",         // same half-hour yesterday, or the nearest day before that is known
    "load_2d",         // load_1d where unknown
    "load_7d",         // load_1d where unknown
    "load_1d_around",  // mean of the half-hours before and behind load_1d
    "load_day_mean",   // mean of the last 48 half-hours
    "residual_now",    // newest half-hour minus the same yesterday, fading with the lead
    "residual_3h",     // the same, mean of six half-hours
    "residual_week",   // newest half-hour minus the same last week, fading
    "load_now",        // newest half-hour, fading
    "hour_sin",        // local time
    "hour_cos",
    "hour_2_sin",
    "hour_2_cos",
    "is_weekend",
    "day_kind_changed",   // is_weekend minus is_weekend of the day before: -1, 0, 1
    "load_1d_on_change",  // load_1d times day_kind_changed
};
inline constexpr std::size_t feature_count = feature_names.size();
using FeatureRow = std::array<double, feature_count>;

/// What a point's loads are measured in, so that one model serves all points.
struct PointLevel {
    double level_kw = 0.0;  ///< mean of |load|
    double noise_kw = 0.0;  ///< mean of |load − load of the same half-hour yesterday|
    std::size_t known = 0;  ///< half-hours that are known
    std::size_t pairs = 0;  ///< of these with a known day before
};
/// From the last `periods` half-hours of `past`, in one fixed order.
[[nodiscard]] PointLevel point_level(const HalfHours& past, std::int64_t periods = 2 * periods_per_week);

/// The calendar of the half-hours that are asked for, by the London clock; the same for all points.
struct PeriodCalendar {
    double hour_sin = 0.0;
    double hour_cos = 1.0;
    double hour_2_sin = 0.0;
    double hour_2_cos = 1.0;
    double is_weekend = 0.0;
    double day_kind_changed = 0.0;
    int block = 0;  ///< of four hours, 0…5, by local time
};
inline constexpr int blocks_per_day = 6;
[[nodiscard]] PeriodCalendar period_calendar(std::int64_t period);

/// Fills `row` with what is known before `origin` about the half-hour `target` ≥ origin; the one function for
/// training and serving. Answers false when no day before `target` is known, or the level is not above 0.
/// Never looks at or behind `origin`.
[[nodiscard]] bool make_row(const HalfHours& past, const PointLevel& level, std::int64_t origin,
                            std::int64_t target, const PeriodCalendar& calendar, FeatureRow& row);

/// What of the past is the same for every half-hour that one origin asks about; in kW, NaN where unknown.
struct OriginPast {
    std::int64_t origin = 0;
    double day_mean = 0.0;
    double newest = 0.0;
    double residual_now = 0.0;  // residuals: 0 where unknown
    double residual_3h = 0.0;
    double residual_week = 0.0;
};
[[nodiscard]] OriginPast origin_past(const HalfHours& past, std::int64_t origin);
/// The same row, with that part made once for many targets.
[[nodiscard]] bool make_row(const HalfHours& past, const PointLevel& level, const OriginPast& at_origin,
                            std::int64_t target, const PeriodCalendar& calendar, FeatureRow& row);

/// SHA-256 of names, order and grid: a model made with another schema is refused.
[[nodiscard]] const std::string& schema_hash();

}  // namespace headroom::features
