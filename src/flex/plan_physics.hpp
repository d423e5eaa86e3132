#pragma once

#include "core/reflect.hpp"
#include "core/time.hpp"

#include <optional>
#include <string>
#include <tuple>

namespace headroom::flex {

// What kinds of DER are by their nature, as a request says it. All of it may be left out.

/// Gives `soc_kwh` above `reserve_kwh`; what it takes back is `efficiency` times stored.
struct PlanBattery {
    double soc_kwh = 0.0;
    double reserve_kwh = 0.0;
    double capacity_kwh = 0.0;
    std::optional<double> discharge_kw = {};
    double charge_kw = 0.0;
    std::optional<double> site_import_kw = {};  ///< room that the site's connection leaves for charging
    double efficiency = 0.9;                    ///< there and back
    std::optional<UtcTime> recharge_by = {};    ///< nothing: when there is room
};

/// A vehicle that charges now, and may charge less.
struct PlanEv {
    double plugged_in_probability = 1.0;
    double charging_kw = 0.0;  ///< what it takes if nobody asks
    double floor_amps = 6.0;   ///< IEC 61851 knows no current below 6 A but none at all
    std::int64_t phases = 1;
    std::optional<UtcTime> needed_by = {};
    double needed_kwh = 0.0;  ///< to be charged from the need's start until then
    std::optional<double> charger_kw = {};
};

struct PlanHeatPump {
    std::string mode = "off";  ///< off: all of its power at once; offset: a part of it
    double room_c = 20.0;
    double floor_c = 18.0;
    double cooling_c_per_hour = 1.0;  ///< while it is off
    std::optional<double> ceiling_c = {};
    double warming_c_per_hour = 0.0;  ///< when it heats ahead
    double min_off_minutes = 0.0;
    double min_on_minutes = 0.0;
};

struct PlanGenerator {
    double start_probability = 1.0;
    double travel_minutes = 0.0;
    std::optional<double> fuel_litres = {};
    double kwh_per_litre = 3.3;
    double fuel_gbp_per_litre = 0.0;
};

/// More that it may take before the need begins: charge, heat or cool ahead. Only where the feeder's headroom
/// is known and holds it.
struct PlanBefore {
    double kw = 0.0;
    double kwh_max = 0.0;
    double gbp_per_kwh = 0.0;
};

/// Power that is promised to another service.
struct PlanCommitment {
    std::string service = {};
    std::string direction = {};
    UtcTime from{};
    UtcTime to{};
    double kw = 0.0;
};

}  // namespace headroom::flex

