#pragma once

#include "core/random.hpp"
#include "core/time.hpp"
#include "core/units.hpp"
#include "dispatch/instruction.hpp"
#include "grid/network.hpp"
#include "sim/profiles/class_profiles.hpp"
#include "sim/profiles/weather.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace headroom::sim {

/// What everything in the world sees of one minute.
struct Moment {
    Minute minute = 0;
    std::int64_t local_day = 0;  ///< days since 1970 by the London clock
    int local_minute = 0;        ///< 0…1439 by the London clock
    bool is_working_day = true;
    double outdoor_c = 0.0;
    double evening_peak = 0.0;  ///< 0…1, how much of the world's evening peak is on
    std::array<double, customer_classes> customer_kw{};  ///< of one customer, by class, at this temperature
};

/// One DER as it was installed. Powers in kW, import-positive; energies in kWh.
struct DeviceSpec {
    std::string id;
    grid::DerClass der_class = grid::DerClass::other;
    std::size_t feeder = 0;  ///< index in the world's list
    grid::Phase phase = grid::Phase::sum;
    std::uint64_t entity = 0;         ///< key of its randomness
    double rated_kw = 0.0;            ///< largest import; for a generator its largest feed-in
    double energy_kwh = 0.0;          ///< battery: capacity; heat: what can be held back before it gets cold
    double ramp_kw_per_minute = 0.0;  ///< 0 = at once
    bool is_silent = false;           ///< takes no order and gives no answer
    UtcTime silent_from = UtcTime::max();  ///< the same, from then on
    [[nodiscard]] bool is_silent_at(UtcTime when) const { return is_silent || when >= silent_from; }

    // Electric vehicles: when its driver usually plugs in and how much is charged.
    int arrival_minute = 0;  ///< local
    double need_kwh = 0.0;
    /// On this day it comes at that minute instead: nobody could know before.
    std::int64_t unusual_day = 0;
    int unusual_arrival_minute = -1;

    /// Buildings: until when the plant runs in the evening, local.
    int closing_minute = 0;
};

/// An order as a device follows it.
struct DeviceOrder {
    std::string id;
    dispatch::InstructionKind kind = dispatch::InstructionKind::setpoint;
    Watts value{};
    UtcTime start{};
    UtcTime until{};
    bool operator==(const DeviceOrder&) const = default;
};

/// What orders have changed about a device; everything else is a pure function of time.
struct DeviceState {
    bool is_touched = false;  ///< ever followed an order
    double power_kw = 0.0;    ///< of the last minute
    /// Energy by which orders moved it away from its own course and which it will make up for: a vehicle's
    /// charge still missing, a battery's store below its plan, heat not given. Negative when it is ahead.
    double owed_kwh = 0.0;
    double unmet_kwh = 0.0;           ///< owed by vehicles that drove off before it was charged
    std::vector<DeviceOrder> orders;  ///< oldest first
    bool operator==(const DeviceState&) const = default;
};

/// A vehicle's stay on one day.
struct Session {
    bool happens = false;
    int arrival_minute = 0;  ///< local; charging begins at once
    double need_kwh = 0.0;
};

/// Share of the imported energy that a battery gets into its store; discharging is counted without loss.
inline constexpr double charge_efficiency = 0.9;
/// Vehicles leave at this local minute.
inline constexpr int departure_minute = 7 * 60;

[[nodiscard]] Session session_of(const DeviceSpec& spec, const Random& random, std::int64_t local_day);
/// What a vehicle draws at that local minute of the session's day.
[[nodiscard]] double charging_kw(const DeviceSpec& spec, const Session& session, int local_minute);
/// Whether a vehicle is plugged in at `moment`.
[[nodiscard]] bool is_plugged_in(const DeviceSpec& spec, const Random& random, const Moment& moment);

/// Mean power of the device in that minute when nobody ever told it anything. Pure.
[[nodiscard]] double natural_kw(const DeviceSpec& spec, const Random& random, const Moment& moment);
/// What a battery holds at the begin of the minute when nobody ever told it anything, kWh.
[[nodiscard]] double natural_stored_kwh(const DeviceSpec& spec, const Moment& moment);
/// The lowest store that a battery is discharged to, kWh.
[[nodiscard]] double reserve_kwh(const DeviceSpec& spec);

/// The order that holds for most of that minute: the newest that has begun and not run out. A release ends
/// what came before it.
[[nodiscard]] const DeviceOrder* order_in_force(const DeviceState& state, Minute minute);

/// One minute of the device. Without any order ever, the power is `natural_kw` to the last bit.
/// Energy is conserved: what a vehicle or a battery did not take or gave more is in `owed_kwh` until it is
/// made up for.
[[nodiscard]] double advance(const DeviceSpec& spec, DeviceState& state, const Random& random,
                             const Moment& moment, double natural);

/// Time between an order and the begin of the response, as the class's maker promises.
[[nodiscard]] milliseconds notice_of(grid::DerClass der_class);

/// Lowest and highest setpoint that the device can take.
[[nodiscard]] Watts power_min(const DeviceSpec& spec);
[[nodiscard]] Watts power_max(const DeviceSpec& spec);

}  // namespace headroom::sim
