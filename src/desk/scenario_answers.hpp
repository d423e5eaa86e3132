#pragma once

#include "core/reflect.hpp"
#include "core/time.hpp"
#include "scenario/asset_fields.hpp"
#include "scenario/result_fields.hpp"
#include "scenario/scenario_fields.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace headroom::desk {

/// A scenario that can be run by its id.
struct ScenarioAnswer {
    std::string id = {};
    std::string title = {};
    std::string description = {};
    std::string place = {};
    scenario::Event event = scenario::Event::normal;
    UtcTime start{};
    std::int64_t hours = 0;
    scenario::Levers levers = {};
    std::vector<std::string> lost_elements = {};
    bool built_in = false;
};

struct ScenarioPlaceAnswer {
    std::string place = {};
    std::int64_t assets = 0;
    std::string source = {};
    bool illustrative = false;
};

struct ScenariosAnswer {
    std::vector<ScenarioAnswer> scenarios = {};
    std::vector<ScenarioPlaceAnswer> places = {};
    std::vector<std::string> faults = {};
};

/// An asset as the contract tells it, with where its data come from.
struct ScenarioAssetAnswer {
    std::string id = {};
    std::string name = {};
    scenario::AssetType type = scenario::AssetType::other;
    double lat = 0.0;
    double lon = 0.0;
    double capacity_kw = 0.0;
    scenario::Criticality criticality = scenario::Criticality::medium;
    std::int64_t flood_zone = 0;
    std::vector<std::string> feeds = {};
    std::string source = {};
    bool illustrative = false;
};

/// Who said the weather.
struct WeatherSourceAnswer {
    std::string source = {};
    std::int64_t hours = 0;
    std::optional<UtcTime> fetched = {};
    std::string licence = {};
    std::string url = {};
    std::string why = {};
};

/// A run in a list.
struct ScenarioRunAnswer {
    std::string run_id = {};
    std::string state = {};
    double done = 0.0;
    std::string scenario_id = {};
    std::string title = {};
    std::string place = {};
    scenario::Event event = scenario::Event::normal;
    UtcTime start{};
    std::int64_t hours = 0;
    std::int64_t seed = 0;
    std::int64_t assets = 0;
    std::map<std::string, std::int64_t> risks = {};
    std::string by = {};
    UtcTime asked_at{};
    std::optional<double> elapsed_ms = {};
    std::string input_sha256 = {};
    std::string fault = {};
};

/// What a run found, for screens.
struct ScenarioResultAnswer {
    ScenarioRunAnswer run = {};
    scenario::Levers levers = {};
    std::vector<std::string> lost_elements = {};
    bool hypothetical = false;
    std::string hypothetical_reason = {};
    std::vector<std::string> data_sources = {};
    std::vector<WeatherSourceAnswer> weather_sources = {};
    scenario::EventWeather weather = {};
    std::vector<ScenarioAssetAnswer> assets = {};
    std::vector<scenario::AssetOutcome> outcomes = {};
    std::vector<scenario::Risk> risks = {};
    std::vector<scenario::Alternatives> alternatives = {};
    std::vector<json::Object> curves = {};
};

/// One asset in two runs.
struct ScenarioDiffLine {
    std::string asset_id = {};
    std::string name = {};
    std::optional<double> loading_percent = {};
    std::optional<double> other_loading_percent = {};
    std::optional<double> peak_kw = {};
    std::optional<double> other_peak_kw = {};
    std::string risk_level = {};
    std::string other_risk_level = {};
    double change_percent = 0.0;
};

/// Sums of a run.
struct ScenarioSums {
    std::map<std::string, std::int64_t> risks = {};
    double energy_over_kwh = 0.0;
    double unserved_kwh = 0.0;
    double energy_kwh = 0.0;
    double loading_percent_max = 0.0;
    double temperature_max_c = 0.0;
    double temperature_min_c = 0.0;
    double rain_mm = 0.0;
};

struct ScenarioDiffAnswer {
    ScenarioRunAnswer run = {};
    ScenarioRunAnswer other = {};
    ScenarioSums sums = {};
    ScenarioSums other_sums = {};
    std::vector<ScenarioDiffLine> assets = {};
};

}  // namespace headroom::desk

