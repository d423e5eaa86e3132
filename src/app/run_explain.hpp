#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace headroom::app {

struct ExplainForecastCommand {
    std::string series;
    std::filesystem::path model;
    std::filesystem::path readings;
    std::vector<std::filesystem::path> covariates;
    std::vector<std::string> known_ahead;
    std::vector<std::string> measured;
    double hours = 1.0;     ///< behind the newest reading
    std::size_t most = 12;  ///< columns that are shown one by one; the rest are summed up
    bool is_json = false;
};
/// `headroom explain forecast SERIES`: text or JSON on stdout; answers the exit code.
int run_explain_forecast(const ExplainForecastCommand& command);

}  // namespace headroom::app
