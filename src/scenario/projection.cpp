#include "scenario/projection.hpp"

#include "core/normal.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace headroom::scenario {
namespace {

constexpr double band_z = 1.2815515655446004;  // 10th and 90th percentile

// Cooled floor: some 100 W/m² of heat at 30 °C against 15 °C without cooling, at a seasonal efficiency of 3.
constexpr double cooling_kw_per_m2_k = 0.0023;
constexpr double cooled_floor_base_c = 15.0;
constexpr double cooling_full_k = 22.0;
constexpr double cooling_usual_k = 13.0;  // on a usual year's hottest day

// Batteries: out over the evening peak, in over the night.
constexpr int discharge_from_min = 16 * 60 + 30;
constexpr int discharge_until_min = 19 * 60 + 30;
constexpr int charge_from_min = 60;
constexpr int charge_until_min = 5 * 60;
constexpr double round_trip = 0.88;

double sun_output(double radiation, double air_c) {
    // Cells run 25 K over the air at 800 W/m² (NOCT 45 °C at 20 °C of air) and lose 0.4 % a kelvin over 25
    // °C; 14 % are lost on the way.
    const double cell_c = air_c + radiation / 800.0 * 25.0;
    const double heat = 1.0 - 0.004 * (cell_c - 25.0);
    return std::clamp(0.86 * radiation / 1000.0 * heat, 0.0, 1.0);
}

}  // namespace

double charging_coincidence(std::int64_t count) {
    constexpr double of_many = 0.30;
    return count <= 1 ? 1.0 : of_many + (1.0 - of_many) / std::sqrt(static_cast<double>(count));
}

double usual_charger_kw(const Asset& asset) {
    if (asset.charger_kw > 0.0 || asset.num_charging_stations == 0) {
        return asset.charger_kw;
    }
    const double share = asset.capacity_kw / static_cast<double>(asset.num_charging_stations);
    constexpr std::array<double, 4> sizes{150.0, 50.0, 22.0, 7.4};
    const auto below = std::ranges::find_if(sizes, [&](double size) { return size <= share; });
    return below == sizes.end() ? sizes.back() : *below;
}

Projection::Projection(const Scenario& scenario, const ScenarioWeather& weather, double lat, double lon,
                       std::uint64_t seed)
    : scenario_(scenario),
      weather_(weather),
      random_(seed),
      periods_(static_cast<std::size_t>(scenario.hours) * 2),
      quantile_z_(normal_quantile(scenario.levers.quantile)),
      table_(make_class_table(scenario, std::span(weather.event.temperature_c).first(periods_),
                              std::span(weather.felt_c).first(periods_), lat, lon,
                              event_figures(scenario.event).ev_factor)),
      ev_factor_(scenario.levers.ev_uptake * event_figures(scenario.event).ev_factor) {
    slots_.reserve(periods_);
    sun_pu_.reserve(periods_);
    for (std::size_t i = 0; i < periods_; ++i) {
        slots_.push_back(day_slot(scenario.start + static_cast<std::int64_t>(i) * period_length));
        sun_pu_.push_back(sun_output(weather.event.radiation_w_per_m2[i], weather.event.temperature_c[i]));
    }
}

void Projection::add(const LoadRows& rows, std::size_t i, double kw, double spread) const {
    const double low = kw * std::exp(-band_z * spread);
    const double high = kw * std::exp(band_z * spread);
    rows.load_kw[i] += static_cast<float>(quantile_z_ == 0.0 ? kw : kw * std::exp(quantile_z_ * spread));
    rows.low_kw[i] += static_cast<float>(std::min(low, high));
    rows.high_kw[i] += static_cast<float>(std::max(low, high));
}

bool Projection::is_out(const Asset& asset) const {
    return random_.uniform(Random::key(asset.id), 0, Random::key("outage")) <
           scenario_.levers.der_outage_share;
}

double Projection::own_parts_peak_kw(const Asset& asset) const {
    double kw = asset.surface_area_m2 * cooling_kw_per_m2_k * cooling_usual_k;
    if (asset.num_charging_stations > 0) {
        kw += static_cast<double>(asset.num_charging_stations) * usual_charger_kw(asset) *
              charging_coincidence(asset.num_charging_stations);
    }
    return kw;
}

