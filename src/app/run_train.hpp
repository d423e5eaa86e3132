#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace headroom::app {

struct TrainCommand {
    std::filesystem::path history;
    std::vector<std::filesystem::path> covariates;
    std::vector<std::string> known_ahead;
    std::vector<std::string> measured;
    std::string region = "gb";
    std::filesystem::path out;
    std::uint32_t seed = 7;
    bool is_json = false;
    std::filesystem::path ramp;  ///< a model of ramps as well; empty: none
};
/// `headroom train`: answers the exit code.
int run_train(const TrainCommand& command);

struct ForecastCommand {
    std::filesystem::path model;
    std::filesystem::path history;
    std::vector<std::filesystem::path> covariates;
    std::vector<std::string> known_ahead;
    std::vector<std::string> measured;
    std::string series;               ///< empty: all
    std::filesystem::path hierarchy;  ///< empty: nothing is made coherent
    double hours = 48.0;
    bool is_json = false;
    bool is_plot = false;
};
/// `headroom forecast`: CSV, JSON or a fan on stdout; answers the exit code.
int run_forecast(const ForecastCommand& command);

}  // namespace headroom::app