namespace headroom {

template <>
struct Fields<flex::PlanBattery> {
    using T = flex::PlanBattery;
    static constexpr std::string_view name = "PlanBattery";
    static constexpr auto table = field_table(
        field("soc_kwh", &T::soc_kwh, "Stored now.", {.unit = "kWh", .minimum = 0, .maximum = 1e9}),
        field("reserve_kwh", &T::reserve_kwh, "Stays in it.",
              {.unit = "kWh", .minimum = 0, .maximum = 1e9, .required = false}),
        field("capacity_kwh", &T::capacity_kwh, "Holds at most.",
              {.unit = "kWh", .minimum = 0, .maximum = 1e9}),
        field("discharge_kw", &T::discharge_kw, "The site's limit.",
              {.unit = "kW", .minimum = 0, .maximum = 1e6, .required = false}),
        field("charge_kw", &T::charge_kw, "Largest power of charging; 0: it does not recharge.",
              {.unit = "kW", .minimum = 0, .maximum = 1e6, .required = false}),
        field("site_import_kw", &T::site_import_kw, "Room that the site's connection leaves for charging.",
              {.unit = "kW", .minimum = 0, .maximum = 1e6, .required = false}),
        field("efficiency", &T::efficiency, "There and back.",
              {.minimum = 0.1, .maximum = 1, .required = false}),
        field("recharge_by", &T::recharge_by, "What was given is charged again by then.",
              {.required = false}));
};
template <>
struct Fields<flex::PlanEv> {
    using T = flex::PlanEv;
    static constexpr std::string_view name = "PlanEv";
    static constexpr auto table = field_table(
        field("plugged_in_probability", &T::plugged_in_probability, "That it is there.",
              {.minimum = 0, .maximum = 1, .required = false}),
        field("charging_kw", &T::charging_kw, "What it takes if nobody asks.",
              {.unit = "kW", .minimum = 0, .maximum = 1e4}),
        field("floor_amps", &T::floor_amps, "Charges at least with it, at 230 V.",
              {.unit = "A", .minimum = 0, .maximum = 100, .required = false}),
        field("phases", &T::phases, "1 or 3.", {.minimum = 1, .maximum = 3, .required = false}),
        field("needed_by", &T::needed_by, "It must have `needed_kwh` more by then.", {.required = false}),
        field("needed_kwh", &T::needed_kwh, "From the need's start on.",
              {.unit = "kWh", .minimum = 0, .maximum = 1e5, .required = false}),
        field("charger_kw", &T::charger_kw, "Largest power of the charger; left out: charging_kw.",
              {.unit = "kW", .minimum = 0, .maximum = 1e4, .required = false}));
};
template <>
struct Fields<flex::PlanHeatPump> {
    using T = flex::PlanHeatPump;
    static constexpr std::string_view name = "PlanHeatPump";
    static constexpr auto table = field_table(
        field("mode", &T::mode, "off: all of its power at once; offset: a part of it.",
              {.minimum = 1, .maximum = 8, .required = false}),
        field("room_c", &T::room_c, "Now.", {.unit = "°C", .minimum = -20, .maximum = 60, .required = false}),
        field("floor_c", &T::floor_c, "Never colder.",
              {.unit = "°C", .minimum = -20, .maximum = 60, .required = false}),
        field("cooling_c_per_hour", &T::cooling_c_per_hour, "While it is off.",
              {.unit = "K/h", .minimum = 0.001, .maximum = 50, .required = false}),
        field("ceiling_c", &T::ceiling_c, "Never warmer when it heats ahead.",
              {.unit = "°C", .minimum = -20, .maximum = 60, .required = false}),
        field("warming_c_per_hour", &T::warming_c_per_hour, "When it heats ahead.",
              {.unit = "K/h", .minimum = 0, .maximum = 50, .required = false}),
        field("min_off_minutes", &T::min_off_minutes, "Once off, at least so long.",
              {.unit = "min", .minimum = 0, .maximum = 1e4, .required = false}),
        field("min_on_minutes", &T::min_on_minutes, "Once on again, at least so long.",
              {.unit = "min", .minimum = 0, .maximum = 1e4, .required = false}));
};
template <>
struct Fields<flex::PlanGenerator> {
    using T = flex::PlanGenerator;
    static constexpr std::string_view name = "PlanGenerator";
    static constexpr auto table =
        field_table(field("start_probability", &T::start_probability, "That it starts.",
                          {.minimum = 0, .maximum = 1, .required = false}),
                    field("travel_minutes", &T::travel_minutes, "On top of its notice.",
                          {.unit = "min", .minimum = 0, .maximum = 1e5, .required = false}),
                    field("fuel_litres", &T::fuel_litres, "In its tank; left out: enough.",
                          {.unit = "l", .minimum = 0, .maximum = 1e6, .required = false}),
                    field("kwh_per_litre", &T::kwh_per_litre, "What it makes of it.",
                          {.unit = "kWh/l", .minimum = 0.1, .maximum = 20, .required = false}),
                    field("fuel_gbp_per_litre", &T::fuel_gbp_per_litre, "On top of its price.",
                          {.unit = "GBP/l", .minimum = 0, .maximum = 100, .required = false}));
};
template <>
struct Fields<flex::PlanBefore> {
    using T = flex::PlanBefore;
    static constexpr std::string_view name = "PlanBefore";
    static constexpr auto table =
        field_table(field("kw", &T::kw, "More than usual.", {.unit = "kW", .minimum = 0, .maximum = 1e6}),
                    field("kwh_max", &T::kwh_max, "In all; of a battery no more than it has room for.",
                          {.unit = "kWh", .minimum = 0, .maximum = 1e9}),
                    field("gbp_per_kwh", &T::gbp_per_kwh, "Price of it.",
                          {.unit = "GBP/kWh", .minimum = 0, .maximum = 1000, .required = false}));
};
template <>
struct Fields<flex::PlanCommitment> {
    using T = flex::PlanCommitment;
    static constexpr std::string_view name = "PlanCommitment";
    static constexpr auto table = field_table(
        field("service", &T::service, "NESO-BM, DFS …", {.minimum = 1, .maximum = 64}),
        field("direction", &T::direction, "turn_down or turn_up.", {.minimum = 1, .maximum = 16}),
        field("from", &T::from, "First instant of it."), field("to", &T::to, "First instant after it."),
        field("kw", &T::kw, "Promised.", {.unit = "kW", .minimum = 0, .maximum = 1e6}));
};

}  // namespace headroom
