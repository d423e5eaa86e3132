#include "forecast/alarms.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace headroom::forecast {
namespace {

/// Standard normal quantiles of `quantiles`.
constexpr QuantileValues scores{-1.644853627, -1.281551566, -0.67448975, 0.0,
                                0.67448975,   1.281551566,  1.644853627};
constexpr double level_min = 0.5;
constexpr double level_max = 0.995;

double level_of(double score) {
    return 0.5 * std::erfc(-score / std::numbers::sqrt2);
}

/// By halving: exact enough for a level, and no table of coefficients.
double score_of(double level) {
    double low = -8.0;
    double high = 8.0;
    for (int i = 0; i < 60; ++i) {
        const double middle = 0.5 * (low + high);
        (level_of(middle) < level ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

/// Largest of the quantiles below, so that beyond the ends the last piece is carried on.
std::size_t piece_of(const QuantileValues& values, double at) {
    std::size_t piece = 0;
    while (piece + 2 < values.size() && at > values[piece + 1]) {
        ++piece;
    }
    return piece;
}

double limit_of(const GridSeries& load, std::int64_t end, double quantile) {
    std::vector<double> known;
    for (std::int64_t slot = load.first; slot < end; ++slot) {
        if (!std::isnan(load.at(slot))) {
            known.push_back(load.at(slot));
        }
    }
    if (known.empty()) {
        return std::numeric_limits<double>::infinity();
    }
    std::ranges::sort(known);
    const double place = quantile * static_cast<double>(known.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, known.size() - 1);
    return known[below] + (place - static_cast<double>(below)) * (known[above] - known[below]);
}

}  // namespace

std::optional<AlarmAim> parse_alarm_aim(std::string_view text) {
    return text == "f"      ? std::optional(AlarmAim::f_measure)
           : text == "cost" ? std::optional(AlarmAim::cost)
                            : std::nullopt;
}

double alarm_quantile(double cost_ratio) {
    HEADROOM_ASSERT(cost_ratio > 0.0);
    return cost_ratio / (1.0 + cost_ratio);
}

double chance_over(const QuantileValues& load, double limit) {
    const std::size_t piece = piece_of(load, limit);
    const double span = load[piece + 1] - load[piece];
    if (span <= 0.0) {
        return limit > load[piece] ? 0.0 : 1.0;
    }
    const double score = scores[piece] + (limit - load[piece]) / span * (scores[piece + 1] - scores[piece]);
    return level_of(-score);
}

double load_at(const QuantileValues& load, double level) {
    const double score = score_of(level);
    const std::size_t piece = piece_of(scores, score);
    return load[piece] +
           (score - scores[piece]) / (scores[piece + 1] - scores[piece]) * (load[piece + 1] - load[piece]);
}

AlarmCalibration::AlarmCalibration(std::size_t series, double cost_ratio)
    : alarm_chance_(1.0 - alarm_quantile(cost_ratio)), by_series_(series) {}

void AlarmCalibration::observe(std::size_t series, double chance, bool was_over) {
    if (chance < alarm_chance_ / near_factor || chance > std::min(alarm_chance_ * near_factor, 0.9)) {
        return;
    }
    for (Sums* sums : {&all_, &by_series_[series]}) {
        sums->foretold += chance;
        sums->happened += was_over ? 1.0 : 0.0;
    }
}

double AlarmCalibration::ratio(std::size_t series) const {
    const double of_all = (all_.happened + prior_events) / (all_.foretold + prior_events);
    const Sums& own = by_series_[series];
    return (own.happened + prior_events * of_all) / (own.foretold + prior_events);
}

double AlarmCalibration::level(std::size_t series, double from) const {
    // An alarm is worth its price where ratio × chance exceeds the chance it is raised from.
    return std::clamp(1.0 - from / std::max(ratio(series), 1e-6), level_min, level_max);
}

FMeasureThreshold::FMeasureThreshold(double cost_ratio)
    : cost_ratio_(cost_ratio), chance_(1.0 - alarm_quantile(cost_ratio)) {}

void FMeasureThreshold::observe(double chance) {
    const auto steps = static_cast<double>(times_.size());
    times_[static_cast<std::size_t>(std::clamp(chance * steps, 0.0, steps - 1.0))] += 1.0;
}

void FMeasureThreshold::settle() {
    const auto steps = static_cast<double>(times_.size());
    double overloads = 0.0;
    for (std::size_t i = 0; i < times_.size(); ++i) {
        overloads += times_[i] * (static_cast<double>(i) + 0.5) / steps;
    }
    // Dinkelbach's steps: the threshold of the F that the last one would reach. A few are enough from where
    // it stood before.
    for (int step = 0; step < 5; ++step) {
        double hits = 0.0;
        double raised = 0.0;
        for (std::size_t i = 0; i < times_.size(); ++i) {
            const double chance = (static_cast<double>(i) + 0.5) / steps;
            if (chance >= chance_) {
                hits += times_[i] * chance;
                raised += times_[i];
            }
        }
        const double share =
            ((1.0 + cost_ratio_) * hits + prior_hits) / (cost_ratio_ * overloads + raised + prior_hits);
        chance_ = share / (1.0 + cost_ratio_);
    }
}

double AlarmResult::precision() const {
    return hits + needless > 0 ? static_cast<double>(hits) / static_cast<double>(hits + needless) : 0.0;
}

double AlarmResult::recall() const {
    return hits + missed > 0 ? static_cast<double>(hits) / static_cast<double>(hits + missed) : 0.0;
}

double AlarmResult::f2() const {
    const auto hit = static_cast<double>(hits);
    return hits > 0
               ? 5.0 * hit / (5.0 * hit + 4.0 * static_cast<double>(missed) + static_cast<double>(needless))
               : 0.0;
}

double AlarmResult::cost_share(double cost_ratio) const {
    const double never = cost_ratio * static_cast<double>(hits + missed);
    return never > 0.0 ? (cost_ratio * static_cast<double>(missed) + static_cast<double>(needless)) / never
                       : 0.0;
}

AlarmResult raise_alarms(const Panel& panel, std::span<const BacktestRow> rows, const AlarmOptions& options) {
    AlarmResult result{.quantile = alarm_quantile(options.cost_ratio)};
    std::vector<std::int64_t> first(panel.series.size(), std::numeric_limits<std::int64_t>::max());
    for (const BacktestRow& row : rows) {
        std::int64_t& slot = first[static_cast<std::size_t>(row.series)];
        slot = std::min(slot, row.target_s / panel.step_s);
    }
    std::vector<double> limits;
    for (std::size_t i = 0; i < first.size(); ++i) {
        const GridSeries& load = panel.series[i].load;
        limits.push_back(limit_of(load, std::min(first[i], load.end()), options.limit_quantile));
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto series = static_cast<std::size_t>(rows[i].series);
        AlarmRow& row = result.rows.emplace_back();
        row.row = i;
        row.limit = limits[series];
        row.chance = std::isinf(row.limit) ? 0.0 : chance_over(rows[i].load, row.limit);
        row.was_over = panel.series[series].load.at(rows[i].target_s / panel.step_s) >= row.limit;
    }
    std::ranges::stable_sort(result.rows, {},
                             [&rows](const AlarmRow& row) { return rows[row.row].origin_s; });
    // What has happened comes in by target, whatever the lead.
    std::vector<std::size_t> by_target(result.rows.size());
    std::iota(by_target.begin(), by_target.end(), std::size_t{0});
    std::ranges::stable_sort(by_target, {}, [&](std::size_t i) { return rows[result.rows[i].row].target_s; });
    AlarmCalibration calibration(panel.series.size(), options.cost_ratio);
    FMeasureThreshold threshold(options.cost_ratio);
    std::size_t happened = 0;
    std::int64_t origin_s = std::numeric_limits<std::int64_t>::min();
    for (AlarmRow& row : result.rows) {
        for (; happened < by_target.size(); ++happened) {
            const AlarmRow& past = result.rows[by_target[happened]];
            if (rows[past.row].target_s > rows[row.row].origin_s) {
                break;
            }
            calibration.observe(static_cast<std::size_t>(rows[past.row].series), past.chance, past.was_over);
        }
        const auto series = static_cast<std::size_t>(rows[row.row].series);
        if (options.aim == AlarmAim::f_measure && rows[row.row].origin_s != origin_s) {
            origin_s = rows[row.row].origin_s;
            threshold.settle();
        }
        threshold.observe(std::min(1.0, row.chance * calibration.ratio(series)));
        row.level = options.aim == AlarmAim::f_measure ? calibration.level(series, threshold.chance())
                                                       : calibration.level(series);
        row.load = load_at(rows[row.row].load, row.level);
        row.is_raised = row.load >= row.limit;
        result.hits += row.is_raised && row.was_over ? 1U : 0U;
        result.needless += row.is_raised && !row.was_over ? 1U : 0U;
        result.missed += !row.is_raised && row.was_over ? 1U : 0U;
    }
    return result;
}

}  // namespace headroom::forecast
