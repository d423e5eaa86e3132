#pragma once

#include "app/run_backtest.hpp"

namespace headroom::app {

/// `headroom backtest --lead week-ahead`: an outlook of each series every day at 06:00 UTC, held against what
/// came two to seven days later.
int run_outlook_backtest(const BacktestCommand& command);

}  // namespace headroom::app
