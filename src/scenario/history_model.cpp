#include "scenario/history_model.hpp"

#include "forecast/ridge.hpp"
#include "scenario/event_weather.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace headroom::scenario {
namespace {

constexpr double heating_base_c = 15.5;
constexpr double cooling_base_c = 18.0;
constexpr double scale_k = 10.0;  // degrees in tens, so that every feature is of the order of 1
constexpr double penalty = 2e-3;  // per row, on every weight but the constant
constexpr double outlier_widths = 6.0;

double known_or(const std::vector<std::optional<double>>& values, std::size_t i, double otherwise) {
    return i < values.size() ? values[i].value_or(otherwise) : otherwise;
}

/// The air as it was, gaps bridged with the last known value.
std::vector<double> bridged(const std::vector<std::optional<double>>& values, std::size_t count) {
    std::vector<double> out(count);
    double last = 10.0;
    for (const auto& value : values) {
        if (value) {
            last = *value;
            break;
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        out[i] = last = known_or(values, i, last);
    }
    return out;
}

/// Share of their power that turbines give at a wind measured ten metres above the ground: rises with its
/// cube up to about 9 m/s (some 13 m/s at the hub).
double turbine_output(double wind_m_per_s) {
    constexpr double full_m_per_s = 9.0;
    const double share = std::clamp(wind_m_per_s / full_m_per_s, 0.0, 1.0);
    return share * share * share;
}

/// Loads drift: what is older counts less, half as much after `half_life_days`.
double weight_of(std::size_t i, std::size_t count) {
    constexpr double half_life_days = 240.0;
    const double age_days = static_cast<double>(count - i) / 48.0;
    return std::exp2(-age_days / half_life_days);
}

double median_of(std::vector<double>& values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

}  // namespace

HistoryModel::Row HistoryModel::row_of(const DaySlot& slot, const Weather& weather) {
    const double heating = std::max(0.0, heating_base_c - weather.felt_c) / scale_k;
    const double cooling = std::max(0.0, weather.felt_c - cooling_base_c) / scale_k;
    const double rest = slot.is_rest_day ? 1.0 : 0.0;
    return {1.0,
            rest,
            heating,
            heating * rest,
            heating * heating,
            cooling,
            cooling * (1.0 - rest),
            (weather.air_c - weather.felt_c) / scale_k,
            weather.radiation_w_per_m2 / 500.0,
            std::min(weather.wind_m_per_s, 12.0) / 10.0,
            turbine_output(weather.wind_m_per_s),
            slot.winter,
            slot.winter * rest};
}

HistoryModel::Weather HistoryModel::as_known(const Weather& weather) const {
    return {.felt_c = knows_weather_ ? weather.felt_c : heating_base_c,
            .air_c = knows_weather_ ? weather.air_c : heating_base_c,
            .radiation_w_per_m2 = knows_sun_ ? std::max(0.0, weather.radiation_w_per_m2) : 0.0,
            .wind_m_per_s = knows_wind_ ? weather.wind_m_per_s : 0.0};
}

std::vector<HistoryModel::Sample> HistoryModel::samples_of(const History& history) const {
    const std::size_t count = history.load_kw.size();
    const std::vector<double> air = bridged(history.temperature_c, count);
    const std::vector<double> felt = count >= slots ? felt_temperature(air) : air;
    const auto is_known = [](bool is_used, const std::vector<std::optional<double>>& values, std::size_t i) {
        return !is_used || (i < values.size() && values[i].has_value());
    };
    std::vector<Sample> samples;
    samples.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        if (!history.load_kw[i] || !is_known(knows_weather_, history.temperature_c, i) ||
            !is_known(knows_sun_, history.radiation_w_per_m2, i) ||
            !is_known(knows_wind_, history.wind_m_per_s, i)) {
            continue;
        }
        const UtcTime at = history.start + static_cast<std::int64_t>(i) * period_length;
        const DaySlot slot = day_slot(at);
        const Weather weather{.felt_c = felt[i],
                              .air_c = air[i],
                              .radiation_w_per_m2 = known_or(history.radiation_w_per_m2, i, 0.0),
                              .wind_m_per_s = known_or(history.wind_m_per_s, i, 0.0)};
        samples.push_back(
            {slot.half_hour, weight_of(i, count), row_of(slot, as_known(weather)), *history.load_kw[i]});
    }
    return samples;
}

void HistoryModel::fit_slots(const std::vector<Sample>& samples, const std::vector<char>& is_used) {
    struct Sums {
        std::vector<double> products = std::vector<double>(features * features, 0.0);
        std::vector<double> targets = std::vector<double>(features, 0.0);
        double rows = 0.0;
    };
    std::vector<Sums> all(slots);
    for (std::size_t i = 0; i < samples.size(); ++i) {
        if (!is_used[i]) {
            continue;
        }
        // A half-hour learns from its neighbours too, at half their weight: three times as many days.
        constexpr double neighbour_weight = 0.5;
        for (const std::size_t step : {slots - 1, std::size_t{0}, std::size_t{1}}) {
            Sums& sums = all[(samples[i].slot + step) % slots];
            const double weight = samples[i].weight * (step == 0 ? 1.0 : neighbour_weight);
            const Row& x = samples[i].x;
            for (std::size_t a = 0; a < features; ++a) {
                for (std::size_t b = 0; b <= a; ++b) {
                    sums.products[a * features + b] += weight * x[a] * x[b];
                }
                sums.targets[a] += weight * x[a] * samples[i].kw;
            }
            sums.rows += weight;
        }
    }
    for (std::size_t slot = 0; slot < slots; ++slot) {
        Sums& sums = all[slot];
        for (std::size_t a = 1; a < features; ++a) {
            sums.products[a * features + a] += penalty * std::max(sums.rows, 1.0);
        }
        sums.products[0] += 1e-9;
        weights_[slot] = {};
        if (forecast::solve_cholesky(sums.products, sums.targets)) {
            std::copy_n(sums.targets.begin(), features, weights_[slot].begin());
        }
    }
}

double HistoryModel::raw_kw(std::size_t slot, const Row& x) const {
    double kw = 0.0;
    for (std::size_t a = 0; a < features; ++a) {
        kw += weights_[slot][a] * x[a];
    }
    return kw;
}

void HistoryModel::keep_spread(const std::vector<Sample>& samples, const std::vector<char>& is_used) {
    std::array<std::vector<double>, blocks> residuals;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        if (is_used[i]) {
            const Sample& sample = samples[i];
            residuals[sample.slot / (slots / blocks)].push_back(sample.kw - raw_kw(sample.slot, sample.x));
        }
    }
    for (std::size_t block = 0; block < blocks; ++block) {
        std::vector<double>& values = residuals[block];
        std::ranges::sort(values);
        for (std::size_t step = 0; step < quantile_steps && !values.empty(); ++step) {
            const double at = static_cast<double>(step) / (quantile_steps - 1);
            spread_[block][step] =
                values[static_cast<std::size_t>(at * static_cast<double>(values.size() - 1))];
        }
    }
}

