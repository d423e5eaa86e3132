#include "app/feed_sources.hpp"
#include "app/scenario_parts.hpp"

#include <utility>

namespace headroom::app {
namespace {

/// A run waits four seconds: two tries, and nobody is asked for long.
constexpr feeds::FeedRules control_room_rules{
    .tries = 2, .first_delay = milliseconds{200}, .wait_max = seconds{1}, .deadline = seconds{3}};

}  // namespace

std::unique_ptr<agents::WeatherLookup> weather_lookup(const FeedsSettings& settings, net::HttpClient& http,
                                                      WallClock& wall, const std::filesystem::path& folder) {
    agents::WeatherServices services{.open_meteo = feed_source(settings, "open_meteo")};
    if (!settings.openweathermap_api_key.empty()) {
        services.openweathermap = feed_source(settings, "openweathermap");
    }
    return std::make_unique<agents::WeatherLookup>(std::move(services), feed_client_parts(http, wall),
                                                   feeds::FeedCache(folder), control_room_rules);
}

}  // namespace headroom::app