double Projection::usual_peak_kw(const Asset& asset, double fed_peak_kw) const {
    const double parts = own_parts_peak_kw(asset) + fed_peak_kw;
    if (asset.peak_kw > 0.0) {
        return asset.peak_kw;
    }
    const bool is_known_by_parts = asset.type == AssetType::ev_hub && asset.num_charging_stations > 0;
    return is_known_by_parts ? parts
                             : std::max(parts, defaults_of(asset.type).peak_share * asset.capacity_kw);
}

ProjectionNote Projection::project(const Asset& asset, double fed_peak_kw, const LoadRows& rows) const {
    std::ranges::fill(rows.load_kw, 0.0F);
    std::ranges::fill(rows.low_kw, 0.0F);
    std::ranges::fill(rows.high_kw, 0.0F);
    ProjectionNote note;
    if (asset.history) {
        const Result<HistoryModel> model = HistoryModel::fit(*asset.history);
        if (model) {
            note.basis = Basis::history;
            add_history(asset, *model, rows);
            return note;
        }
        note.history_refused = model.error().message;
    }
    if (asset.type == AssetType::solar_farm) {
        note.basis = Basis::sunshine;
        add_sunshine(is_out(asset) ? 0.0 : asset.capacity_kw, rows);
        return note;
    }
    if (asset.type == AssetType::battery) {
        note.basis = Basis::battery_cycle;
        add_battery(asset, rows);
        return note;
    }
    if (asset.type == AssetType::ev_hub && asset.num_charging_stations > 0) {
        note.basis = Basis::chargers;
    }
    add_profile(asset, fed_peak_kw, rows, note);
    add_chargers(asset, rows);
    add_cooled_area(asset, rows);
    add_sunshine(asset.solar_kw * (1.0 - scenario_.levers.der_outage_share), rows);
    return note;
}

void Projection::add_history(const Asset& asset, const HistoryModel& model, const LoadRows& rows) const {
    const Levers& levers = scenario_.levers;
    const double demand = levers.load_factor * price_response(LoadClass::domestic, levers.price_factor);
    const std::array<double, load_class_count> shares = asset.mix.shares();
    constexpr auto ev = static_cast<std::size_t>(LoadClass::ev_charging);
    const double mix_peak = usual_peak(table_, shares);
    // More (or fewer) cars than the history has seen: their part of its highest load, by the class's shape.
    const double more_ev = mix_peak > 0.0 && ev_factor_ > 0.0
                               ? model.highest_kw() * shares[ev] / mix_peak * (ev_factor_ - 1.0) / ev_factor_
                               : 0.0;
    const double lost_sun_kw = asset.solar_kw * levers.der_outage_share;
    for (std::size_t i = 0; i < periods_; ++i) {
        const double median =
            demand * model.load_kw(slots_[i], {.felt_c = weather_.felt_c[i],
                                               .air_c = weather_.event.temperature_c[i],
                                               .radiation_w_per_m2 = weather_.event.radiation_w_per_m2[i],
                                               .wind_m_per_s = weather_.event.wind_m_per_s[i]}) +
            more_ev * table_.loads[i][ev] + lost_sun_kw * sun_pu_[i];
        const auto at = [&](double quantile) {
            return static_cast<float>(median + demand * model.offset_kw(slots_[i], quantile));
        };
        rows.load_kw[i] = at(levers.quantile);
        rows.low_kw[i] = at(0.1);
        rows.high_kw[i] = at(0.9);
    }
}

