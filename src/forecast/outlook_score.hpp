#pragma once

#include "core/result.hpp"
#include "forecast/outlook.hpp"
#include "forecast/quantiles.hpp"
#include "forecast/series_panel.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace headroom::forecast {

/// One half-hour of an outlook with what came.
struct OutlookRow {
    std::int32_t series = 0;
    std::int64_t origin_s = 0;
    std::int64_t target_s = 0;
    QuantileValues load{};  ///< in the unit of the file
};

/// How the outlook did so many days ahead, beside the same half-hour of last week with the spread of its own
/// past errors. Every series weighs the same.
struct OutlookScore {
    std::int64_t days = 0;  ///< of lead: [24 × days, 24 × days + 24) hours
    std::size_t rows = 0;
    double mae_share = 0.0;   ///< mean absolute error of the median, over the truth's range (P99 − P1)
    double rcrps = 0.0;       ///< interval-weighted pinball × 2, over the truth's range
    double within_p90 = 0.0;  ///< share of half-hours at or below the 90 % quantile
    double within_p10 = 0.0;
    double naive_mae_share = 0.0;
    double naive_rcrps = 0.0;
    double naive_within_p90 = 0.0;
};

struct OutlookBacktest {
    std::vector<OutlookRow> rows;      ///< by series, then origin, then target
    std::vector<OutlookScore> scores;  ///< two days ahead and on
    std::size_t origins = 0;           ///< series × days from which an outlook was made
    std::size_t refused = 0;           ///< of series × days for which there was none
    std::string refused_because;       ///< the first reason
};

/// Walks through `truth` day by day: at 06:00 UTC an outlook is made of each series from its half-hour means
/// before, and held against what came. Nothing later than an origin is looked at for it.
/// Errors: `invalid` when the panel's step does not divide half an hour.
[[nodiscard]] Result<OutlookBacktest> backtest_outlook(const Panel& panel, const SeriesFile& truth,
                                                       std::int64_t days, Region region);

}  // namespace headroom::forecast
