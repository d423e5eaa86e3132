#pragma once

#include "core/settings_feeds.hpp"
#include "core/time.hpp"
#include "feeds/feed_client.hpp"
#include "net/http_client.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::app {

/// The day of an instant, in UTC.
[[nodiscard]] Date utc_date_of(UtcTime time);

/// Every service, as the settings have it. Rates are those that the services publish, or ask for.
[[nodiscard]] std::vector<feeds::FeedSource> feed_sources(const FeedsSettings& settings);
/// The one with that id; its absence is our own bug.
[[nodiscard]] feeds::FeedSource feed_source(const FeedsSettings& settings, std::string_view id);

/// A client that may reach the services of the settings, also where they stand in one's own network: their
/// owner wrote them there.
[[nodiscard]] std::unique_ptr<net::HttpClient> feeds_http(const FeedsSettings& settings);
/// What a `feeds::FeedClient` needs, with a thread that really waits and jitter by chance; for a thread of
/// its own. Both are borrowed.
[[nodiscard]] feeds::FeedClient::Parts feed_client_parts(net::HttpClient& http, WallClock& wall);

}  // namespace headroom::app
