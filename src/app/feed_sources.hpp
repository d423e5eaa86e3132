#pragma once

#include "core/settings_feeds.hpp"
#include "feeds/feed_client.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace headroom::app {

/// Every service, as the settings have it. Rates are those that the services publish, or ask for.
[[nodiscard]] std::vector<feeds::FeedSource> feed_sources(const FeedsSettings& settings);
/// The one with that id; its absence is our own bug.
[[nodiscard]] feeds::FeedSource feed_source(const FeedsSettings& settings, std::string_view id);

}  // namespace headroom::app
