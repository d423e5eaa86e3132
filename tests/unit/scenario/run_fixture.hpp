#pragma once

#include "core/time.hpp"
#include "scenario/run_input.hpp"

#include <chrono>
#include <string>

namespace headroom::scenario {

/// Midnight UTC.
inline UtcTime day(int year, unsigned month, unsigned day_of_month) {
    return UtcTime{std::chrono::sys_days{std::chrono::year{year} / std::chrono::month{month} /
                                         std::chrono::day{day_of_month}}};
}

inline Asset asset(std::string id, AssetType type, double capacity_kw) {
    Asset made;
    made.id = std::move(id);
    made.name = made.id;
    made.type = type;
    made.lat = 51.5;
    made.lon = -0.1;
    made.capacity_kw = capacity_kw;
    made.places = {"London"};
    made.source = "test";
    return made;
}

inline Scenario scenario(Event event, UtcTime start, std::int64_t hours) {
    Scenario made;
    made.id = "test";
    made.place = "London";
    made.event = event;
    made.start = start;
    made.hours = hours;
    return made;
}

/// A primary substation with two feeders and a hub on them; a neighbour with an open point.
inline std::vector<Asset> small_town() {
    std::vector<Asset> assets{
        asset("primary", AssetType::substation, 20'000.0),   asset("north", AssetType::feeder, 6'000.0),
        asset("south", AssetType::feeder, 6'000.0),          asset("hub", AssetType::ev_hub, 1'000.0),
        asset("neighbour", AssetType::substation, 16'000.0), asset("east", AssetType::feeder, 6'000.0),
        asset("office", AssetType::building, 2'000.0)};
    assets[0].thermal = ThermalKind::onaf;
    assets[0].feeds = {"north", "south"};
    assets[0].peak_kw = 17'000.0;
    assets[1].thermal = ThermalKind::cable;
    assets[1].feeds = {"hub"};
    assets[1].peak_kw = 4'500.0;
    assets[1].open_points = {{"east", 3'000.0}, {"south", 3'000.0}};
    assets[2].thermal = ThermalKind::overhead_line;
    assets[2].peak_kw = 3'800.0;
    assets[3].num_charging_stations = 30;
    assets[4].thermal = ThermalKind::onan;
    assets[4].feeds = {"east"};
    assets[4].peak_kw = 11'000.0;
    assets[5].thermal = ThermalKind::cable;
    assets[5].peak_kw = 3'500.0;
    assets[6].surface_area_m2 = 12'000.0;
    return assets;
}

inline RunResult run_or_die(const Scenario& what, const std::vector<Asset>& assets,
                            const BaseWeather& weather = {}, std::uint64_t seed = 7) {
    Result<RunResult> result = run(what, assets, weather, seed);
    HEADROOM_ASSERT(result.has_value());
    return std::move(*result);
}

}  // namespace headroom::scenario
