#include "scenario/hazard.hpp"
#include "scenario/outcomes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace headroom::scenario {
namespace {

bool comes_with_flood(Event event) {
    return event == Event::flood || event == Event::storm;
}

/// "14 July 16:30" by the clock on the wall.
std::string local_time(UtcTime at) {
    const Date date = settlement_period(at).date;
    const int minute = local_minute_of_day(at);
    constexpr std::array<std::string_view, 12> months{"January",   "February", "March",    "April",
                                                      "May",       "June",     "July",     "August",
                                                      "September", "October",  "November", "December"};
    return fmt::format("{} {} {:02}:{:02}", static_cast<unsigned>(date.day()),
                       months[static_cast<unsigned>(date.month()) - 1], minute / 60, minute % 60);
}

std::string power(double kw) {
    return std::abs(kw) >= 1000.0 ? fmt::format("{:.2f} MW", kw / 1000.0) : fmt::format("{:.0f} kW", kw);
}

std::string energy(double kwh) {
    return std::abs(kwh) >= 1000.0 ? fmt::format("{:.1f} MWh", kwh / 1000.0) : fmt::format("{:.0f} kWh", kwh);
}

std::string event_clause(const Scenario& scenario, const ScenarioWeather& weather) {
    const auto [low, high] = std::minmax_element(
        weather.event.temperature_c.begin(),
        weather.event.temperature_c.begin() + static_cast<std::ptrdiff_t>(scenario.hours * 2));
    switch (scenario.event) {
        case Event::heatwave:
            return fmt::format("in a heatwave of up to {:.0f} °C", *high);
        case Event::cold_snap:
            return fmt::format("in a cold snap down to {:.0f} °C", *low);
        case Event::ev_surge:
            return fmt::format("with {:.1f} times today's charging of vehicles",
                               scenario.levers.ev_uptake * event_figures(scenario.event).ev_factor);
        case Event::loss_of_element:
            return "with an element out of service";
        case Event::flood:
            return "in the flood";
        case Event::storm:
            return "in the storm";
        case Event::normal:
            break;
    }
    return fmt::format("at {:.0f} to {:.0f} °C", *low, *high);
}

std::string reason_of(const Scenario& scenario, const Asset& asset, const ScenarioWeather& weather,
                      const AssetOutcome& outcome) {
    if (outcome.is_lost) {
        return outcome.unserved_kwh > 0.0 ? "lost, and its open points cannot carry all of its load"
                                          : "lost; all of its load has moved over its open points";
    }
    std::string text = fmt::format(
        "loaded to {:.0f} % of {} at {} {} ({:.0f} to {:.0f} % between the 10th and 90th percentile)",
        outcome.loading_percent, power(outcome.peak_rating_kw), local_time(outcome.peak_time),
        event_clause(scenario, weather), outcome.loading_low_percent, outcome.loading_high_percent);
    if (outcome.hot_spot_max_c > cyclic_hot_spot_max_c) {
        text += fmt::format("; hot spot {:.0f} °C, over the {:.0f} °C of cyclic loading",
                            outcome.hot_spot_max_c, cyclic_hot_spot_max_c);
    }
    if (outcome.transferred_kwh > 0.0) {
        text += fmt::format("; {} taken over from lost elements", energy(outcome.transferred_kwh));
    }
    if (outcome.outage_probability >= watched_outage_probability) {
        text +=
            scenario.event == Event::storm && asset.thermal == ThermalKind::overhead_line
                ? fmt::format("; wind of {:.0f} m/s", weather.wind_max_m_per_s)
                : fmt::format("; {:.0f} mm of rain in a day, {:.0f} mm in its wettest hour, flood zone {}",
                              weather.rain_day_max_mm, weather.rain_hour_max_mm,
                              asset.flood_zone == 0 ? "unknown" : std::to_string(asset.flood_zone));
    }
    return text;
}

std::string impact_of(const Scenario& scenario, const Asset& asset, const AssetOutcome& outcome) {
    if (outcome.is_lost) {
        return outcome.unserved_kwh > 0.0
                   ? fmt::format("{} not supplied over {} h; {} moved", energy(outcome.unserved_kwh),
                                 scenario.hours, energy(std::abs(outcome.transferred_kwh)))
                   : fmt::format("{} carried by neighbours over {} h",
                                 energy(std::abs(outcome.transferred_kwh)), scenario.hours);
    }
    std::string text;
    if (outcome.over_hours > 0.0) {
        text = fmt::format("{:.1f} h over the rating, {} above it", outcome.over_hours,
                           energy(outcome.energy_over_kwh));
    } else {
        text = fmt::format("{} of headroom left at the peak", power(outcome.headroom_kw));
    }
    if (outcome.loss_of_life_hours > 0.0) {
        text +=
            fmt::format("; {:.1f} h of normal life used in {} h", outcome.loss_of_life_hours, scenario.hours);
    }
    if (outcome.outage_probability >= watched_outage_probability) {
        text += fmt::format("; out of service with a probability of {:.0f} %, {} to resupply",
                            100.0 * outcome.outage_probability, power(outcome.peak_kw));
    }
    if (asset.criticality == Criticality::high) {
        text += "; highly critical";
    }
    return text;
}

std::vector<std::string> sources_of(const Asset& asset, const ProjectionNote& note,
                                    const std::vector<std::string>& weather_sources) {
    std::vector<std::string> sources = weather_sources;
    switch (note.basis) {
        case Basis::history:
            sources.push_back("load: own history" +
                              (asset.history->source.empty() ? "" : " (" + asset.history->source + ")"));
            break;
        case Basis::class_profile:
            sources.emplace_back("load: class profiles");
            break;
        case Basis::chargers:
            sources.emplace_back("load: number and size of chargers");
            break;
        case Basis::sunshine:
            sources.emplace_back("output: sunshine and air temperature");
            break;
        case Basis::battery_cycle:
            sources.emplace_back("load: usual daily cycle of a battery");
            break;
    }
    if (!note.history_refused.empty()) {
        sources.push_back("history not used: " + note.history_refused);
    }
    if (note.assumed_peak) {
        sources.push_back(fmt::format("yearly peak: assumed {:.0f} % of capacity",
                                      100.0 * defaults_of(asset.type).peak_share));
    }
    if (note.assumed_mix) {
        sources.emplace_back("make-up of the load: usual for its type");
    }
    std::string origin = asset.source.empty() ? "asset file" : asset.source;
    sources.push_back("asset: " + std::move(origin) + (asset.illustrative ? " (illustrative)" : ""));
    return sources;
}

RiskLevel level_of(const Scenario& scenario, const AssetOutcome& outcome) {
    if (outcome.is_lost) {
        return outcome.unserved_kwh > 0.0 ? RiskLevel::critical : RiskLevel::high;
    }
    const RiskLevel by_loading = level_of_loading(outcome.loading_percent);
    return comes_with_flood(scenario.event)
               ? std::max(by_loading, level_of_outage(outcome.outage_probability))
               : by_loading;
}

}  // namespace

