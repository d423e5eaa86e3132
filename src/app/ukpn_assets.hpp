#pragma once

#include "core/settings_feeds.hpp"
#include "scenario/asset_set.hpp"

#include <filesystem>

namespace headroom::app {

/// Grid and primary sites of UK Power Networks and, where `near_km` is not 0, the secondary sites and
/// low-voltage feeders so near the place of the settings, every page, through the feeds' client with its
/// cache in `folder`; what is not believed is told on stderr. Blocking. Errors: those of the client;
/// `unavailable` when no site has a place and a rating.
[[nodiscard]] Result<scenario::AssetSet> fetch_ukpn_assets(const FeedsSettings& settings,
                                                           const std::filesystem::path& folder,
                                                           double near_km = 0.0);

}  // namespace headroom::app
