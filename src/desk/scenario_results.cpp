#include "desk/scenario_results.hpp"

#include "scenario/result_json.hpp"
#include "scenario/scenario_file.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

namespace headroom::desk {
namespace {

double highest(const std::vector<double>& values) {
    return values.empty() ? 0.0 : *std::max_element(values.begin(), values.end());
}

/// The most rain within a day, and within an hour.
std::pair<double, double> heaviest_rain(const std::vector<double>& half_hours) {
    double day = 0.0;
    double hour = 0.0;
    double of_day = 0.0;
    for (std::size_t i = 0; i < half_hours.size(); ++i) {
        of_day += half_hours[i] - (i >= 48 ? half_hours[i - 48] : 0.0);
        day = std::max(day, of_day);
        hour = std::max(hour, half_hours[i] + (i > 0 ? half_hours[i - 1] : 0.0));
    }
    return {day, hour};
}

double tenths(double value) {
    return std::round(value * 10.0) / 10.0;
}

/// The weather of the window in the words of the contract, for whoever stated none.
json::Object weather_of(const scenario::EventWeather& weather) {
    const auto [day_mm, hour_mm] = heaviest_rain(weather.rain_mm);
    const double lowest = weather.temperature_c.empty()
                              ? 0.0
                              : *std::min_element(weather.temperature_c.begin(), weather.temperature_c.end());
    return json::Object{{"max_temp_celsius", tenths(highest(weather.temperature_c))},
                        {"min_temp_celsius", tenths(lowest)},
                        {"total_rainfall_mm", tenths(day_mm)},
                        {"max_rainfall_per_hour_mm", tenths(hour_mm)}};
}

std::vector<WeatherSourceAnswer> weather_sources(const std::vector<agents::WeatherOrigin>& origins) {
    std::vector<WeatherSourceAnswer> out;
    for (const agents::WeatherOrigin& origin : origins) {
        out.push_back({.source = origin.source,
                       .hours = origin.hours,
                       .fetched = origin.fetched,
                       .licence = origin.licence,
                       .url = origin.url,
                       .why = origin.why});
    }
    return out;
}

ScenarioSums sums_of(const scenario::RunResult& result, const std::vector<scenario::Asset>& assets) {
    ScenarioSums sums{.risks = risk_counts(result)};
    for (std::size_t i = 0; i < result.outcomes.size(); ++i) {
        const scenario::AssetOutcome& outcome = result.outcomes[i];
        sums.energy_over_kwh += outcome.energy_over_kwh;
        sums.unserved_kwh += outcome.unserved_kwh;
        // Substations carry what their feeders carry: counted once.
        sums.energy_kwh += assets[i].type == scenario::AssetType::feeder ? outcome.energy_kwh : 0.0;
        sums.loading_percent_max = std::max(sums.loading_percent_max, outcome.loading_percent);
    }
    const std::vector<double>& air = result.weather.temperature_c;
    if (!air.empty()) {
        sums.temperature_max_c = *std::max_element(air.begin(), air.end());
        sums.temperature_min_c = *std::min_element(air.begin(), air.end());
    }
    for (const double mm : result.weather.rain_mm) {
        sums.rain_mm += mm;
    }
    return sums;
}

std::unordered_map<std::string_view, std::string> levels_of(const scenario::RunResult& result) {
    std::unordered_map<std::string_view, std::string> out;
    for (const scenario::Risk& risk : result.risks) {
        out.emplace(risk.asset_id, scenario::to_string(risk.risk_level));
    }
    return out;
}

}  // namespace

agents::WeatherQuery weather_query(const scenario::Scenario& scenario,
                                   const std::vector<scenario::Asset>& assets) {
    agents::WeatherQuery query{.from = scenario.start, .until = scenario.start + hours{scenario.hours}};
    for (const scenario::Asset& asset : assets) {
        query.lat += asset.lat / static_cast<double>(assets.size());
        query.lon += asset.lon / static_cast<double>(assets.size());
    }
    return query;
}

scenario::BaseWeather base_weather(agents::FoundWeather found) {
    scenario::BaseWeather out{.source = {}, .licence = {}, .as_of = {}, .steps = std::move(found.hours)};
    for (const agents::WeatherOrigin& origin : found.origins) {
        out.source += (out.source.empty() ? "" : ", ") + origin.source;
        out.licence += (out.licence.empty() ? "" : "; ") + origin.licence;
        out.as_of = out.as_of ? out.as_of : origin.fetched;
    }
    return out;
}

ScenarioAnswer scenario_answer(const scenario::Scenario& scenario, bool is_built_in) {
    return {.id = scenario.id,
            .title = scenario.title.empty() ? scenario.id : scenario.title,
            .description = scenario.description,
            .place = scenario.place,
            .event = scenario.event,
            .start = scenario.start,
            .hours = scenario.hours,
            .levers = scenario.levers,
            .lost_elements = scenario.lost_elements,
            .built_in = is_built_in};
}

ScenarioAssetAnswer asset_answer(const scenario::Asset& asset) {
    return {.id = asset.id,
            .name = asset.name.empty() ? asset.id : asset.name,
            .type = asset.type,
            .lat = asset.lat,
            .lon = asset.lon,
            .capacity_kw = asset.capacity_kw,
            .criticality = asset.criticality,
            .flood_zone = asset.flood_zone,
            .feeds = asset.feeds,
            .source = asset.source,
            .illustrative = asset.illustrative};
}

std::map<std::string, std::int64_t> risk_counts(const scenario::RunResult& result) {
    std::map<std::string, std::int64_t> counts;
    for (const scenario::RiskLevel level : EnumValues<scenario::RiskLevel>::all) {
        counts[std::string(scenario::to_string(level))] = 0;
    }
    for (const scenario::Risk& risk : result.risks) {
        counts[std::string(scenario::to_string(risk.risk_level))] += 1;
    }
    return counts;
}

Result<ScenarioResultAnswer> result_answer(const FinishedRun& run, ScenarioRunAnswer listed,
                                           const std::vector<std::string>& assets, std::size_t curves_max) {
    const scenario::RunResult& result = run.result;
    ScenarioResultAnswer out{.run = std::move(listed),
                             .levers = result.scenario.levers,
                             .lost_elements = result.scenario.lost_elements,
                             .hypothetical = result.hypothetical,
                             .hypothetical_reason = result.hypothetical_reason,
                             .data_sources = result.data_sources,
                             .weather_sources = weather_sources(run.origins),
                             .weather = result.weather,
                             .outcomes = result.outcomes,
                             .risks = result.risks,
                             .alternatives = result.alternatives};
    std::unordered_map<std::string_view, std::size_t> where;
    for (std::size_t i = 0; i < run.input.assets.size(); ++i) {
        out.assets.push_back(asset_answer(run.input.assets[i]));
        where.emplace(run.input.assets[i].id, i);
    }
    std::vector<std::string> wanted = assets;
    for (std::size_t i = 0; assets.empty() && i < std::min(curves_max, result.risks.size()); ++i) {
        wanted.push_back(result.risks[i].asset_id);
    }
    for (const std::string& id : wanted) {
        const auto found = where.find(id);
        if (found == where.end()) {
            return Error{Errc::not_found, "no asset " + id + " in this run", "/assets"};
        }
        out.curves.push_back(scenario::curves_json(result, found->second));
    }
    return out;
}

json::Object contract_answer(const FinishedRun& run, const std::string& run_id) {
    const scenario::RunResult& result = run.result;
    json::Object told = scenario::request_of(result.scenario);
    told.set("weather", weather_of(result.weather));
    told.set("id", result.scenario.id);
    told.set("lost_elements", headroom::to_json(result.scenario.lost_elements));
    told.set("hypothetical", result.hypothetical);
    std::vector<ScenarioAssetAnswer> assets;
    bool is_illustrative = false;
    for (const scenario::Asset& asset : run.input.assets) {
        assets.push_back(asset_answer(asset));
        is_illustrative = is_illustrative || asset.illustrative;
    }
    return json::Object{{"scenario", std::move(told)},
                        {"assets", headroom::to_json(assets)},
                        {"risks", headroom::to_json(result.risks)},
                        {"hypothetical", result.hypothetical},
                        {"hypothetical_reason", result.hypothetical_reason},
                        {"illustrative", is_illustrative},
                        {"data_sources", headroom::to_json(result.data_sources)},
                        {"weather_sources", headroom::to_json(weather_sources(run.origins))},
                        {"seed", static_cast<std::int64_t>(result.seed)},
                        {"run_id", run_id}};
}

ScenarioDiffAnswer diff_answer(const FinishedRun& run, const FinishedRun& other) {
    ScenarioDiffAnswer out{.sums = sums_of(run.result, run.input.assets),
                           .other_sums = sums_of(other.result, other.input.assets)};
    std::unordered_map<std::string, std::size_t> lines;
    for (std::size_t i = 0; i < run.result.outcomes.size(); ++i) {
        const scenario::AssetOutcome& outcome = run.result.outcomes[i];
        lines.emplace(outcome.asset_id, out.assets.size());
        out.assets.push_back({.asset_id = outcome.asset_id,
                              .name = run.input.assets[i].name,
                              .loading_percent = outcome.loading_percent,
                              .peak_kw = outcome.peak_kw});
    }
    for (std::size_t i = 0; i < other.result.outcomes.size(); ++i) {
        const scenario::AssetOutcome& outcome = other.result.outcomes[i];
        const auto [line, is_new] = lines.emplace(outcome.asset_id, out.assets.size());
        if (is_new) {
            out.assets.push_back({.asset_id = outcome.asset_id, .name = other.input.assets[i].name});
        }
        out.assets[line->second].other_loading_percent = outcome.loading_percent;
        out.assets[line->second].other_peak_kw = outcome.peak_kw;
    }
    const auto levels = levels_of(run.result);
    const auto other_levels = levels_of(other.result);
    for (ScenarioDiffLine& line : out.assets) {
        const auto level = levels.find(line.asset_id);
        const auto other_level = other_levels.find(line.asset_id);
        line.risk_level = level == levels.end() ? "" : level->second;
        line.other_risk_level = other_level == other_levels.end() ? "" : other_level->second;
        line.change_percent = line.other_loading_percent.value_or(0.0) - line.loading_percent.value_or(0.0);
    }
    std::stable_sort(out.assets.begin(), out.assets.end(),
                     [](const ScenarioDiffLine& a, const ScenarioDiffLine& b) {
                         return std::abs(a.change_percent) > std::abs(b.change_percent);
                     });
    return out;
}

}  // namespace headroom::desk
