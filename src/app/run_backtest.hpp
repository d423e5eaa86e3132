#pragma once

#include <cstdint>
#include <filesystem>
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

}  // namespace headroom::app
