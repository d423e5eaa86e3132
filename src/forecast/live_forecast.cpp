#include "forecast/live_forecast.hpp"

#include "core/units.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headroom::forecast {
namespace {

/// Half-hours that must be known before a load has a shape: two days.
constexpr std::int64_t known_min = 2 * features::periods_per_day;
/// The newest known half-hour may be so old: a day.
constexpr std::int64_t age_max = features::periods_per_day;

std::size_t block_of_period(Region region, std::int64_t period) {
    return static_cast<std::size_t>(place_in_day(region, period * live_step_s).minute * error_blocks / 1440);
}

Fallback fault_of(const features::HalfHours& past, std::int64_t origin) {
    const std::int64_t known =
        std::count_if(past.kw.begin(), past.kw.end(), [](float kw) { return !std::isnan(kw); });
    if (known < known_min) {
        return Fallback::short_past;
    }
    for (std::int64_t age = 1; age <= age_max; ++age) {
        if (!std::isnan(past.at(origin - age))) {
            return Fallback::none;
        }
    }
    return Fallback::old_past;
}

bool is_lacking(const std::vector<const Covariate*>& covariates, std::int64_t origin) {
    return std::ranges::any_of(covariates, [origin](const Covariate* covariate) {
        const std::int64_t newest = origin - 1;
        const bool is_measured = covariate->knowledge == Knowledge::measured;
        return std::isnan(covariate->at(0, is_measured ? newest : origin, newest));
    });
}

/// The quantiles of one lead's error for a point, in widths.
QuantileValues error_quantiles(const EnsembleLead& lead, std::size_t number, std::size_t block,
                               const LiveTracking& tracking, const LivePoint& point) {
    QuantileValues out = lead.errors[block];
    const QuantileValues& offsets = tracking.offsets[point.point_class][number][block];
    for (std::size_t q = 0; q < quantile_count; ++q) {
        out[q] += offsets[q];
    }
    std::ranges::sort(out);
    const double bias = point.bias == nullptr ? 0.0 : point.bias->at(number, block);
    for (double& value : out) {
        value += bias;
    }
    return out;
}

}  // namespace

std::int32_t row_watts(double kw) {
    constexpr double most_kw = static_cast<double>(std::numeric_limits<std::int32_t>::max()) / 1000.0;
    return static_cast<std::int32_t>(to_watts(Kilowatts{std::clamp(kw, -most_kw, most_kw)}).value);
}

void LiveForecaster::look(const LiveModel& model, std::int64_t origin, std::span<const LivePoint> points,
                          const CovariateTable* table) {
    model_ = &model;
    origin_ = origin;
    points_ = points;
    panel_.step_s = live_step_s;
    panel_.series.resize(points.size());
    faults_.resize(points.size());
    numbers_.resize(points.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
        GridSeries& load = panel_.series[i].load;
        const features::HalfHours& past = points[i].past;
        load.first = past.first;
        load.values.resize(past.kw.size());
        std::ranges::transform(past.kw, load.values.begin(),
                               [](float kw) { return snapped_kw(static_cast<double>(kw)); });
        faults_[i] = fault_of(past, origin);
        numbers_[i] = points[i].series;
    }
    std::vector<const Covariate*> covariates =
        model.covariates(table == nullptr ? unknown_covariates() : *table);
    lacks_feed_ = is_lacking(covariates, origin);
    maker_.emplace(panel_, model.ensemble().region, std::move(covariates));
}

/// The rows of all points for one target; those of a point with a fault stay as they are.
void LiveForecaster::make_rows(std::int64_t target, std::int64_t newest) {
    const std::size_t columns = maker_->columns().size();
    values_.resize(points_.size() * columns);
    bases_.resize(points_.size());
    const std::size_t load_columns = maker_->load_columns();
    outside_.resize(columns - load_columns);
    if (!points_.empty()) {
        maker_->make_outside(0, target, newest, outside_);
    }
    for (std::size_t i = 0; i < points_.size(); ++i) {
        const std::span<float> row = std::span(values_).subspan(i * columns, columns);
        if (faults_[i] != Fallback::none) {
            std::ranges::fill(row, 0.0F);
            bases_[i] = 0.0;
            continue;
        }
        bases_[i] = maker_->make_load(i, target, newest, points_[i].scale, row.first(load_columns));
        if (std::isnan(bases_[i])) {
            std::ranges::fill(row, 0.0F);
        } else {
            std::ranges::copy(outside_, row.begin() + static_cast<std::ptrdiff_t>(load_columns));
        }
    }
}

