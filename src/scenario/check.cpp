#include "scenario/check.hpp"

#include "core/ids.hpp"
#include "scenario/run.hpp"

#include <chrono>
#include <cmath>
#include <string>
#include <string_view>

namespace headroom::scenario {
namespace {

/// Keeps the first fault.
class Faults {
  public:
    void within(double value, double low, double high, const std::string& pointer) {
        if (!(value >= low && value <= high)) {
            refuse(pointer, "must be between " + number(low) + " and " + number(high));
        }
    }
    void within(const std::optional<double>& value, double low, double high, const std::string& pointer) {
        if (value) {
            within(*value, low, high, pointer);
        }
    }
    void at_most(std::size_t count, std::size_t most, const std::string& pointer) {
        if (count > most) {
            refuse(pointer, "has " + std::to_string(count) + " entries, at most " + std::to_string(most));
        }
    }
    void refuse(const std::string& pointer, const std::string& why) {
        if (!error_) {
            error_ = Error{Errc::invalid, pointer + " " + why, pointer};
        }
    }
    [[nodiscard]] bool ok() const { return !error_; }
    [[nodiscard]] Result<void> result() const { return error_ ? Result<void>(*error_) : Result<void>(); }

  private:
    static std::string number(double value) {
        std::string text = std::to_string(value);
        text.erase(text.find_last_not_of('0') + 1);
        if (text.ends_with('.')) {
            text.pop_back();
        }
        return text;
    }
    std::optional<Error> error_;
};

void check_levers(const Levers& levers, Faults& faults) {
    const std::string at = "/scenario/levers/";
    faults.within(levers.temperature_max_c, -60.0, 60.0, at + "temperature_max_c");
    faults.within(levers.temperature_min_c, -60.0, 60.0, at + "temperature_min_c");
    if (levers.temperature_max_c && levers.temperature_min_c &&
        *levers.temperature_min_c > *levers.temperature_max_c) {
        faults.refuse(at + "temperature_min_c", "is above temperature_max_c");
    }
    faults.within(levers.temperature_offset_k, -20.0, 20.0, at + "temperature_offset_k");
    faults.within(levers.total_rainfall_mm, 0.0, 2000.0, at + "total_rainfall_mm");
    faults.within(levers.rainfall_max_mm_per_h, 0.0, 400.0, at + "rainfall_max_mm_per_h");
    if (levers.total_rainfall_mm && levers.rainfall_max_mm_per_h &&
        *levers.rainfall_max_mm_per_h > *levers.total_rainfall_mm) {
        faults.refuse(at + "rainfall_max_mm_per_h", "is above total_rainfall_mm");
    }
    faults.within(levers.wind_max_m_per_s, 0.0, feeds::wind_max_m_per_s, at + "wind_max_m_per_s");
    faults.within(levers.ev_uptake, 0.0, 20.0, at + "ev_uptake");
    faults.within(levers.der_outage_share, 0.0, 1.0, at + "der_outage_share");
    faults.within(levers.price_factor, 0.05, 20.0, at + "price_factor");
    faults.within(levers.load_factor, 0.0, 10.0, at + "load_factor");
    faults.within(levers.quantile, 0.01, 0.99, at + "quantile");
}

void check_asked(const Scenario& scenario, Faults& faults) {
    if (scenario.hours < 1 || scenario.hours > scenario_hours_max) {
        faults.refuse("/scenario/hours", "must be between 1 and 240");
    }
    if (floor_period(scenario.start) != scenario.start) {
        faults.refuse("/scenario/start", "must be on a full or half hour");
    }
    using namespace std::chrono;
    if (scenario.start < UtcTime{sys_days{1990y / January / 1}} ||
        scenario.start >= UtcTime{sys_days{2100y / January / 1}}) {
        faults.refuse("/scenario/start", "must lie between 1990 and 2099");
    }
    faults.at_most(scenario.lost_elements.size(), lost_elements_max, "/scenario/lost_elements");
    if (scenario.event == Event::loss_of_element && scenario.lost_elements.empty()) {
        faults.refuse("/scenario/lost_elements", "must name at least one element in this event");
    }
    check_levers(scenario.levers, faults);
}

void check_past_values(const History& history, const std::string& at, Faults& faults) {
    faults.at_most(history.load_kw.size(), history_half_hours_max, at + "load_kw");
    if (floor_period(history.start) != history.start) {
        faults.refuse(at + "start", "must be on a full or half hour");
    }
    const auto column = [&](const std::vector<std::optional<double>>& values, const char* name, double low,
                            double high) {
        if (!values.empty() && values.size() != history.load_kw.size()) {
            faults.refuse(at + name, "must be as long as load_kw, or empty");
        }
        for (std::size_t i = 0; i < values.size() && faults.ok(); ++i) {
            if (values[i] && !(*values[i] >= low && *values[i] <= high)) {
                faults.within(*values[i], low, high, at + name + "/" + std::to_string(i));
            }
        }
    };
    column(history.load_kw, "load_kw", -asset_kw_max, asset_kw_max);
    column(history.temperature_c, "temperature_c", -60.0, 60.0);
    column(history.radiation_w_per_m2, "radiation_w_per_m2", 0.0, feeds::radiation_max_w_per_m2);
    column(history.wind_m_per_s, "wind_m_per_s", 0.0, feeds::wind_max_m_per_s);
}

bool is_kw(double value) {
    return value >= 0.0 && value <= asset_kw_max;
}

/// One look at all numbers; the exact fault is looked for only when there is one.
bool is_sound(const Asset& asset) {
    bool sound = is_valid_id(asset.id) && asset.lat >= -90.0 && asset.lat <= 90.0 && asset.lon >= -180.0 &&
                 asset.lon <= 180.0 && asset.capacity_kw > 0.0 && asset.capacity_kw <= asset_kw_max &&
                 asset.flood_zone >= 0 && asset.flood_zone <= 3 && asset.feeds.size() <= asset_links_max &&
                 asset.open_points.size() <= 64 && asset.num_charging_stations >= 0 &&
                 asset.num_charging_stations <= 100'000 && is_kw(asset.charger_kw) && is_kw(asset.peak_kw) &&
                 is_kw(asset.solar_kw) && asset.surface_area_m2 >= 0.0 &&
                 asset.surface_area_m2 <= asset_area_m2_max && asset.energy_kwh >= 0.0 &&
                 asset.energy_kwh <= 1e8 && is_kw(asset.ratings.summer_kw) &&
                 is_kw(asset.ratings.winter_kw) && is_kw(asset.ratings.spring_autumn_kw) &&
                 is_kw(asset.ratings.cyclic_kw);
    for (const double share : asset.mix.shares()) {
        sound = sound && share >= 0.0 && share <= 1e6;
    }
    for (const OpenPoint& point : asset.open_points) {
        sound = sound && is_kw(point.move_kw);
    }
    return sound;
}

void name_fault(const Asset& asset, const std::string& at, Faults& faults) {
    if (!is_valid_id(asset.id)) {
        faults.refuse(at + "id", "'" + asset.id + "' is no id");
    }
    faults.within(asset.lat, -90.0, 90.0, at + "lat");
    faults.within(asset.lon, -180.0, 180.0, at + "lon");
    faults.within(asset.capacity_kw, 1e-6, asset_kw_max, at + "capacity_kw");
    faults.within(asset.flood_zone, 0.0, 3.0, at + "flood_zone");
    faults.at_most(asset.feeds.size(), asset_links_max, at + "feeds");
    faults.at_most(asset.open_points.size(), 64, at + "open_points");
    faults.within(static_cast<double>(asset.num_charging_stations), 0.0, 100'000.0,
                  at + "num_charging_stations");
    faults.within(asset.charger_kw, 0.0, asset_kw_max, at + "charger_kw");
    faults.within(asset.peak_kw, 0.0, asset_kw_max, at + "peak_kw");
    faults.within(asset.solar_kw, 0.0, asset_kw_max, at + "solar_kw");
    faults.within(asset.surface_area_m2, 0.0, asset_area_m2_max, at + "surface_area_m2");
    faults.within(asset.energy_kwh, 0.0, 1e8, at + "energy_kwh");
    faults.within(asset.ratings.summer_kw, 0.0, asset_kw_max, at + "ratings/summer_kw");
    faults.within(asset.ratings.winter_kw, 0.0, asset_kw_max, at + "ratings/winter_kw");
    faults.within(asset.ratings.spring_autumn_kw, 0.0, asset_kw_max, at + "ratings/spring_autumn_kw");
    faults.within(asset.ratings.cyclic_kw, 0.0, asset_kw_max, at + "ratings/cyclic_kw");
    const std::array<double, load_class_count> shares = asset.mix.shares();
    for (std::size_t c = 0; c < load_class_count; ++c) {
        faults.within(shares[c], 0.0, 1e6, at + "mix/" + std::string(to_string(static_cast<LoadClass>(c))));
    }
    for (std::size_t i = 0; i < asset.open_points.size(); ++i) {
        faults.within(asset.open_points[i].move_kw, 0.0, asset_kw_max,
                      at + "open_points/" + std::to_string(i) + "/move_kw");
    }
}

void check_weather(const BaseWeather& weather, Faults& faults) {
    constexpr std::size_t steps_max = 2000;
    faults.at_most(weather.steps.size(), steps_max, "/weather/steps");
    for (std::size_t i = 0; i < weather.steps.size() && faults.ok(); ++i) {
        const feeds::WeatherStep& step = weather.steps[i];
        const std::string at = "/weather/steps/" + std::to_string(i) + "/";
        if (i > 0 && step.at <= weather.steps[i - 1].at) {
            faults.refuse(at + "at", "must be after the step before");
        }
        faults.within(step.temperature_c, -60.0, 60.0, at + "temperature_c");
        faults.within(step.wind_m_per_s, 0.0, feeds::wind_max_m_per_s, at + "wind_m_per_s");
        faults.within(step.radiation_w_per_m2, 0.0, feeds::radiation_max_w_per_m2, at + "radiation_w_per_m2");
        faults.within(step.precipitation_mm, 0.0, feeds::precipitation_max_mm, at + "precipitation_mm");
    }
}

}  // namespace

Result<void> check(const Scenario& scenario, std::span<const Asset> assets, const BaseWeather& weather) {
    Faults faults;
    check_asked(scenario, faults);
    if (!faults.ok()) {
        return faults.result();
    }
    if (assets.empty()) {
        return Error{Errc::not_found, "there are no assets at '" + scenario.place + "'", "/scenario/place"};
    }
    faults.at_most(assets.size(), run_assets_max, "/assets");
    if (assets.size() * static_cast<std::size_t>(scenario.hours) * 2 > run_cells_max) {
        faults.refuse("/scenario/hours", "is too long for " + std::to_string(assets.size()) +
                                             " assets: together at most " + std::to_string(run_cells_max) +
                                             " half-hours");
    }
    for (std::size_t i = 0; i < assets.size() && faults.ok(); ++i) {
        if (!is_sound(assets[i])) {
            name_fault(assets[i], "/assets/" + std::to_string(i) + "/", faults);
        }
        if (assets[i].history) {
            check_past_values(*assets[i].history, "/assets/" + std::to_string(i) + "/history/", faults);
        }
    }
    check_weather(weather, faults);
    return faults.result();
}

}  // namespace headroom::scenario
