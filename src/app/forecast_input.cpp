#include "app/forecast_input.hpp"

#include <utility>

namespace headroom::app {

Result<ForecastInput> read_forecast_input(const std::filesystem::path& history,
                                          const std::vector<std::filesystem::path>& covariates,
                                          const forecast::CovariateChoice& choice) {
    Result<forecast::SeriesFile> file = forecast::read_series_file(history);
    if (!file) {
        return file.error();
    }
    const std::vector<forecast::SeriesFile> files{std::move(*file)};
    Result<forecast::Panel> panel = forecast::make_panel(files);
    if (!panel) {
        return Error{panel.error().code, history.string() + ": " + panel.error().message};
    }
    Result<std::vector<forecast::Covariate>> read = forecast::read_covariates(covariates, *panel, choice);
    if (!read) {
        return read.error();
    }
    return ForecastInput{std::move(*panel), std::move(*read)};
}

}  // namespace headroom::app
