#pragma once

#include "app/run_backtest.hpp"
#include "app/run_train.hpp"
#include "core/json.hpp"
#include "forecast/series_panel.hpp"

#include <vector>

namespace headroom::app {

/// Learns ramps from the readings and writes their model. Answers what was learnt, one object a lead.
[[nodiscard]] Result<json::Array> train_ramp_into(const std::filesystem::path& file,
                                                  const forecast::Panel& panel,
                                                  const std::vector<forecast::Covariate>& covariates,
                                                  std::uint32_t seed);

/// `headroom backtest --lead ramp`: learns from the history alone and holds the ramps against the truth.
int run_ramp_backtest(const BacktestCommand& command);

}  // namespace headroom::app