std::vector<Risk> rank_risks(const Scenario& scenario, std::span<const Asset> assets,
                             const ScenarioWeather& weather, std::span<const AssetOutcome> outcomes,
                             std::span<const ProjectionNote> notes,
                             const std::vector<std::string>& weather_sources) {
    struct Ranked {
        std::size_t asset;
        RiskLevel level;
    };
    std::vector<Ranked> ranked;
    for (std::size_t i = 0; i < assets.size(); ++i) {
        const AssetOutcome& outcome = outcomes[i];
        const RiskLevel level = level_of(scenario, outcome);
        // A plant that feeds in at its size, or a battery on its cycle, is doing its work.
        const bool is_plant = assets[i].type == AssetType::solar_farm || assets[i].type == AssetType::battery;
        const bool is_loaded = !is_plant && outcome.loading_percent >= watched_loading_percent;
        const bool is_over = outcome.loading_percent > 100.0 + 1e-6;
        const bool is_exposed = outcome.outage_probability >= watched_outage_probability;
        if (outcome.is_lost || is_loaded || is_over || is_exposed) {
            ranked.push_back({i, is_plant && !is_over && !is_exposed ? RiskLevel::low : level});
        }
    }
    if (ranked.empty() && !assets.empty()) {
        const auto most = std::ranges::max_element(
            outcomes, {}, [](const AssetOutcome& outcome) { return outcome.loading_percent; });
        const auto i = static_cast<std::size_t>(most - outcomes.begin());
        ranked.push_back({i, level_of(scenario, outcomes[i])});
    }
    std::ranges::sort(ranked, [&](const Ranked& a, const Ranked& b) {
        const auto key = [&](const Ranked& one) {
            const AssetOutcome& outcome = outcomes[one.asset];
            return std::tuple(one.level, outcome.unserved_kwh, assets[one.asset].criticality,
                              outcome.loading_percent, outcome.outage_probability);
        };
        const auto of_a = key(a);
        const auto of_b = key(b);
        return of_a != of_b ? of_a > of_b : assets[a.asset].id < assets[b.asset].id;
    });
    std::vector<Risk> risks;
    risks.reserve(ranked.size());
    for (const auto& [i, level] : ranked) {
        const AssetOutcome& outcome = outcomes[i];
        risks.push_back({.asset_id = assets[i].id,
                         .risk_level = level,
                         .reason = reason_of(scenario, assets[i], weather, outcome),
                         .expected_impact = impact_of(scenario, assets[i], outcome),
                         .projected_peak_kw = outcome.peak_kw,
                         .loading_percent = outcome.loading_percent,
                         .peak_time = outcome.peak_time,
                         .headroom_kw = outcome.headroom_kw,
                         .over_hours = outcome.over_hours,
                         .energy_over_kwh = outcome.energy_over_kwh,
                         .outage_probability = outcome.outage_probability,
                         .data_sources = sources_of(assets[i], notes[i], weather_sources)});
    }
    return risks;
}

}  // namespace headroom::scenario
