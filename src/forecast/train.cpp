#include "forecast/forecaster.hpp"
#include "forecast/ridge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

namespace headroom::forecast {
namespace {

using features::HalfHours;
using features::PeriodCalendar;
using features::PointLevel;

/// The rows of a training run in a fixed order: points, then origins; each origin asks one lead per bucket.
class TrainingRows {
  public:
    TrainingRows(std::span<const HalfHours> histories, const TrainOptions& options) : histories_(histories) {
        std::int64_t first = std::numeric_limits<std::int64_t>::max();
        std::int64_t last = std::numeric_limits<std::int64_t>::min();
        std::size_t origins = 0;
        for (const HalfHours& history : histories) {
            levels_.push_back(features::point_level(history, static_cast<std::int64_t>(history.kw.size())));
            first = std::min(first, history.first);
            last = std::max(last, history.end());
            origins += history.kw.size();
        }
        stride_ =
            static_cast<std::int64_t>(origins / std::max<std::size_t>(options.rows_per_bucket_max, 1)) + 1;
        // A stride that divides the day would only ever see some of its hours.
        while (stride_ > 1 && features::periods_per_day % stride_ == 0) {
            stride_ += 1;
        }
        if (last > first) {
            calendar_first_ = first;
            calendar_.reserve(static_cast<std::size_t>(last - first));
            for (std::int64_t period = first; period < last; ++period) {
                calendar_.push_back(features::period_calendar(period));
            }
            tail_ = last -
                    static_cast<std::int64_t>(options.calibration_share * static_cast<double>(last - first));
        }
    }

    /// Calls take(bucket, row, target load, level, calendar, whether the target lies in the tail).
    template <class Take>
    void each(Take take) const {
        features::FeatureRow row{};
        for (std::size_t point = 0; point < histories_.size(); ++point) {
            const HalfHours& past = histories_[point];
            std::int64_t turn = static_cast<std::int64_t>(point);
            for (std::int64_t origin = past.first + features::periods_per_day + turn % stride_;
                 origin < past.end(); origin += stride_) {
                turn += 1;
                for (std::size_t bucket = 0; bucket < lead_buckets.size(); ++bucket) {
                    const std::int64_t shortest = bucket == 0 ? 1 : lead_buckets[bucket - 1] + 1;
                    const std::int64_t lead = shortest + turn % (lead_buckets[bucket] - shortest + 1);
                    const std::int64_t target = origin + lead - 1;
                    const float truth = past.at(target);
                    if (std::isnan(truth)) {
                        continue;
                    }
                    const PeriodCalendar& calendar = calendar_of(target);
                    if (features::make_row(past, levels_[point], origin, target, calendar, row)) {
                        take(bucket, row, static_cast<double>(truth), point, origin, target);
                    }
                }
            }
        }
    }

    [[nodiscard]] const PeriodCalendar& calendar_of(std::int64_t period) const {
        return calendar_[static_cast<std::size_t>(period - calendar_first_)];
    }
    [[nodiscard]] bool is_tail(std::int64_t target) const { return target >= tail_; }
    [[nodiscard]] const PointLevel& level(std::size_t point) const { return levels_[point]; }
    [[nodiscard]] const HalfHours& history(std::size_t point) const { return histories_[point]; }

  private:
    std::span<const HalfHours> histories_;
    std::vector<PointLevel> levels_;
    std::vector<PeriodCalendar> calendar_;
    std::int64_t calendar_first_ = 0;
    std::int64_t stride_ = 1;
    std::int64_t tail_ = 0;
};

}  // namespace

std::optional<ForecastModel> train(std::span<const HalfHours> histories, const TrainOptions& options) {
    const TrainingRows rows(histories, options);
    std::array<NormalEquations, lead_buckets.size()> before_tail;
    std::array<NormalEquations, lead_buckets.size()> all;
    rows.each([&](std::size_t bucket, const features::FeatureRow& row, double truth, std::size_t point,
                  std::int64_t, std::int64_t target) {
        const double scaled = truth / rows.level(point).level_kw;
        all[bucket].add(row, scaled);
        if (!rows.is_tail(target)) {
            before_tail[bucket].add(row, scaled);
        }
    });
    if (before_tail[0].rows() < options.rows_min || all[0].rows() == before_tail[0].rows()) {
        return std::nullopt;
    }

    ForecastModel model;
    model.schema_hash = features::schema_hash();
    model.trained_at = options.now;
    model.points = histories.size();
    std::array<features::FeatureRow, lead_buckets.size()> weights{};
    for (std::size_t bucket = 0; bucket < lead_buckets.size(); ++bucket) {
        weights[bucket] = before_tail[bucket].solve(options.penalty);
        model.buckets[bucket].weights = all[bucket].solve(options.penalty);
        model.rows += all[bucket].rows();
    }

    std::array<ErrorTable, lead_buckets.size()> errors;
    ErrorTable naive_errors;
    rows.each([&](std::size_t bucket, const features::FeatureRow& row, double truth, std::size_t point,
                  std::int64_t origin, std::int64_t target) {
        if (!rows.is_tail(target)) {
            return;
        }
        const PointLevel& level = rows.level(point);
        const PeriodCalendar& calendar = rows.calendar_of(target);
        errors[bucket].add(calendar.block,
                           (truth - dot(weights[bucket], row) * level.level_kw) / level.noise_kw);
        const double naive = seasonal_naive(rows.history(point), origin, target, calendar);
        if (!std::isnan(naive)) {
            naive_errors.add(calendar.block, (truth - naive) / level.noise_kw);
        }
    });
    for (std::size_t bucket = 0; bucket < lead_buckets.size(); ++bucket) {
        model.buckets[bucket].errors = errors[bucket].quantiles();
    }
    model.naive_errors = naive_errors.quantiles();
    return model;
}

}  // namespace headroom::forecast