namespace headroom {

template <>
struct Fields<desk::ScenarioAnswer> {
    using T = desk::ScenarioAnswer;
    static constexpr std::string_view name = "ListedScenario";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("id", &T::id, "Its id.", {.example = R"("london_heatwave_3d")"}),
        field("title", &T::title, "What people call it."),
        field("description", &T::description, "What it asks."),
        field("place", &T::place, "The place whose assets it is run over.", {.example = R"("London")"}),
        field("event", &T::event, "What happens."), field("start", &T::start, "First half-hour."),
        field("hours", &T::hours, "Length of the window.", {.unit = "h"}),
        field("levers", &T::levers, "What is turned."),
        field("lost_elements", &T::lost_elements, "Assets that are out."),
        field("built_in", &T::built_in, "Otherwise it is from the folder of scenario files."));
};

template <>
struct Fields<desk::ScenarioPlaceAnswer> {
    using T = desk::ScenarioPlaceAnswer;
    static constexpr std::string_view name = "ScenarioPlace";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("place", &T::place, "Its name, for `location`.", {.example = R"("London")"}),
        field("assets", &T::assets, "How many are there."), field("source", &T::source, "Of their data."),
        field("illustrative", &T::illustrative, "Made up to be plausible, not the network's real data."));
};

template <>
struct Fields<desk::ScenariosAnswer> {
    using T = desk::ScenariosAnswer;
    static constexpr std::string_view name = "Scenarios";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("scenarios", &T::scenarios, "Built-in ones and those of the folder scenario.dir, by id."),
        field("places", &T::places, "Where there are assets."),
        field("faults", &T::faults, "Files of the folder that could not be read, and why."));
};

template <>
struct Fields<desk::ScenarioAssetAnswer> {
    using T = desk::ScenarioAssetAnswer;
    static constexpr std::string_view name = "ScenarioAssetSummary";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("id", &T::id, "Its id.", {.example = R"("P-BANKSIDE")"}), field("name", &T::name, "Its name."),
        field("type", &T::type, "What it is."), field("lat", &T::lat, "Latitude.", {.unit = "°"}),
        field("lon", &T::lon, "Longitude.", {.unit = "°"}),
        field("capacity_kw", &T::capacity_kw, "Nameplate.", {.unit = "kW"}),
        field("criticality", &T::criticality, "How much hangs on it."),
        field("flood_zone", &T::flood_zone, "England's flood zone; 0 = unknown."),
        field("feeds", &T::feeds, "What is fed from it."),
        field("source", &T::source, "Where its data come from."),
        field("illustrative", &T::illustrative, "Made up to be plausible, not the network's real data."));
};

template <>
struct Fields<desk::WeatherSourceAnswer> {
    using T = desk::WeatherSourceAnswer;
    static constexpr std::string_view name = "ScenarioWeatherSource";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("source", &T::source, "open_meteo, openweathermap or climatology."),
        field("hours", &T::hours, "Hours of the window that are its.", {.unit = "h"}),
        field("fetched", &T::fetched, "When it was asked; null for the climatology."),
        field("licence", &T::licence, "Of its data."), field("url", &T::url, "As asked, without secrets."),
        field("why", &T::why, "Why it stands in for another; empty otherwise."));
};

template <>
struct Fields<desk::ScenarioRunAnswer> {
    using T = desk::ScenarioRunAnswer;
    static constexpr std::string_view name = "ScenarioRun";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("run_id", &T::run_id, "Its id.", {.example = R"("run-1")"}),
        field("state", &T::state, "waiting, running, done, cancelled or failed."),
        field("done", &T::done, "Share of the assets that are projected."),
        field("scenario_id", &T::scenario_id, "Scenario; empty for one that has no id."),
        field("title", &T::title, "What people call it."), field("place", &T::place, "Where."),
        field("event", &T::event, "What happens."), field("start", &T::start, "First half-hour."),
        field("hours", &T::hours, "Length of the window.", {.unit = "h"}),
        field("seed", &T::seed, "Of all that is drawn."),
        field("assets", &T::assets, "How many it is run over."),
        field("risks", &T::risks, "Number of risks of each level; empty until it is done."),
        field("by", &T::by, "Who asked."), field("asked_at", &T::asked_at, "When, wall time."),
        field("elapsed_ms", &T::elapsed_ms, "Time of the projection alone.", {.unit = "ms"}),
        field("input_sha256", &T::input_sha256,
              "Of the kept input, from which the same result comes again; empty until it is done."),
        field("fault", &T::fault, "Why it failed."));
};

