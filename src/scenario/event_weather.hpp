#pragma once

#include "scenario/run_result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace headroom::scenario {

/// What an event is made of when no lever says otherwise. Absent = the base weather's own.
struct EventFigures {
    std::optional<double> temperature_max_c = {};
    std::optional<double> temperature_min_c = {};
    double nights_build_up_k = 0.0;  ///< how much warmer (colder, when negative) the nights get, in the end
    std::optional<double> total_rainfall_mm = {};
    std::optional<double> rainfall_max_mm_per_h = {};
    std::optional<double> wind_max_m_per_s = {};
    double cloud_factor = 1.0;  ///< on the sun's radiation
    double clear_share = 0.0;   ///< of a cloudless sky's radiation that arrives at least
    double ev_factor = 1.0;     ///< on the charging of vehicles
    unsigned first_month = 1;   ///< of its season
    unsigned last_month = 12;   ///< the season may pass new year
};
[[nodiscard]] const EventFigures& event_figures(Event event);

/// Whether the event, starting then, falls outside its season.
[[nodiscard]] bool is_out_of_season(Event event, UtcTime start);
/// "heatwaves come from May to September".
[[nodiscard]] std::string season_words(Event event);

/// The weather of a scenario in half-hours from its start, whole days: at least as long as the scenario.
struct ScenarioWeather {
    EventWeather event;              ///< with the event imposed
    std::vector<double> felt_c;      ///< what buildings feel: the air of now and of the day before
    std::vector<double> day_mean_c;  ///< of the 24 hours before, as thick oil and soil feel it
    bool has_climatology = false;    ///< some half-hours were filled from the climatology
    double rain_day_max_mm = 0.0;    ///< wettest 24 hours
    double rain_hour_max_mm = 0.0;   ///< wettest hour
    double wind_max_m_per_s = 0.0;
};

/// Lays the event over the base weather at a place. The daily shape of the temperature is kept and stretched
/// to the event's highest and lowest; the nights build up over the days; a longer window only adds half-hours
/// to a shorter one's, as long as the base weather does. Deterministic in (scenario, base, lat, lon, seed).
/// Precondition: scenario and base are within their bounds.
[[nodiscard]] ScenarioWeather impose_event(const Scenario& scenario, const BaseWeather& base, double lat,
                                           double lon, std::uint64_t seed);

/// Temperatures that buildings feel: 60 % the air's, 40 % its mean with a day's memory. Starts in balance
/// with the mean of the first day.
[[nodiscard]] std::vector<double> felt_temperature(const std::vector<double>& air_c);

}  // namespace headroom::scenario
