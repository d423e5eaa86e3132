#pragma once

#include "agents/journal.hpp"
#include "agents/scenario_weather.hpp"
#include "agents/series_store.hpp"
#include "app/scenario_wiring.hpp"
#include "desk/scenarios.hpp"
#include "grid/network.hpp"
#include "net/http_client.hpp"

#include <filesystem>
#include <memory>

namespace headroom::app {

/// The parts of scenarios in the control room; the order is that of their use.
struct ScenarioParts {
    std::unique_ptr<net::HttpClient> http;
    std::unique_ptr<agents::ScenarioWeather> weather;
    std::unique_ptr<desk::Scenarios> scenarios;
};

/// The assets of the settings: the user's own file, or the London set. Errors: `unavailable` when the file
/// cannot be read, `invalid` as `read_asset_set`; the message names the remedy.
[[nodiscard]] Result<scenario::AssetSet> scenario_assets(const ScenarioSettings& settings);

/// Blocking questions to the weather services of the settings, answers kept in `folder`. `http` and `wall`
/// outlive it.
[[nodiscard]] std::unique_ptr<agents::WeatherLookup> weather_lookup(const FeedsSettings& settings,
                                                                    net::HttpClient& http, WallClock& wall,
                                                                    const std::filesystem::path& folder);

/// What the scenarios of a control room look at. All of it outlives them.
struct ScenarioRoom {
    asio::any_io_executor executor;
    DomainClock& clock;
    WallClock& wall;
    agents::Journal& journal;
    agents::SeriesStore& series;
    const grid::Network& network;
};

/// Errors: those of `scenario_assets`.
[[nodiscard]] Result<ScenarioParts> open_scenarios(const ScenarioRoom& room,
                                                   const std::filesystem::path& data_dir,
                                                   const ScenarioWiring& wiring);

}  // namespace headroom::app
