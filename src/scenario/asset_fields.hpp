#pragma once

#include "core/reflect_json.hpp"
#include "scenario/asset.hpp"

namespace headroom {

template <>
struct EnumValues<scenario::AssetType> {
    using enum scenario::AssetType;
    static constexpr std::array all{substation,  feeder,       ev_hub,   solar_farm, battery,
                                    data_centre, heat_network, building, hospital,   other};
};
template <>
struct EnumValues<scenario::Criticality> {
    using enum scenario::Criticality;
    static constexpr std::array all{low, medium, high};
};
template <>
struct EnumValues<scenario::ThermalKind> {
    using enum scenario::ThermalKind;
    static constexpr std::array all{none, onan, onaf, ofaf, cable, overhead_line};
};

template <>
struct Fields<scenario::LoadMix> {
    using T = scenario::LoadMix;
    static constexpr FieldOptions share{.minimum = 0.0, .maximum = 1e6, .required = false};
    static constexpr std::string_view name = "LoadMix";
    static constexpr auto table = field_table(
        field("domestic", &T::domestic, "Homes, without electric heating.", share),
        field("electric_heating", &T::electric_heating, "Heat pumps and electric heaters.", share),
        field("commercial", &T::commercial, "Offices and shops, cooled.", share),
        field("industrial", &T::industrial, "Works.", share),
        field("ev_charging", &T::ev_charging, "Charging of vehicles.", share),
        field("data_centre", &T::data_centre, "Data centres.", share));
};

template <>
struct Fields<scenario::SeasonalRatings> {
    using T = scenario::SeasonalRatings;
    static constexpr FieldOptions kw{
        .unit = "kW", .minimum = 0.0, .maximum = scenario::asset_kw_max, .required = false};
    static constexpr std::string_view name = "SeasonalRatings";
    static constexpr auto table =
        field_table(field("summer_kw", &T::summer_kw, "May to August; 0 = not stated.", kw),
                    field("winter_kw", &T::winter_kw, "December to February; 0 = not stated.", kw),
                    field("spring_autumn_kw", &T::spring_autumn_kw,
                          "The other months; 0 = between summer's and winter's.", kw),
                    field("cyclic_kw", &T::cyclic_kw, "With the usual daily cycle of load.", kw));
};

template <>
struct Fields<scenario::OpenPoint> {
    using T = scenario::OpenPoint;
    static constexpr std::string_view name = "OpenPoint";
    static constexpr auto table =
        field_table(field("to", &T::to, "The asset that takes the load.", {.minimum = 1, .maximum = 64}),
                    field("move_kw", &T::move_kw, "As much as the tie carries.",
                          {.unit = "kW", .minimum = 0.0, .maximum = scenario::asset_kw_max}));
};

template <>
struct Fields<scenario::History> {
    using T = scenario::History;
    static constexpr FieldOptions rows{.maximum = scenario::history_half_hours_max, .required = false};
    static constexpr std::string_view name = "AssetHistory";
    static constexpr auto table = field_table(
        field("start", &T::start, "First half-hour.", {}),
        field("load_kw", &T::load_kw, "Half-hourly means, null = not known.",
              {.unit = "kW", .maximum = scenario::history_half_hours_max}),
        field("temperature_c", &T::temperature_c, "Air, as long as load_kw or empty.", rows),
        field("radiation_w_per_m2", &T::radiation_w_per_m2, "Sun, as long as load_kw or empty.", rows),
        field("wind_m_per_s", &T::wind_m_per_s, "Mean wind, as long as load_kw or empty.", rows),
        field("source", &T::source, "Where they come from.", {.maximum = 300, .required = false}));
};

template <>
struct Fields<scenario::Asset> {
    using T = scenario::Asset;
    static constexpr FieldOptions kw{
        .unit = "kW", .minimum = 0.0, .maximum = scenario::asset_kw_max, .required = false};
    static constexpr std::string_view name = "ScenarioAsset";
    static constexpr auto table = field_table(
        field("id", &T::id, "Its id.", {.minimum = 1, .maximum = 64, .example = "\"bankside-11kv\""}),
        field("name", &T::name, "What people call it.", {.maximum = 200, .required = false}),
        field("type", &T::type, "What it is.", {.example = "\"substation\""}),
        field("lat", &T::lat, "Latitude.", {.unit = "°", .minimum = -90, .maximum = 90}),
        field("lon", &T::lon, "Longitude.", {.unit = "°", .minimum = -180, .maximum = 180}),
        field("capacity_kw", &T::capacity_kw, "Nameplate, above 0.",
              {.unit = "kW", .minimum = 0.0, .maximum = scenario::asset_kw_max, .example = "24000"}),
        field("criticality", &T::criticality, "How much hangs on it.", {.required = false}),
        field("places", &T::places, "The places it belongs to.", {.maximum = 32, .required = false}),
        field("flood_zone", &T::flood_zone, "England's flood zone; 0 = unknown.",
              {.minimum = 0, .maximum = 3, .required = false}),
        field("feeds", &T::feeds, "Ids of the assets fed from it.",
              {.maximum = scenario::asset_links_max, .required = false}),
        field("open_points", &T::open_points, "Where its load can move.", {.maximum = 64, .required = false}),
        field("num_charging_stations", &T::num_charging_stations, "Charging stations for vehicles.",
              {.minimum = 0, .maximum = 100'000, .required = false}),
        field("charger_kw", &T::charger_kw, "Power of one of them; 0 = the usual size.", kw),
        field("surface_area_m2", &T::surface_area_m2, "Cooled floor area behind it.",
              {.unit = "m²", .minimum = 0.0, .maximum = scenario::asset_area_m2_max, .required = false}),
        field("energy_kwh", &T::energy_kwh, "What a battery holds.",
              {.unit = "kWh", .minimum = 0.0, .maximum = 1e8, .required = false}),
        field("peak_kw", &T::peak_kw, "Load in a usual year's highest half-hour; 0 = assumed by type.", kw),
        field("solar_kw", &T::solar_kw, "Generation behind it.", kw),
        field("mix", &T::mix, "Of what its load is made.", {.required = false}),
        field("ratings", &T::ratings, "What it may carry by season.", {.required = false}),
        field("thermal", &T::thermal, "How it warms up.", {.required = false}),
        field("history", &T::history, "Its own half-hours.", {}),
        field("source", &T::source, "Where the data come from.", {.maximum = 300, .required = false}),
        field("source_ref", &T::source_ref, "Its foreign name.", {.maximum = 300, .required = false}),
        field("illustrative", &T::illustrative, "Made up to be plausible.", {.required = false}));
};

}  // namespace headroom
