#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "scenario/asset.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace headroom::scenario {

/// How the projection is put to the test on an asset's own past.
struct BacktestOptions {
    std::size_t days = 10;  ///< of the hottest and of the coldest
    /// The projection learns from what lies before, and is tested on what comes after. Absent: the extreme
    /// days of the whole past are tested, and those days with `margin_days` around each are kept from the
    /// learning.
    std::optional<UtcTime> train_until = {};
    std::size_t margin_days = 3;
};

/// A day that was projected knowing its weather, but not its load.
struct BacktestDay {
    UtcTime date{};  ///< midnight UTC
    bool is_hot = false;
    double mean_temperature_c = 0.0;
    double actual_peak_kw = 0.0;
    double projected_peak_kw = 0.0;
    double season_mean_peak_kw = 0.0;  ///< mean daily peak of the same season's days that were learnt from
    bool operator==(const BacktestDay&) const = default;
};

/// Mean absolute errors in percent of the actual peak.
struct BacktestReport {
    std::string name;
    std::string split;  ///< in words
    std::vector<BacktestDay> days;
    double hot_error_percent = 0.0;
    double cold_error_percent = 0.0;
    double error_percent = 0.0;
    double season_mean_error_percent = 0.0;
};

/// Projects the daily peaks of the hottest and the coldest days by `run`, with the weather that came. The
/// history must hold load, temperature and sunshine. Days with less than 44 known half-hours, of load or
/// temperature, and days whose highest load is not above 0 are passed over.
/// Errors: `invalid` when there are not twice `days` days to test or too little to learn from.
[[nodiscard]] Result<BacktestReport> backtest(const std::string& name, const History& history,
                                              const BacktestOptions& options);

[[nodiscard]] json::Object to_json(const BacktestReport& report);

}  // namespace headroom::scenario
