#pragma once

#include "core/time.hpp"
#include "features/feature_row.hpp"
#include "features/half_hours.hpp"
#include "forecast/load_forecast.hpp"
#include "forecast/quantiles.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace headroom::forecast {

/// Half-hours a forecast reaches at most: with the lag of a day every one of them has a known yesterday.
inline constexpr std::int64_t periods_max = 48;

/// Leads that share one model: 1, 2, 3–4, 5–8, 9–16, 17–32, 33–48 half-hours.
inline constexpr std::array<std::int64_t, 7> lead_buckets{1, 2, 4, 8, 16, 32, 48};
[[nodiscard]] std::size_t lead_bucket(std::int64_t lead);

/// A ridge regression per lead bucket over all points, and the errors it made on half-hours it had not seen.
struct ForecastModel {
    std::string schema_hash;  ///< of the feature rows
    UtcTime trained_at{};
    std::size_t points = 0;
    std::size_t rows = 0;
    struct Bucket {
        features::FeatureRow weights{};
        std::array<QuantileValues, features::blocks_per_day> errors{};  ///< in units of the point's noise
    };
    std::array<Bucket, lead_buckets.size()> buckets;
    /// Errors of the seasonal naive forecast, for points that the regression cannot serve.
    std::array<QuantileValues, features::blocks_per_day> naive_errors{};
};

struct TrainOptions {
    UtcTime now{};
    double penalty = 1e-3;
    std::size_t rows_per_bucket_max = 60'000;  ///< origins are thinned out evenly beyond that
    double calibration_share = 0.25;           ///< of the time, at its end: where the errors are taken
    std::size_t rows_min = 500;                ///< fewer make no model
};

/// Fits one model to the histories, in their order. First without the calibration tail, whose errors become
/// the quantiles; then with it. Deterministic. Nothing when there is too little to learn from.
[[nodiscard]] std::optional<ForecastModel> train(std::span<const features::HalfHours> histories,
                                                 const TrainOptions& options);

/// The calendar of the half-hours ahead of one origin: made once for a batch of points.
struct Ahead {
    std::int64_t origin = 0;  ///< period number; what lies before it may be known
    std::vector<features::PeriodCalendar> calendar;
};
/// Precondition: 1 ≤ periods ≤ periods_max.
[[nodiscard]] Ahead look_ahead(UtcTime origin, std::int64_t periods);

/// The seasonal naive forecast: the same half-hour yesterday, or last week when yesterday was another kind
/// of day; else the nearest day before. NaN when none is known.
[[nodiscard]] double seasonal_naive(const features::HalfHours& past, std::int64_t origin, std::int64_t target,
                                    const features::PeriodCalendar& calendar);

/// How a forecast was made.
struct Outcome {
    Method method = Method::none;
    Fallback why = Fallback::none;
};
/// Some of the half-hours ahead, [from, to) of the calendar; all unless told otherwise.
struct Leads {
    std::size_t from = 0;
    std::size_t to = static_cast<std::size_t>(periods_max);
};
/// Writes the half-hours `leads` of one point into `rows`, whose memory is used again: ridge where the model
/// (nullptr for none) can serve the point, then seasonal naive, then persistence, then none. Pure.
Outcome forecast_rows(const ForecastModel* model, const Ahead& ahead, const features::HalfHours& past,
                      Leads leads, std::vector<QuantileRow>& rows);
/// The same with the level of the past, where the caller has kept it from another forecast of the same
/// origin.
Outcome forecast_rows(const ForecastModel* model, const Ahead& ahead, const features::HalfHours& past,
                      const features::PointLevel& level, Leads leads, std::vector<QuantileRow>& rows);

/// Writes the forecast of one point into `out`, whose memory is used again. Ridge where the model (nullptr
/// for none) can serve the point, then seasonal naive, then persistence, then none; `reason` says why.
/// Pure; about ten microseconds for 48 half-hours.
void forecast_load(const ForecastModel* model, const Ahead& ahead, const features::HalfHours& past,
                   telemetry::PointRef point, LoadForecast& out);

}  // namespace headroom::forecast
