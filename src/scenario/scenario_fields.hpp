#pragma once

#include "core/reflect_json.hpp"
#include "scenario/asset_fields.hpp"
#include "scenario/scenario.hpp"

namespace headroom {

template <>
struct EnumValues<scenario::Event> {
    using enum scenario::Event;
    static constexpr std::array all{normal, heatwave, cold_snap, flood, storm, ev_surge, loss_of_element};
};

template <>
struct Fields<scenario::Levers> {
    using T = scenario::Levers;
    static constexpr std::string_view name = "ScenarioLevers";
    static constexpr auto table = field_table(
        field("temperature_max_c", &T::temperature_max_c, "Highest temperature of every day of the event.",
              {.unit = "°C", .minimum = -60.0, .maximum = 60.0, .required = false, .example = "38.5"}),
        field("temperature_min_c", &T::temperature_min_c, "Lowest temperature of its first night.",
              {.unit = "°C", .minimum = -60.0, .maximum = 60.0, .required = false, .example = "21"}),
        field("temperature_offset_k", &T::temperature_offset_k, "Added to every temperature.",
              {.unit = "K", .minimum = -20.0, .maximum = 20.0, .required = false, .example = "1.5"}),
        field("total_rainfall_mm", &T::total_rainfall_mm, "Rain within the first 24 hours.",
              {.unit = "mm", .minimum = 0.0, .maximum = 2000.0, .required = false, .example = "95"}),
        field("rainfall_max_mm_per_h", &T::rainfall_max_mm_per_h, "Rain in the wettest hour.",
              {.unit = "mm/h", .minimum = 0.0, .maximum = 400.0, .required = false, .example = "32"}),
        field("wind_max_m_per_s", &T::wind_max_m_per_s, "Strongest mean wind of an hour.",
              {.unit = "m/s", .minimum = 0.0, .maximum = 80.0, .required = false, .example = "24"}),
        field("ev_uptake", &T::ev_uptake, "Charging of electric vehicles, times today's.",
              {.minimum = 0.0, .maximum = 20.0, .required = false, .example = "1.8"}),
        field("der_outage_share", &T::der_outage_share, "Share of generation and batteries that is out.",
              {.minimum = 0.0, .maximum = 1.0, .required = false, .example = "0.25"}),
        field("price_factor", &T::price_factor, "Price of electricity, times the usual.",
              {.minimum = 0.05, .maximum = 20.0, .required = false, .example = "1.5"}),
        field("load_factor", &T::load_factor, "Demand, times today's.",
              {.minimum = 0.0, .maximum = 10.0, .required = false, .example = "1.1"}),
        field("quantile", &T::quantile, "Which quantile of the band of uncertainty is projected.",
              {.minimum = 0.01, .maximum = 0.99, .required = false, .example = "0.9"}));
};

template <>
struct Fields<scenario::Scenario> {
    using T = scenario::Scenario;
    static constexpr std::string_view name = "Scenario";
    static constexpr auto table = field_table(
        field("id", &T::id, "Its id.",
              {.maximum = 64, .required = false, .example = "\"london_heatwave_3d\""}),
        field("title", &T::title, "What people call it.", {.maximum = 200, .required = false}),
        field("place", &T::place, "The place whose assets it is run over.",
              {.minimum = 1, .maximum = 120, .example = "\"London\""}),
        field("event", &T::event, "What happens.", {.example = "\"heatwave\""}),
        field("start", &T::start, "First half-hour, UTC.", {.example = "\"2026-07-14T00:00:00.000Z\""}),
        field("hours", &T::hours, "Length of the window.",
              {.unit = "h", .minimum = 1, .maximum = 240, .example = "72"}),
        field("levers", &T::levers, "What is turned.", {.required = false}),
        field("lost_elements", &T::lost_elements, "Ids of assets that are out.",
              {.maximum = 64, .required = false}),
        field("description", &T::description, "What it asks, in a sentence or two.",
              {.maximum = 2000, .required = false}));
};

template <>
struct Fields<feeds::WeatherStep> {
    using T = feeds::WeatherStep;
    static constexpr std::string_view name = "WeatherStep";
    static constexpr auto table = field_table(
        field("at", &T::at, "Instant.", {.example = "\"2026-07-14T12:00:00.000Z\""}),
        field("temperature_c", &T::temperature_c, "Air.", {.unit = "°C", .minimum = -90, .maximum = 70}),
        field("apparent_temperature_c", &T::apparent_temperature_c, "As it feels.",
              {.unit = "°C", .minimum = -120, .maximum = 90}),
        field("wind_m_per_s", &T::wind_m_per_s, "Mean wind.",
              {.unit = "m/s", .minimum = 0, .maximum = feeds::wind_max_m_per_s}),
        field("cloud_share", &T::cloud_share, "Share of the sky.", {.minimum = 0, .maximum = 1}),
        field("radiation_w_per_m2", &T::radiation_w_per_m2,
              "Sun on the level ground, mean of the hour before.",
              {.unit = "W/m²", .minimum = 0, .maximum = feeds::radiation_max_w_per_m2}),
        field("precipitation_mm", &T::precipitation_mm, "Over the step before.",
              {.unit = "mm", .minimum = 0, .maximum = feeds::precipitation_max_mm}),
        field("snowfall_mm", &T::snowfall_mm, "Water of it, over the step before.",
              {.unit = "mm", .minimum = 0, .maximum = feeds::precipitation_max_mm}));
};

template <>
struct Fields<scenario::BaseWeather> {
    using T = scenario::BaseWeather;
    static constexpr std::string_view name = "ScenarioWeather";
    static constexpr auto table = field_table(
        field("source", &T::source, "The service it came from.",
              {.maximum = 64, .required = false, .example = "\"open_meteo\""}),
        field("licence", &T::licence, "Its licence.", {.maximum = 200, .required = false}),
        field("as_of", &T::as_of, "When it was fetched.", {}),
        field("steps", &T::steps, "Hours or half-hours, ascending.", {.maximum = 2000, .required = false}));
};

}  // namespace headroom
