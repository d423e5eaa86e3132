#pragma once

#include <CLI/CLI.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>

namespace headroom::app {

struct ScenarioBacktestCommand {
    std::filesystem::path data;
    std::size_t days = 10;
    bool is_json = false;
};
/// `headroom scenario backtest`: 0 when every case's mean error is at most 10 % and below that of the
/// season's mean peak, 1 when not, and the codes of `exit_code_of` for what cannot be read.
int run_scenario_backtest(const ScenarioBacktestCommand& command);

/// `backtest`, below `headroom scenario`.
void add_scenario_backtest(CLI::App& scenario, std::function<int()>& action);

}  // namespace headroom::app
