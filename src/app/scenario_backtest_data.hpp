#pragma once

#include "core/result.hpp"
#include "scenario/backtest.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace headroom::app {

/// A past to test the scenario engine's projection on.
struct BacktestCase {
    std::string name;
    scenario::History history;
    UtcTime train_until{};  ///< of the data set's own split
};

/// The cases below `dir`: its folder `stentaway` (demand_pv.csv.gz in MW, weather.csv.gz by the hour, the
/// mean of its six points) and every pid_*.csv.gz of its folder `nl_feeders` (quarter-hours in MW with
/// temperature and sunshine in J/m² an hour). What lies in neither is passed over. Errors: `not_found` when
/// there is no case; those of the files, with file and line.
[[nodiscard]] Result<std::vector<BacktestCase>> read_backtest_cases(const std::filesystem::path& dir);

}  // namespace headroom::app
