#pragma once

#include "forecast/conformal.hpp"
#include "forecast/error_history.hpp"
#include "forecast/live_model.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace headroom::forecast {

/// Points whose errors are alike: by how much a load differs from the day before, measured in its own spread.
inline constexpr std::size_t point_classes = 4;
[[nodiscard]] std::size_t point_class(double noise_kw, const SeriesScale& scale);

/// The running mean error of one point, in widths, by learnt lead and block of the day. Plain data; zero says
/// nothing is known.
struct PointBias {
    std::array<std::array<float, error_blocks>, live_leads_max> widths{};

    /// A forecast of lead `lead` missed by `error` widths (truth minus blend). An error that is not finite,
    /// or larger than any quantile may reach, counts as the largest.
    void observe(std::size_t lead, std::size_t block, double error);
    [[nodiscard]] double at(std::size_t lead, std::size_t block) const {
        return static_cast<double>(widths[lead][block]);
    }
    /// Share of an error that goes into the mean: some six days of a block's half-hours.
    static constexpr double rate = 0.02;
    static constexpr double bias_max = 2.0;
};

/// How many truths lay at or below each quantile since the offsets were last moved. Whole numbers, so that
/// shards may be added up in any order.
struct TrackingCounts {
    struct Cell {
        std::array<std::uint32_t, quantile_count> below{};
        std::uint32_t all = 0;
        bool operator==(const Cell&) const = default;
    };
    std::array<std::array<std::array<Cell, error_blocks>, live_leads_max>, point_classes> cells{};

    void add(const TrackingCounts& other);
    bool operator==(const TrackingCounts&) const = default;
};

/// Offsets of the error quantiles, in widths, that follow drift: a class of points, a learnt lead, a block of
/// the day. What all points of a class saw in a half-hour moves them once (adaptive conformal inference, see
/// `QuantileTracker`).
struct LiveTracking {
    std::array<std::array<std::array<QuantileValues, error_blocks>, live_leads_max>, point_classes> offsets{};

    /// `error` in widths, bias taken off, against the quantiles `at` that stood for it.
    static void count(TrackingCounts::Cell& cell, double error, const QuantileValues& at);
    /// Moves the offsets by what was counted.
    void follow(const TrackingCounts& counts);

    /// Widths a half-hour in which all truths were on one side.
    static constexpr double rate = 0.04;
    static constexpr double offset_max = QuantileTracker::offset_max;
};

}  // namespace headroom::forecast