void LiveForecaster::evaluate(std::size_t lead, std::vector<double>& blended, std::vector<double>& widths) {
    const LeadModel& model = model_->ensemble().leads[lead].model;
    members_.resize(points_.size());
    blended.resize(points_.size());
    widths.resize(points_.size());
    model.members(values_, numbers_, members_, scratch_);
    for (std::size_t i = 0; i < points_.size(); ++i) {
        blended[i] = model.blended(members_[i], numbers_[i]);
    }
    model.error_widths(values_, members_, blended, widths, scratch_);
}

void LiveForecaster::forecast(const LiveTracking& tracking, Leads leads) {
    const std::size_t count = leads.to - leads.from;
    rows_.assign(points_.size() * count, QuantileRow{});
    const std::vector<EnsembleLead>& learnt = model_->ensemble().leads;
    for (std::size_t i = leads.from; i < leads.to; ++i) {
        const std::int64_t target = origin_ + static_cast<std::int64_t>(i);
        const LeadMix mix = model_->mix((static_cast<std::int64_t>(i) + 1) * live_step_s);
        make_rows(target, origin_ - 1);
        evaluate(mix.near, blended_near_, widths_near_);
        if (mix.far_share > 0.0) {
            evaluate(mix.far, blended_far_, widths_far_);
        }
        const std::size_t block = block_of_period(model_->ensemble().region, target);
        for (std::size_t p = 0; p < points_.size(); ++p) {
            if (std::isnan(bases_[p])) {
                faults_[p] = Fallback::old_past;
            }
            const LivePoint& point = points_[p];
            QuantileValues change = error_quantiles(learnt[mix.near], mix.near, block, tracking, point);
            for (double& value : change) {
                value = blended_near_[p] + widths_near_[p] * value;
            }
            if (mix.far_share > 0.0) {
                const QuantileValues far = error_quantiles(learnt[mix.far], mix.far, block, tracking, point);
                for (std::size_t q = 0; q < quantile_count; ++q) {
                    change[q] = (1.0 - mix.far_share) * change[q] +
                                mix.far_share * (blended_far_[p] + widths_far_[p] * far[q]);
                }
            }
            QuantileRow& row = rows_[p * count + i - leads.from];
            for (std::size_t q = 0; q < quantile_count && faults_[p] == Fallback::none; ++q) {
                row[q] = row_watts(bases_[p] + point.scale.spread * change[q]);
            }
        }
    }
}

void LiveForecaster::learn(const LiveTracking& tracking, std::span<PointBias* const> biases,
                           TrackingCounts& counts) {
    const std::vector<EnsembleLead>& learnt = model_->ensemble().leads;
    const std::int64_t target = origin_ - 1;
    const std::size_t block = block_of_period(model_->ensemble().region, target);
    for (std::size_t lead = 0; lead < learnt.size(); ++lead) {
        make_rows(target, target - learnt[lead].lead_s / live_step_s);
        evaluate(lead, blended_near_, widths_near_);
        for (std::size_t p = 0; p < points_.size(); ++p) {
            const double truth = panel_.series[p].load.at(target);
            if (biases[p] == nullptr || faults_[p] != Fallback::none || std::isnan(truth) ||
                std::isnan(bases_[p])) {
                continue;
            }
            const LivePoint& point = points_[p];
            const double error =
                ((truth - bases_[p]) / point.scale.spread - blended_near_[p]) / widths_near_[p];
            LiveTracking::count(counts.cells[point.point_class][lead][block], error,
                                error_quantiles(learnt[lead], lead, block, tracking, point));
            biases[p]->observe(lead, block, error);
        }
    }
}

}  // namespace headroom::forecast
