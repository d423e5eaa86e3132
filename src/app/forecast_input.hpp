#pragma once

#include "forecast/series_panel.hpp"

#include <filesystem>
#include <vector>

namespace headroom::app {

/// Readings on one grid and the tables beside them.
struct ForecastInput {
    forecast::Panel panel;
    std::vector<forecast::Covariate> covariates;
};
/// Errors: those of the files, the file's name in front.
[[nodiscard]] Result<ForecastInput> read_forecast_input(const std::filesystem::path& history,
                                                        const std::vector<std::filesystem::path>& covariates,
                                                        const forecast::CovariateChoice& choice);

}  // namespace headroom::app