void Projection::add_profile(const Asset& asset, double fed_peak_kw, const LoadRows& rows,
                             ProjectionNote& note) const {
    const TypeDefaults& defaults = defaults_of(asset.type);
    std::array<double, load_class_count> shares = asset.mix.shares();
    double mix_peak = usual_peak(table_, shares);
    if (mix_peak <= 0.0) {
        note.assumed_mix = note.basis == Basis::class_profile;
        shares = defaults.mix.shares();
        mix_peak = usual_peak(table_, shares);
    }
    note.assumed_peak = asset.peak_kw <= 0.0 && note.basis == Basis::class_profile;
    const double own_kw =
        std::max(0.0, usual_peak_kw(asset, fed_peak_kw) - fed_peak_kw - own_parts_peak_kw(asset));
    if (own_kw <= 0.0 || mix_peak <= 0.0) {
        return;
    }
    const double scale = own_kw / mix_peak;
    const double at_quantile = std::exp(quantile_z_ * defaults.spread);
    const double at_low = std::exp(-band_z * defaults.spread);
    const double at_high = std::exp(band_z * defaults.spread);
    for (std::size_t i = 0; i < periods_; ++i) {
        const std::array<double, load_class_count>& loads = table_.loads[i];
        double kw = 0.0;
        for (std::size_t c = 0; c < load_class_count; ++c) {
            kw += shares[c] * loads[c];
        }
        kw *= scale;
        rows.load_kw[i] += static_cast<float>(kw * at_quantile);
        rows.low_kw[i] += static_cast<float>(kw * at_low);
        rows.high_kw[i] += static_cast<float>(kw * at_high);
    }
}

void Projection::add_chargers(const Asset& asset, const LoadRows& rows) const {
    if (asset.num_charging_stations == 0) {
        return;
    }
    const double installed = static_cast<double>(asset.num_charging_stations) * usual_charger_kw(asset);
    const double busiest = installed * charging_coincidence(asset.num_charging_stations);
    constexpr auto ev = static_cast<std::size_t>(LoadClass::ev_charging);
    constexpr double spread = 0.20;
    for (std::size_t i = 0; i < periods_; ++i) {
        add(rows, i, std::min(busiest * table_.loads[i][ev], installed), spread);
    }
}

void Projection::add_cooled_area(const Asset& asset, const LoadRows& rows) const {
    if (asset.surface_area_m2 <= 0.0) {
        return;
    }
    const double demand =
        scenario_.levers.load_factor * price_response(LoadClass::commercial, scenario_.levers.price_factor);
    constexpr double spread = 0.15;
    constexpr double still_weather_c = 5.0;  // nothing is cooled: leaves the hours of use
    const double per_k = asset.surface_area_m2 * cooling_kw_per_m2_k * demand;
    for (std::size_t i = 0; i < periods_; ++i) {
        const double degrees = std::clamp(weather_.felt_c[i] - cooled_floor_base_c, 0.0, cooling_full_k);
        const double use =
            asset.type == AssetType::data_centre
                ? 1.0
                : class_load(LoadClass::commercial, slots_[i], still_weather_c, still_weather_c);
        add(rows, i, per_k * degrees * use, spread);
    }
}

void Projection::add_sunshine(double installed_kw, const LoadRows& rows) const {
    if (installed_kw <= 0.0) {
        return;
    }
    constexpr double spread = 0.20;
    for (std::size_t i = 0; i < periods_; ++i) {
        // The cautious quantile of a load is the cautious quantile of what sunshine takes off it.
        const double kw = installed_kw * sun_pu_[i];
        const auto at = [&](double z) {
            return static_cast<float>(std::min(kw * std::exp(-z * spread), installed_kw));
        };
        rows.load_kw[i] -= at(quantile_z_);
        rows.low_kw[i] -= at(-band_z);
        rows.high_kw[i] -= at(band_z);
    }
}

void Projection::add_battery(const Asset& asset, const LoadRows& rows) const {
    if (is_out(asset)) {
        return;
    }
    const double energy = asset.energy_kwh > 0.0 ? asset.energy_kwh : 2.0 * asset.capacity_kw;
    const double out_h = (discharge_until_min - discharge_from_min) / 60.0;
    const double in_h = (charge_until_min - charge_from_min) / 60.0;
    const double out_kw = std::min(asset.capacity_kw, energy / out_h);
    const double in_kw = std::min(asset.capacity_kw, out_kw * out_h / round_trip / in_h);
    for (std::size_t i = 0; i < periods_; ++i) {
        const int minute = static_cast<int>(slots_[i].half_hour) * 30;
        const bool gives = minute >= discharge_from_min && minute < discharge_until_min;
        const bool takes = minute >= charge_from_min && minute < charge_until_min;
        const auto kw = static_cast<float>(gives ? -out_kw : takes ? in_kw : 0.0);
        rows.load_kw[i] += kw;
        rows.low_kw[i] += kw;
        rows.high_kw[i] += kw;
    }
}

}  // namespace headroom::scenario
