#pragma once

#include "core/result.hpp"
#include "forecast/backtest.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace headroom::app {

struct BacktestCommand {
    std::filesystem::path history;
    std::filesystem::path truth;
    std::vector<std::filesystem::path> covariates;
    std::vector<std::string> known_ahead;  ///< covariate columns
    std::vector<std::string> measured;
    std::string lead = "day-ahead";
    std::string region = "gb";
    std::filesystem::path out;
    std::filesystem::path alarms;  ///< empty: none are raised
    double cost_ratio = 4.0;
    std::string alarm_aim = "f";      ///< or cost
    std::filesystem::path hierarchy;  ///< empty: nothing is made coherent
    std::uint32_t seed = 7;
    double relearn_days = 7.0;
    bool is_json = false;
};
/// `headroom backtest`: prints what was done to stdout, progress and faults to stderr; answers the exit code.
int run_backtest(const BacktestCommand& command);

/// The file of `--out` (docs/formats/backtest.md). Errors: `unavailable`.
[[nodiscard]] Result<void> write_forecast(const std::filesystem::path& file,
                                          std::span<const std::string> series,
                                          std::span<const forecast::BacktestRow> rows);

}  // namespace headroom::app
