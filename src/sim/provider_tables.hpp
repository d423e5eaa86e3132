#pragma once

// A catalogue file's tables as they are written, before they become a ProviderList. Not for others.

#include "core/reflect_json.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace headroom::sim::provider_tables {

struct Der {
    std::string id;
    std::string name;
    std::string kind;
    std::string feeder;
    std::string phase = "sum";
    std::string direction = "turn_down";
    double latitude = 0.0;
    double longitude = 0.0;
    double capacity_kw = 0.0;
    double energy_kwh = 0.0;
    double response_s = 0.0;
    double ramp_kw_per_s = 0.0;
    std::int64_t min_duration_minutes = 0;
    std::int64_t max_duration_minutes = 0;
    std::string from = "00:00";
    std::string until = "24:00";
    double price_gbp_per_kwh = 0.0;
    double availability_gbp_per_mw_h = 0.0;
    double reliability = 1.0;
    std::string baseline_method;
};
struct Window {
    std::string id;
    std::string name;
    std::string grid_area;
    std::string grid_zone;
    double latitude = 0.0;
    double longitude = 0.0;
    std::string from = "00:00";
    std::string until = "24:00";
    double capacity_mw = 0.0;
    double price_gbp_per_kwh = 0.0;
    std::int64_t carbon_g_per_kwh = 0;
    double renewable_percent = 0.0;
    double reliability = 1.0;
    double response_s = 0.0;
};
struct Provider {
    std::string id;
    std::string name;
    std::string subscriber_id;
    std::vector<Der> der;
    std::vector<Window> window;
};
struct File {
    std::string title;
    std::vector<Provider> provider;
};

}  // namespace headroom::sim::provider_tables

