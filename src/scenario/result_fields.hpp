#pragma once

#include "core/reflect_json.hpp"
#include "scenario/run_result.hpp"

namespace headroom {

template <>
struct EnumValues<scenario::RiskLevel> {
    using enum scenario::RiskLevel;
    static constexpr std::array all{low, medium, high, critical};
};
template <>
struct EnumValues<scenario::Remedy> {
    using enum scenario::Remedy;
    static constexpr std::array all{do_nothing, reconfigure, dispatch, both};
};

template <>
struct Fields<scenario::Risk> {
    using T = scenario::Risk;
    static constexpr std::string_view name = "ScenarioRisk";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("asset_id", &T::asset_id, "The asset."),
        field("risk_level", &T::risk_level,
              "By peak loading: CRITICAL > 120 %, HIGH > 105 %, MEDIUM >= 95 %, else LOW; in flood and storm "
              "also by the probability of an outage."),
        field("reason", &T::reason, "Why, in a sentence."),
        field("expected_impact", &T::expected_impact, "What comes of it."),
        field("projected_peak_kw", &T::projected_peak_kw, "Load at the highest loading.", {.unit = "kW"}),
        field("loading_percent", &T::loading_percent, "Highest share of the rating.", {.unit = "%"}),
        field("peak_time", &T::peak_time, "Start of that half-hour."),
        field("headroom_kw", &T::headroom_kw, "Rating minus load then.", {.unit = "kW"}),
        field("over_hours", &T::over_hours, "Time over the rating.", {.unit = "h"}),
        field("energy_over_kwh", &T::energy_over_kwh, "Energy above it.", {.unit = "kWh"}),
        field("outage_probability", &T::outage_probability, "From flood or storm."),
        field("data_sources", &T::data_sources, "What it was reckoned from."));
};

template <>
struct Fields<scenario::AssetOutcome> {
    using T = scenario::AssetOutcome;
    static constexpr std::string_view name = "ScenarioAssetOutcome";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("asset_id", &T::asset_id, "The asset."),
        field("peak_kw", &T::peak_kw, "Load at the highest loading.", {.unit = "kW"}),
        field("peak_rating_kw", &T::peak_rating_kw, "Rating of that half-hour.", {.unit = "kW"}),
        field("loading_percent", &T::loading_percent, "Highest share of the rating.", {.unit = "%"}),
        field("loading_low_percent", &T::loading_low_percent, "At the 10th percentile.", {.unit = "%"}),
        field("loading_high_percent", &T::loading_high_percent, "At the 90th.", {.unit = "%"}),
        field("peak_time", &T::peak_time, "Start of that half-hour."),
        field("headroom_kw", &T::headroom_kw, "Rating minus load then.", {.unit = "kW"}),
        field("over_hours", &T::over_hours, "Time over the rating.", {.unit = "h"}),
        field("energy_over_kwh", &T::energy_over_kwh, "Energy above it.", {.unit = "kWh"}),
        field("energy_kwh", &T::energy_kwh, "Of the window, import positive.", {.unit = "kWh"}),
        field("hot_spot_max_c", &T::hot_spot_max_c, "Hottest winding; 0 where not followed.", {.unit = "°C"}),
        field("loss_of_life_hours", &T::loss_of_life_hours, "Normal life used up.", {.unit = "h"}),
        field("relative_ageing_max", &T::relative_ageing_max, "Fastest ageing against 98 °C."),
        field("outage_probability", &T::outage_probability, "From flood or storm."),
        field("unserved_kwh", &T::unserved_kwh, "Left without supply.", {.unit = "kWh"}),
        field("transferred_kwh", &T::transferred_kwh, "Taken over from lost elements; negative = given away.",
              {.unit = "kWh"}),
        field("is_lost", &T::is_lost, "Out of service."));
};

template <>
struct Fields<scenario::SwitchMove> {
    using T = scenario::SwitchMove;
    static constexpr std::string_view name = "ScenarioSwitchMove";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("to", &T::to, "Who takes over."),
                    field("peak_kw", &T::peak_kw, "Moved at the element's peak.", {.unit = "kW"}),
                    field("share", &T::share, "Of the element's load."));
};

template <>
struct Fields<scenario::RemedyOutcome> {
    using T = scenario::RemedyOutcome;
    static constexpr std::string_view name = "ScenarioRemedy";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("remedy", &T::remedy, "do_nothing, reconfigure, dispatch or both."),
        field("moves", &T::moves, "What is switched."),
        field("dispatch_kw", &T::dispatch_kw, "Largest turn-down to call.", {.unit = "kW"}),
        field("dispatch_kwh", &T::dispatch_kwh, "Energy of it.", {.unit = "kWh"}),
        field("unserved_kwh", &T::unserved_kwh, "Left without supply.", {.unit = "kWh"}),
        field("energy_over_kwh", &T::energy_over_kwh, "Left above ratings.", {.unit = "kWh"}),
        field("loading_percent", &T::loading_percent, "Highest of all who are concerned.", {.unit = "%"}));
};

template <>
struct Fields<scenario::Alternatives> {
    using T = scenario::Alternatives;
    static constexpr std::string_view name = "ScenarioAlternatives";
    static constexpr bool is_answer = true;
    static constexpr auto table =
        field_table(field("asset_id", &T::asset_id, "The element."),
                    field("is_lost", &T::is_lost, "Lost; otherwise overloaded."),
                    field("remedies", &T::remedies, "What could be done, side by side."));
};

template <>
struct Fields<scenario::EventWeather> {
    using T = scenario::EventWeather;
    static constexpr std::string_view name = "ScenarioEventWeather";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("temperature_c", &T::temperature_c, "Air by half-hour.", {.unit = "°C"}),
        field("radiation_w_per_m2", &T::radiation_w_per_m2, "Sun on the level ground.", {.unit = "W/m²"}),
        field("rain_mm", &T::rain_mm, "In the half-hour.", {.unit = "mm"}),
        field("wind_m_per_s", &T::wind_m_per_s, "Mean wind.", {.unit = "m/s"}));
};

}  // namespace headroom
