#include "scenario/class_profiles.hpp"

#include "core/public_holidays.hpp"
#include "feeds/climatology.hpp"
#include "scenario/event_weather.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

namespace headroom::scenario {
namespace {

constexpr std::size_t slots = 48;
using Shape = std::array<double, slots>;

/// A rise around an hour of the day, on a clock face.
struct Bump {
    double hour;
    double width_h;
    double height;
};

Shape shape_of(double base, std::initializer_list<Bump> bumps) {
    Shape shape{};
    for (std::size_t i = 0; i < slots; ++i) {
        const double hour = (static_cast<double>(i) + 0.5) / 2.0;
        double level = base;
        for (const Bump& bump : bumps) {
            const double apart = std::abs(hour - bump.hour);
            const double z = std::min(apart, 24.0 - apart) / bump.width_h;
            level += bump.height * std::exp(-0.5 * z * z);
        }
        shape[i] = level;
    }
    return shape;
}

/// A plateau between two hours with soft edges.
Shape plateau(double base, double from_h, double until_h, double height, double edge_h) {
    Shape shape{};
    for (std::size_t i = 0; i < slots; ++i) {
        const double hour = (static_cast<double>(i) + 0.5) / 2.0;
        const double up = 1.0 / (1.0 + std::exp(-(hour - from_h) / edge_h));
        const double down = 1.0 / (1.0 + std::exp((hour - until_h) / edge_h));
        shape[i] = base + height * up * down;
    }
    return shape;
}

/// Working days and rest days.
struct DayShapes {
    Shape working;
    Shape rest;
    [[nodiscard]] double at(const DaySlot& slot) const {
        return (slot.is_rest_day ? rest : working)[slot.half_hour];
    }
};

// The form of the profile classes: homes rise before work and peak on winter evenings, businesses keep a
// plateau in working hours, works run flatter, chargers fill the evening and night.
const DayShapes& domestic() {
    static const DayShapes shapes{
        shape_of(0.26, {{7.6, 1.2, 0.30}, {12.8, 2.2, 0.14}, {18.4, 2.1, 0.62}, {22.0, 1.5, 0.16}}),
        shape_of(0.28, {{9.6, 2.0, 0.32}, {13.2, 2.2, 0.22}, {18.2, 2.2, 0.56}, {22.0, 1.6, 0.16}})};
    return shapes;
}
const DayShapes& heating() {
    static const DayShapes shapes{shape_of(0.62, {{7.0, 1.6, 0.38}, {18.5, 2.4, 0.30}, {2.5, 2.5, -0.12}}),
                                  shape_of(0.64, {{8.5, 1.9, 0.32}, {18.0, 2.6, 0.28}, {2.5, 2.5, -0.12}})};
    return shapes;
}
const DayShapes& commercial() {
    static const DayShapes shapes{plateau(0.32, 7.2, 18.2, 0.68, 0.6), plateau(0.30, 9.2, 18.0, 0.36, 0.7)};
    return shapes;
}
const DayShapes& industrial() {
    static const DayShapes shapes{plateau(0.55, 6.3, 17.5, 0.45, 0.6), plateau(0.48, 7.0, 15.0, 0.14, 0.8)};
    return shapes;
}
const DayShapes& charging() {
    static const DayShapes shapes{shape_of(0.14, {{19.3, 2.4, 0.78}, {0.5, 2.3, 0.38}, {9.5, 2.0, 0.18}}),
                                  shape_of(0.16, {{18.0, 3.2, 0.58}, {0.5, 2.3, 0.36}, {12.0, 2.6, 0.28}})};
    return shapes;
}

double degrees_above(double value_c, double base_c) {
    return std::max(0.0, value_c - base_c);
}

double domestic_load(const DaySlot& slot, double felt_c) {
    // Light and time indoors follow the season, fans and portable coolers the hot days, pumps and plug-in
    // heaters the cold ones.
    const double seasonal = 1.0 + 0.13 * slot.winter;
    const double cold = 0.010 * degrees_above(15.5, felt_c);
    const double hot = 0.016 * std::min(degrees_above(felt_c, 22.0), 20.0);
    return domestic().at(slot) * (seasonal + cold + hot) / 1.25;
}

double heating_load(const DaySlot& slot, double felt_c, double air_c) {
    constexpr double design_degrees = 17.5;  // 15.5 °C down to -2 °C
    constexpr double hot_water = 0.10;
    // Heat pumps lose about 1.5 % of their efficiency with every degree below 7 °C.
    const double per_heat = 1.0 + 0.015 * degrees_above(7.0, air_c);
    const double degrees = degrees_above(15.5, felt_c);
    return heating().at(slot) * (hot_water + (1.0 - hot_water) * degrees / design_degrees * per_heat) / 1.1;
}

double commercial_load(const DaySlot& slot, double felt_c) {
    // Cooling starts at the outdoor temperature at which sun and people alone keep a building warm, and ends
    // where the plant has no more.
    const double cooling = 0.024 * std::min(degrees_above(felt_c, 15.0), 25.0);
    return commercial().at(slot) * (1.0 + cooling);
}

double industrial_load(const DaySlot& slot, double felt_c) {
    return industrial().at(slot) * (1.0 + 0.004 * std::min(degrees_above(felt_c, 18.0), 25.0));
}

double charging_load(const DaySlot& slot, double air_c) {
    // Cars use more in the cold.
    return charging().at(slot) * (1.0 + 0.010 * std::min(degrees_above(15.0, air_c), 25.0));
}

double data_centre_load(double air_c) {
    // Computing is flat; chillers take over from outside air.
    return 0.86 + 0.009 * std::min(degrees_above(air_c, 12.0), 30.0);
}

constexpr TypeDefaults substation{
    {.domestic = 0.42, .electric_heating = 0.08, .commercial = 0.36, .industrial = 0.10, .ev_charging = 0.04},
    0.80,
    0.06};
constexpr TypeDefaults feeder{
    {.domestic = 0.62, .electric_heating = 0.10, .commercial = 0.20, .industrial = 0.02, .ev_charging = 0.06},
    0.75,
    0.10};
constexpr TypeDefaults ev_hub{{.ev_charging = 1.0}, 0.70, 0.20};
constexpr TypeDefaults data_centre{{.data_centre = 1.0}, 0.75, 0.05};
constexpr TypeDefaults heat_network{{.electric_heating = 1.0}, 0.85, 0.10};
constexpr TypeDefaults building{{.commercial = 1.0}, 0.75, 0.10};
constexpr TypeDefaults hospital{{.commercial = 0.75, .data_centre = 0.25}, 0.75, 0.06};
constexpr TypeDefaults other{{.domestic = 0.4, .commercial = 0.4, .industrial = 0.2}, 0.75, 0.12};
constexpr TypeDefaults generation{{}, 0.0, 0.15};

}  // namespace

DaySlot day_slot(UtcTime at) {
    const int minute = local_minute_of_day(at);
    const std::chrono::year_month_day date = settlement_period(at).date;
    const std::chrono::sys_days new_year{date.year() / std::chrono::January / 1};
    const auto day_of_year = static_cast<double>((std::chrono::sys_days{date} - new_year).count());
    constexpr double coldest_day = 15.0;
    const unsigned weekday = local_weekday(at);
    return {.half_hour = static_cast<std::size_t>(minute / 30),
            .is_rest_day = weekday == 0 || weekday == 6 || is_public_holiday(Region::england_and_wales, date),
            .winter = std::cos(2.0 * std::numbers::pi * (day_of_year - coldest_day) / 365.25)};
}

double class_load(LoadClass load_class, const DaySlot& slot, double felt_c, double air_c) {
    switch (load_class) {
        case LoadClass::domestic:
            return domestic_load(slot, felt_c);
        case LoadClass::electric_heating:
            return heating_load(slot, felt_c, air_c);
        case LoadClass::commercial:
            return commercial_load(slot, felt_c);
        case LoadClass::industrial:
            return industrial_load(slot, felt_c);
        case LoadClass::ev_charging:
            return charging_load(slot, air_c);
        case LoadClass::data_centre:
            return data_centre_load(air_c);
    }
    return 0.0;
}

double price_response(LoadClass load_class, double factor) {
    // Short-run elasticities; homes and works from surveys of the literature (Labandeira et al. 2017, about
    // -0.13 for electricity), charging from trials of time-of-use tariffs, the others our own caution.
    constexpr std::array<double, load_class_count> elasticity{-0.12, -0.15, -0.05, -0.10, -0.30, -0.01};
    return std::clamp(std::pow(factor, elasticity[static_cast<std::size_t>(load_class)]), 0.5, 1.5);
}

ClassTable make_class_table(const Scenario& scenario, std::span<const double> air_c,
                            std::span<const double> felt_c, double lat, double lon, double ev_factor) {
    ClassTable table;
    std::array<double, load_class_count> factors{};
    for (std::size_t c = 0; c < load_class_count; ++c) {
        factors[c] = scenario.levers.load_factor *
                     price_response(static_cast<LoadClass>(c), scenario.levers.price_factor);
    }
    factors[static_cast<std::size_t>(LoadClass::ev_charging)] *= scenario.levers.ev_uptake * ev_factor;
    table.loads.resize(air_c.size());
    for (std::size_t i = 0; i < air_c.size(); ++i) {
        const DaySlot slot = day_slot(scenario.start + static_cast<std::int64_t>(i) * period_length);
        for (std::size_t c = 0; c < load_class_count; ++c) {
            table.loads[i][c] = factors[c] * class_load(static_cast<LoadClass>(c), slot, felt_c[i], air_c[i]);
        }
    }

    // A usual year's coldest day is some 6 K below January's mean, its hottest some 8 K above July's.
    struct UsualDay {
        Date date;
        double offset_k;
    };
    using namespace std::chrono;
    constexpr std::array<UsualDay, 5> days{{{2025y / January / 15, -6.0},
                                            {2025y / January / 18, 0.0},
                                            {2025y / April / 15, 0.0},
                                            {2025y / July / 15, 8.0},
                                            {2025y / October / 15, 0.0}}};
    for (const UsualDay& day : days) {
        std::vector<double> air(slots);
        const UtcTime midnight = start_of_settlement_day(day.date);
        for (std::size_t i = 0; i < slots; ++i) {
            const UtcTime at = midnight + static_cast<std::int64_t>(i) * period_length;
            air[i] =
                feeds::climatology::typical_hour(lat, lon, at).temperature_c.value_or(10.0) + day.offset_k;
        }
        const std::vector<double> felt = felt_temperature(air);
        for (std::size_t i = 0; i < slots; ++i) {
            const DaySlot slot = day_slot(midnight + static_cast<std::int64_t>(i) * period_length);
            auto& row = table.usual_year.emplace_back();
            for (std::size_t c = 0; c < load_class_count; ++c) {
                row[c] = class_load(static_cast<LoadClass>(c), slot, felt[i], air[i]);
            }
        }
    }
    return table;
}

double usual_peak(const ClassTable& table, const std::array<double, load_class_count>& shares) {
    double peak = 0.0;
    for (const auto& row : table.usual_year) {
        double load = 0.0;
        for (std::size_t c = 0; c < load_class_count; ++c) {
            load += shares[c] * row[c];
        }
        peak = std::max(peak, load);
    }
    return peak;
}

const TypeDefaults& defaults_of(AssetType type) {
    switch (type) {
        case AssetType::substation:
            return substation;
        case AssetType::feeder:
            return feeder;
        case AssetType::ev_hub:
            return ev_hub;
        case AssetType::data_centre:
            return data_centre;
        case AssetType::heat_network:
            return heat_network;
        case AssetType::building:
            return building;
        case AssetType::hospital:
            return hospital;
        case AssetType::solar_farm:
        case AssetType::battery:
            return generation;
        case AssetType::other:
            break;
    }
    return other;
}

}  // namespace headroom::scenario
