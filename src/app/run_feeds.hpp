#pragma once

#include "core/settings.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace headroom::app {

/// `headroom feeds status | fetch`.
struct FeedsCommand {
    SettingsSources sources;
    std::filesystem::path data_dir;  ///< empty: that of the settings; the cache is its folder `feeds`
    std::string what;                ///< of fetch: weather, carbon, carbon_region, system_prices …
    std::string resource;            ///< of neso
    std::int64_t hours = 48;         ///< ahead, or back for what has been
    bool is_refresh = false;
    bool is_json = false;
};

/// What each source answered last, and what is wrong with it. Exit: 0, 2 for wrong settings.
int run_feeds_status(const FeedsCommand& command);
/// Fetches and prints. Exit: 0 from the source or a young answer, 1 from an old one or, for weather, from the
/// climatology, 2 nothing.
int run_feeds_fetch(const FeedsCommand& command);

}  // namespace headroom::app