namespace headroom {

template <>
struct Fields<sim::provider_tables::Der> {
    using T = sim::provider_tables::Der;
    static constexpr std::string_view name = "ListedDer";
    static constexpr auto table = field_table(
        field("id", &T::id, "Its id, one in the file.", {.minimum = 1, .maximum = 60}),
        field("name", &T::name, "As pages show it.", {.maximum = 80, .required = false}),
        field("kind", &T::kind, "battery, ev_charger, heat_pump, hvac, generator or other.",
              {.minimum = 1, .maximum = 32}),
        field("feeder", &T::feeder, "Where it is; * for what can be taken anywhere.",
              {.minimum = 1, .maximum = 64}),
        field("phase", &T::phase, "L1, L2, L3 or sum.", {.maximum = 8, .required = false}),
        field("direction", &T::direction, "turn_down, turn_up or both.", {.maximum = 16, .required = false}),
        field("latitude", &T::latitude, "Where it stands.",
              {.unit = "°", .minimum = -90, .maximum = 90, .required = false}),
        field("longitude", &T::longitude, "Where it stands.",
              {.unit = "°", .minimum = -180, .maximum = 180, .required = false}),
        field("capacity_kw", &T::capacity_kw, "Largest change of its load.",
              {.unit = "kW", .minimum = 0.001, .maximum = 100'000}),
        field("energy_kwh", &T::energy_kwh, "Over one event; 0 for no limit.",
              {.unit = "kWh", .minimum = 0, .maximum = 10'000'000, .required = false}),
        field("response_s", &T::response_s, "From instruction to effect.",
              {.unit = "s", .minimum = 0, .maximum = 86'400, .required = false}),
        field("ramp_kw_per_s", &T::ramp_kw_per_s, "0 for at once.",
              {.unit = "kW/s", .minimum = 0, .maximum = 100'000, .required = false}),
        field("min_duration_minutes", &T::min_duration_minutes, "Shortest run.",
              {.unit = "min", .minimum = 0, .maximum = 1440, .required = false}),
        field("max_duration_minutes", &T::max_duration_minutes, "Longest run; 0 for no limit.",
              {.unit = "min", .minimum = 0, .maximum = 10'080, .required = false}),
        field("from", &T::from, "Available from, each day, UTC.", {.maximum = 5, .required = false}),
        field("until", &T::until, "Available until, each day, UTC; may be past midnight.",
              {.maximum = 5, .required = false}),
        field("price_gbp_per_kwh", &T::price_gbp_per_kwh, "Of delivered energy.",
              {.unit = "£/kWh", .minimum = 0, .maximum = 100}),
        field("availability_gbp_per_mw_h", &T::availability_gbp_per_mw_h,
              "Of a megawatt that stands ready for an hour.",
              {.unit = "£/MW/h", .minimum = 0, .maximum = 100'000, .required = false}),
        field("reliability", &T::reliability, "Share delivered in the past.",
              {.minimum = 0, .maximum = 1, .required = false}),
        field("baseline_method", &T::baseline_method, "Settlement profile.",
              {.maximum = 32, .required = false}));
};
template <>
struct Fields<sim::provider_tables::Window> {
    using T = sim::provider_tables::Window;
    static constexpr std::string_view name = "ListedWindow";
    static constexpr auto table = field_table(
        field("id", &T::id, "Its id, one in the file.", {.minimum = 1, .maximum = 48}),
        field("name", &T::name, "As pages show it.", {.maximum = 80, .required = false}),
        field("grid_area", &T::grid_area, "Region.", {.minimum = 1, .maximum = 64}),
        field("grid_zone", &T::grid_zone, "Zone of the transmission grid.", {.minimum = 1, .maximum = 64}),
        field("latitude", &T::latitude, "Where it is.",
              {.unit = "°", .minimum = -90, .maximum = 90, .required = false}),
        field("longitude", &T::longitude, "Where it is.",
              {.unit = "°", .minimum = -180, .maximum = 180, .required = false}),
        field("from", &T::from, "Begin, each day, UTC.", {.maximum = 5, .required = false}),
        field("until", &T::until, "End, each day, UTC; may be past midnight.",
              {.maximum = 5, .required = false}),
        field("capacity_mw", &T::capacity_mw, "Power for computing.",
              {.unit = "MW", .minimum = 0.001, .maximum = 100}),
        field("price_gbp_per_kwh", &T::price_gbp_per_kwh, "Of energy used.",
              {.unit = "£/kWh", .minimum = 0, .maximum = 100}),
        field("carbon_g_per_kwh", &T::carbon_g_per_kwh, "Carbon intensity of the zone.",
              {.unit = "g/kWh", .minimum = 0, .maximum = 2000}),
        field("renewable_percent", &T::renewable_percent, "Share of renewable power.",
              {.unit = "%", .minimum = 0, .maximum = 100}),
        field("reliability", &T::reliability, "Share delivered in the past.",
              {.minimum = 0, .maximum = 1, .required = false}),
        field("response_s", &T::response_s, "From order to power.",
              {.unit = "s", .minimum = 0, .maximum = 86'400, .required = false}));
};
template <>
struct Fields<sim::provider_tables::Provider> {
    using T = sim::provider_tables::Provider;
    static constexpr std::string_view name = "ListedProvider";
    static constexpr auto table = field_table(
        field("id", &T::id, "Short id, part of its address.", {.minimum = 1, .maximum = 64}),
        field("name", &T::name, "As pages show it.", {.minimum = 1, .maximum = 80}),
        field("subscriber_id", &T::subscriber_id, "Its name in the network (bpp_id).",
              {.maximum = 255, .required = false}),
        field("der", &T::der, "What it has under contract.", {.maximum = 50'000, .required = false}),
        field("window", &T::window, "Its compute-energy windows.", {.maximum = 1'000, .required = false}));
};
template <>
struct Fields<sim::provider_tables::File> {
    using T = sim::provider_tables::File;
    static constexpr std::string_view name = "ProviderList";
    static constexpr auto table =
        field_table(field("title", &T::title, "What the list is called.", {.maximum = 80, .required = false}),
                    field("provider", &T::provider, "The providers.", {.minimum = 1, .maximum = 1'000}));
};

}  // namespace headroom
