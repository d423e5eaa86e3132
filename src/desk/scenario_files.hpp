#pragma once

#include "scenario/scenario_file.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace headroom::desk {

/// Scenarios that can be run by their id: built-in ones, and a folder's, which win.
struct ScenarioShelf {
    std::map<std::string, scenario::ListedScenario> scenarios;
    std::vector<std::string> faults;  ///< files that could not be read, and why
};

/// Reads the folder's `.toml` and `.json` files, at most 500; an empty path: no folder. Blocking.
[[nodiscard]] ScenarioShelf read_scenario_shelf(const std::filesystem::path& dir);

/// One file. Blocking. Errors: `invalid`, also when it cannot be read.
[[nodiscard]] Result<scenario::Scenario> read_scenario_file(const std::filesystem::path& path);

}  // namespace headroom::desk