template <>
struct Fields<desk::ScenarioResultAnswer> {
    using T = desk::ScenarioResultAnswer;
    static constexpr std::string_view name = "ScenarioResult";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("run", &T::run, "The run."), field("levers", &T::levers, "What was turned."),
        field("lost_elements", &T::lost_elements, "Assets that are out."),
        field("hypothetical", &T::hypothetical, "The event does not happen in this season."),
        field("hypothetical_reason", &T::hypothetical_reason, "Why not."),
        field("data_sources", &T::data_sources, "Everything it was reckoned from."),
        field("weather_sources", &T::weather_sources, "Who said the weather before the event."),
        field("weather", &T::weather, "The weather after the event was imposed."),
        field("assets", &T::assets, "The assets, in the order of `outcomes`."),
        field("outcomes", &T::outcomes, "One for each asset."),
        field("risks", &T::risks, "Most severe first."),
        field("alternatives", &T::alternatives, "What could be done about what is lost or overloaded."),
        field("curves", &T::curves,
              "Half-hourly curves of the assets asked for: asset_id, start, period_minutes, load_kw, low_kw, "
              "high_kw, rating_kw and, where followed, hot_spot_c."));
};

template <>
struct Fields<desk::ScenarioDiffLine> {
    using T = desk::ScenarioDiffLine;
    static constexpr std::string_view name = "ScenarioDiffLine";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("asset_id", &T::asset_id, "The asset."), field("name", &T::name, "Its name."),
        field("loading_percent", &T::loading_percent, "Highest in the run; null: not in it.", {.unit = "%"}),
        field("other_loading_percent", &T::other_loading_percent, "In the other run.", {.unit = "%"}),
        field("peak_kw", &T::peak_kw, "Load then.", {.unit = "kW"}),
        field("other_peak_kw", &T::other_peak_kw, "In the other run.", {.unit = "kW"}),
        field("risk_level", &T::risk_level, "Empty: no risk."),
        field("other_risk_level", &T::other_risk_level, "In the other run."),
        field("change_percent", &T::change_percent, "Loading in the other run less that in the run.",
              {.unit = "%"}));
};

template <>
struct Fields<desk::ScenarioSums> {
    using T = desk::ScenarioSums;
    static constexpr std::string_view name = "ScenarioSums";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("risks", &T::risks, "Number of risks of each level."),
        field("energy_over_kwh", &T::energy_over_kwh, "Above ratings, all assets.", {.unit = "kWh"}),
        field("unserved_kwh", &T::unserved_kwh, "Left without supply.", {.unit = "kWh"}),
        field("energy_kwh", &T::energy_kwh, "Of all feeders, import positive.", {.unit = "kWh"}),
        field("loading_percent_max", &T::loading_percent_max, "Of the most loaded asset.", {.unit = "%"}),
        field("temperature_max_c", &T::temperature_max_c, "Hottest half-hour.", {.unit = "°C"}),
        field("temperature_min_c", &T::temperature_min_c, "Coldest.", {.unit = "°C"}),
        field("rain_mm", &T::rain_mm, "In the window.", {.unit = "mm"}));
};

template <>
struct Fields<desk::ScenarioDiffAnswer> {
    using T = desk::ScenarioDiffAnswer;
    static constexpr std::string_view name = "ScenarioDiff";
    static constexpr bool is_answer = true;
    static constexpr auto table = field_table(
        field("run", &T::run, "The run."), field("other", &T::other, "The other run."),
        field("sums", &T::sums, "Of the run."), field("other_sums", &T::other_sums, "Of the other."),
        field("assets", &T::assets, "Largest change of loading first."));
};

}  // namespace headroom
