#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace headroom::app {

struct RehearseCommand {
    std::vector<std::filesystem::path> readings;
    std::filesystem::path grid;
    std::filesystem::path ders;
    std::vector<std::filesystem::path> covariates;
    std::filesystem::path out;
    std::string lead = "60min";
    std::string region = "gb";
    double cost_ratio = 9.0;
    double warm_up_days = 28.0;
    double rating_percentile = 99.0;
    double price_gbp_per_mwh = 350.0;
    unsigned seed = 7;
    bool is_json = false;
};
/// `headroom rehearse`: writes the report, prints its outcome to stdout, progress and faults to stderr;
/// answers the exit code.
int run_rehearse(const RehearseCommand& command);

}  // namespace headroom::app
