#pragma once

#include "agents/public_feeds.hpp"
#include "app/control_room.hpp"
#include "core/settings_feeds.hpp"

#include <filesystem>
#include <memory>
#include <vector>

namespace headroom::app {

/// The questions of `feeds.live` to the services of the settings: weather of feeds.lat and feeds.lon,
/// national demand (outturn, and a day ahead), retail and market price, carbon intensity of
/// feeds.carbon_region, of the nation where the region is not told. Blocking, on one thread; answers are kept
/// in `folder`. `wall` outlives them.
[[nodiscard]] std::vector<agents::FeedAsk> live_asks(const FeedsSettings& settings,
                                                     const std::filesystem::path& folder, WallClock& wall);

/// What public services say of the half-hours, for forecasts, plans and offers. Nothing unless the settings
/// ask for it.
[[nodiscard]] std::unique_ptr<agents::PublicFeeds> open_public_feeds(const FeedsSettings& settings,
                                                                     ControlRoom& room);

}  // namespace headroom::app
