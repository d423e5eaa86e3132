#include "forecast/ramp_rows.hpp"

#include "forecast/ramp.hpp"
#include "forecast/slots.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace headroom::forecast {
namespace {

// Columns of a streaming row, see features::stream_names.
constexpr std::size_t load_column = 2;
constexpr std::size_t mean_column = load_column + features::stream_lags + 1;
constexpr std::size_t std_column = mean_column + 1;
constexpr std::size_t gradient_column = std_column + 2;  // behind the penetration
constexpr std::size_t slope_column = gradient_column + 1;
constexpr std::size_t yesterday_column = slope_column + 1;
constexpr std::size_t week_column = yesterday_column + 1;
static_assert(week_column + 1 == features::stream_count);
constexpr double minutes_of_slope = 15.0;

}  // namespace

double ramp_spread(std::span<const float> row) {
    const auto load = static_cast<double>(row[load_column]);
    const auto spread = static_cast<double>(row[std_column]);
    if (!std::isfinite(load) || !std::isfinite(spread)) {
        return 0.0;
    }
    return std::max(spread, 1e-4 * std::abs(load));
}

void make_ramp_row(std::span<const float> row, double spread, std::vector<float>& out) {
    out.clear();
    const auto load = static_cast<double>(row[load_column]);
    const auto from_load = [&](std::size_t column) {
        out.push_back(static_cast<float>((static_cast<double>(row[column]) - load) / spread));
    };
    out.push_back(row[0]);
    out.push_back(row[1]);
    for (std::size_t lag = 1; lag <= features::stream_lags; ++lag) {
        from_load(load_column + lag);
    }
    from_load(mean_column);
    out.push_back(
        static_cast<float>(spread / std::max(std::abs(static_cast<double>(row[mean_column])), spread)));
    for (const std::size_t column : {gradient_column, slope_column}) {
        out.push_back(static_cast<float>(static_cast<double>(row[column]) * minutes_of_slope / spread));
    }
    from_load(yesterday_column);
    from_load(week_column);
    HEADROOM_ASSERT(out.size() == ramp_columns);
    out.insert(out.end(), row.begin() + features::stream_count, row.end());
}

std::vector<std::string> ramp_external(std::span<const Covariate> covariates) {
    std::vector<std::string> names;
    for (const Covariate& covariate : covariates) {
        if (covariate.knowledge != Knowledge::ahead) {
            continue;
        }
        names.push_back(covariate.name);
        for (const std::int64_t lead_s : ramp_leads_s) {
            names.push_back(covariate.name + "_change_" + std::to_string(lead_s / 60) + "min");
        }
    }
    return names;
}

void replay_rows(const Panel& panel, std::size_t series, std::span<const Covariate> covariates,
                 const std::function<void(std::int64_t slot, std::span<const float> row)>& take) {
    const GridSeries& load = panel.series[series].load;
    std::array<float, features::ring_size> kept{};
    std::int64_t newest = load.first;
    features::ReadingRing ring(kept, newest);
    ring.restart(load.first);
    features::OwnHalfHours own(features::half_hours_kept);
    features::HalfHourRing half_hours = own.ring();
    features::LocalHour hour;
    const std::int64_t in_half_hour = std::max<std::int64_t>(1, seconds_per_half_hour / panel.step_s);
    std::vector<float> external;
    double sum = 0.0;
    double count = 0.0;
    std::vector<float> row(features::stream_count + ramp_external(covariates).size());
    for (std::int64_t slot = load.first; slot < load.end(); ++slot) {
        if (slot % in_half_hour == 0 && count > 0.0) {
            half_hours.set(slot / in_half_hour - 1, static_cast<float>(sum / count));
            sum = 0.0;
            count = 0.0;
        }
        const double value = load.at(slot);
        if (std::isnan(value)) {
            continue;
        }
        sum += value;
        count += 1.0;
        ring.write(slot, static_cast<float>(value));
        external.clear();
        for (const Covariate& covariate : covariates) {
            if (covariate.knowledge == Knowledge::ahead) {
                const GridSeries& values = covariate.by_series[series];
                external.push_back(static_cast<float>(values.at(slot)));
                for (const std::int64_t lead_s : ramp_leads_s) {
                    external.push_back(
                        static_cast<float>(values.at(slot + lead_s / panel.step_s) - values.at(slot)));
                }
            }
        }
        const features::StreamPast past{.load = &ring,
                                        .slot = slot,
                                        .cadence = milliseconds{panel.step_s * 1000},
                                        .half_hours = &half_hours,
                                        .external = external};
        features::make_stream_row(past, hour, row);
        take(slot, row);
    }
}

}  // namespace headroom::forecast
