#include "forecast/live_tracking.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::forecast {
namespace {

/// Bounds between the classes: mean difference to the day before, in spreads.
constexpr std::array<double, point_classes - 1> class_bounds{0.06, 0.12, 0.2};

}  // namespace

std::size_t point_class(double noise_kw, const SeriesScale& scale) {
    const double noise = noise_kw / scale.spread;
    return static_cast<std::size_t>(
        std::ranges::count_if(class_bounds, [&](double b) { return noise >= b; }));
}

void PointBias::observe(std::size_t lead, std::size_t block, double error) {
    if (std::isnan(error)) {
        return;
    }
    const double held = std::clamp(error, -LiveTracking::offset_max, LiveTracking::offset_max);
    const double before = at(lead, block);
    widths[lead][block] =
        static_cast<float>(std::clamp(before + rate * (held - before), -bias_max, bias_max));
}

void TrackingCounts::add(const TrackingCounts& other) {
    for (std::size_t c = 0; c < cells.size(); ++c) {
        for (std::size_t lead = 0; lead < cells[c].size(); ++lead) {
            for (std::size_t block = 0; block < cells[c][lead].size(); ++block) {
                Cell& cell = cells[c][lead][block];
                const Cell& more = other.cells[c][lead][block];
                cell.all += more.all;
                for (std::size_t q = 0; q < quantile_count; ++q) {
                    cell.below[q] += more.below[q];
                }
            }
        }
    }
}

void LiveTracking::count(TrackingCounts::Cell& cell, double error, const QuantileValues& at) {
    if (std::isnan(error)) {
        return;
    }
    cell.all += 1;
    for (std::size_t q = 0; q < quantile_count; ++q) {
        cell.below[q] += error <= at[q] ? 1U : 0U;
    }
}

void LiveTracking::follow(const TrackingCounts& counts) {
    for (std::size_t c = 0; c < offsets.size(); ++c) {
        for (std::size_t lead = 0; lead < offsets[c].size(); ++lead) {
            for (std::size_t block = 0; block < offsets[c][lead].size(); ++block) {
                const TrackingCounts::Cell& cell = counts.cells[c][lead][block];
                for (std::size_t q = 0; q < quantile_count && cell.all > 0; ++q) {
                    const double share = static_cast<double>(cell.below[q]) / static_cast<double>(cell.all);
                    double& offset = offsets[c][lead][block][q];
                    offset = std::clamp(offset + rate * (quantiles[q] - share), -offset_max, offset_max);
                }
            }
        }
    }
}

}  // namespace headroom::forecast
