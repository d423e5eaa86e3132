#pragma once

#include "core/time.hpp"
#include "feeds/weather.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::scenario {

/// What happens. Its stated peak is imposed on the base weather and load of the season and place.
enum class Event : std::uint8_t { normal, heatwave, cold_snap, flood, storm, ev_surge, loss_of_element };
[[nodiscard]] std::string_view to_string(Event event);
[[nodiscard]] std::optional<Event> parse_event(std::string_view text);

/// What is turned to ask "what if". An absent value takes the event's own (`event_figures`).
struct Levers {
    std::optional<double> temperature_max_c;      ///< of every day of the event
    std::optional<double> temperature_min_c;      ///< of its first night
    double temperature_offset_k = 0.0;            ///< added to every temperature, last
    std::optional<double> total_rainfall_mm;      ///< within the first 24 hours
    std::optional<double> rainfall_max_mm_per_h;  ///< in the wettest hour
    std::optional<double> wind_max_m_per_s;       ///< strongest mean wind of an hour
    double ev_uptake = 1.0;                       ///< times today's charging
    double der_outage_share = 0.0;                ///< of generation and batteries, 0 to 1
    double price_factor = 1.0;                    ///< times the usual price
    double load_factor = 1.0;                     ///< times today's demand
    double quantile = 0.5;                        ///< of the band of uncertainty that is projected
    bool operator==(const Levers&) const = default;
};

/// A question about the days to come.
struct Scenario {
    std::string id;
    std::string title;
    std::string place;
    Event event = Event::normal;
    UtcTime start{};          ///< on the period grid
    std::int64_t hours = 24;  ///< 1 … 240
    Levers levers;
    std::vector<std::string> lost_elements;  ///< ids of assets that are out from start to end
    std::string description;
    bool operator==(const Scenario&) const = default;
};

inline constexpr std::int64_t scenario_hours_max = 240;
inline constexpr std::int64_t scenario_periods_max = scenario_hours_max * 2;
inline constexpr std::size_t lost_elements_max = 64;

/// The weather a scenario starts from, as a service or the climatology gave it. Hours that are missing are
/// filled from the climatology, and `RunResult::data_sources` says so.
struct BaseWeather {
    std::string source;  ///< "open_meteo", "climatology" …; empty = nothing was given
    std::string licence;
    std::optional<UtcTime> as_of;           ///< when it was fetched
    std::vector<feeds::WeatherStep> steps;  ///< ascending in time, an hour or half an hour apart
    bool operator==(const BaseWeather&) const = default;
};

}  // namespace headroom::scenario
