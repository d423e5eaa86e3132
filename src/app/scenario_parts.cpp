#include "app/scenario_parts.hpp"

#include "app/feed_sources.hpp"
#include "scenario/asset_import.hpp"

#include <fstream>
#include <iterator>
#include <utility>

namespace headroom::app {
namespace {

/// A run waits four seconds: two tries, and nobody is asked for long.
constexpr feeds::FeedRules control_room_rules{
    .tries = 2, .first_delay = milliseconds{200}, .wait_max = seconds{1}, .deadline = seconds{3}};

}  // namespace

Result<scenario::AssetSet> scenario_assets(const ScenarioSettings& settings) {
    if (settings.assets_file.empty()) {
        return scenario::built_in_assets();
    }
    std::ifstream in(settings.assets_file, std::ios::binary | std::ios::ate);
    if (!in || in.tellg() > static_cast<std::streamoff>(scenario::asset_set_bytes_max)) {
        return Error{Errc::unavailable, "the assets of scenario.assets_file cannot be read from " +
                                            settings.assets_file + " (JSON of at most 64 MiB)"};
    }
    in.seekg(0);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    Result<scenario::AssetSet> set =
        scenario::read_asset_set(text, std::filesystem::path(settings.assets_file).filename().string());
    if (!set) {
        return Error{set.error().code,
                     set.error().message + ". Remedy: mend what is named (docs/formats/scenario.md)",
                     set.error().pointer};
    }
    return set;
}

std::unique_ptr<agents::WeatherLookup> weather_lookup(const FeedsSettings& settings, net::HttpClient& http,
                                                      WallClock& wall, const std::filesystem::path& folder) {
    agents::WeatherServices services{.open_meteo = feed_source(settings, "open_meteo")};
    if (!settings.openweathermap_api_key.empty()) {
        services.openweathermap = feed_source(settings, "openweathermap");
    }
    return std::make_unique<agents::WeatherLookup>(std::move(services), feed_client_parts(http, wall),
                                                   feeds::FeedCache(folder), control_room_rules);
}

Result<ScenarioParts> open_scenarios(const asio::any_io_executor& executor, WallClock& wall,
                                     agents::Journal& journal, const grid::Network& network,
                                     const std::filesystem::path& data_dir, const ScenarioWiring& wiring) {
    Result<scenario::AssetSet> assets = scenario_assets(wiring.scenario);
    if (!assets) {
        return assets.error();
    }
    ScenarioParts parts;
    parts.http = feeds_http(wiring.feeds);
    parts.weather = std::make_unique<agents::ScenarioWeather>(
        executor, wall, [&http = *parts.http, &wall, folder = data_dir / "feeds", feeds = wiring.feeds] {
            return weather_lookup(feeds, http, wall, folder);
        });
    parts.scenarios = std::make_unique<desk::Scenarios>(
        desk::Scenarios::Parts{
            .executor = executor,
            .wall = wall,
            .journal = journal,
            .weather = *parts.weather,
            .assets = std::move(*assets),
            .network_assets = [&network] { return scenario::assets_of_network(network, {}); }},
        desk::ScenarioOptions{.dir = wiring.scenario.dir});
    return parts;
}

}  // namespace headroom::app
