#pragma once

#include "core/settings.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace headroom::app {

/// `headroom scenario list | run | assets`: in a process of its own, no server is needed.
struct ScenarioCommand {
    SettingsSources sources;
    std::filesystem::path data_dir;     ///< of kept answers of weather services; empty: that of the settings
    std::string what;                   ///< of run: a file or the id of a listed scenario
    std::string against;                ///< of run: another to set beside it
    std::filesystem::path assets_file;  ///< instead of the settings'
    std::string start;                  ///< instead of the scenario's
    std::int64_t seed = 1;
    std::size_t lines = 20;      ///< of the tables
    bool asks_services = false;  ///< for weather; otherwise the climatology, so that a run repeats
    bool is_ukpn = false;        ///< of assets: fetch UK Power Networks' sites
    double near_km = 0.0;        ///< of assets: also secondary sites so near feeds.lat and feeds.lon; 0: none
    std::filesystem::path out;   ///< of assets: write them there
    bool is_json = false;
};

/// Scenarios that can be run by their id, and places. Exit: 0, 2 for wrong settings or assets.
int run_scenario_list(const ScenarioCommand& command);
/// Projects and prints. Exit: 0, 1 for a place without assets, 2 for what does not fit.
int run_scenario_run(const ScenarioCommand& command);
/// Reads and checks a file of assets, or fetches them; prints what they are. Exit: as above.
int run_scenario_assets(const ScenarioCommand& command);

}  // namespace headroom::app