Result<HistoryModel> HistoryModel::fit(const History& history) {
    HistoryModel model;
    const auto holds_any = [](const std::vector<std::optional<double>>& values) {
        return std::ranges::any_of(values, [](const auto& value) { return value.has_value(); });
    };
    model.knows_weather_ = holds_any(history.temperature_c);
    model.knows_sun_ = holds_any(history.radiation_w_per_m2);
    model.knows_wind_ = holds_any(history.wind_m_per_s);
    const std::vector<Sample> samples = model.samples_of(history);
    if (samples.size() < known_days_min * slots) {
        return Error{Errc::unsupported, "a history of " + std::to_string(samples.size()) +
                                            " known half-hours is shorter than " +
                                            std::to_string(known_days_min) + " days"};
    }
    std::vector<char> is_used(samples.size(), 1);
    model.fit_slots(samples, is_used);
    std::vector<double> sizes(samples.size());
    std::ranges::transform(samples, sizes.begin(), [&](const Sample& sample) {
        return std::abs(sample.kw - model.raw_kw(sample.slot, sample.x));
    });
    std::vector<double> sorted = sizes;
    constexpr double deviations_per_median = 1.4826;
    const double width = deviations_per_median * median_of(sorted);
    model.lowest_kw_ = std::numeric_limits<double>::infinity();
    model.highest_kw_ = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < samples.size(); ++i) {
        is_used[i] = sizes[i] <= outlier_widths * width + 1e-9 ? 1 : 0;
        if (is_used[i]) {
            model.lowest_kw_ = std::min(model.lowest_kw_, samples[i].kw);
            model.highest_kw_ = std::max(model.highest_kw_, samples[i].kw);
        }
    }
    model.fit_slots(samples, is_used);
    model.keep_spread(samples, is_used);
    return model;
}

double HistoryModel::load_kw(const DaySlot& slot, const Weather& weather) const {
    const double range = highest_kw_ - lowest_kw_;
    return std::clamp(raw_kw(slot.half_hour, row_of(slot, as_known(weather))), lowest_kw_ - range,
                      highest_kw_ + range);
}

double HistoryModel::offset_kw(const DaySlot& slot, double quantile) const {
    const auto& spread = spread_[slot.half_hour / (slots / blocks)];
    const auto middle = spread[(quantile_steps - 1) / 2];
    const double at = std::clamp(quantile, 0.0, 1.0) * (quantile_steps - 1);
    const auto below = std::min(static_cast<std::size_t>(at), quantile_steps - 2);
    const double along = at - static_cast<double>(below);
    return spread[below] + (spread[below + 1] - spread[below]) * along - middle;
}

}  // namespace headroom::scenario
