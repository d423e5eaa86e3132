#include "app/scenario_parts.hpp"

#include "agents/asset_histories.hpp"
#include "app/feed_sources.hpp"
#include "scenario/asset_import.hpp"

#include <fstream>
#include <iterator>
#include <utility>

namespace headroom::app {

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

Result<ScenarioParts> open_scenarios(const ScenarioRoom& room, const std::filesystem::path& data_dir,
                                     const ScenarioWiring& wiring) {
    Result<scenario::AssetSet> assets = scenario_assets(wiring.scenario);
    if (!assets) {
        return assets.error();
    }
    ScenarioParts parts;
    parts.http = feeds_http(wiring.feeds);
    parts.weather = std::make_unique<agents::ScenarioWeather>(
        room.executor, room.wall,
        [&http = *parts.http, &wall = room.wall, folder = data_dir / "feeds", feeds = wiring.feeds] {
            return weather_lookup(feeds, http, wall, folder);
        });
    parts.scenarios = std::make_unique<desk::Scenarios>(
        desk::Scenarios::Parts{
            .executor = room.executor,
            .wall = room.wall,
            .journal = room.journal,
            .weather = *parts.weather,
            .assets = std::move(*assets),
            .network_assets = [&network = room.network] { return scenario::assets_of_network(network, {}); },
            .histories =
                [&series = room.series, &clock = room.clock](std::vector<std::string> ids) {
                    return agents::recorded_histories(series, std::move(ids), clock.now());
                }},
        desk::ScenarioOptions{.dir = wiring.scenario.dir});
    return parts;
}

}  // namespace headroom::app
