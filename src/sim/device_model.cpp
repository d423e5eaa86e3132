#include "sim/device_model.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::sim {
namespace {

constexpr double minute_h = 1.0 / 60.0;
constexpr double settled_kwh = 1e-9;  ///< less than this is made up for
constexpr std::uint64_t session_stream = 21;
constexpr std::uint64_t need_stream = 22;
constexpr std::uint64_t skip_stream = 23;
constexpr std::uint64_t heat_stream = 24;
constexpr std::uint64_t stagger_stream = 25;

// A battery's day: filled at night, a little given in the morning, held for the evening peak, given late.
constexpr int charge_begin = 60;
constexpr int charge_end = 240;
constexpr int morning_begin = 405;
constexpr int morning_end = 495;
constexpr int late_begin = 1245;
constexpr int late_end = 1365;
constexpr double full_share = 0.95;
constexpr double morning_share = 0.15;
constexpr double late_share = 0.35;
constexpr double reserve_share = 0.10;
/// What orders have taken is filled up again in the cheap hours.
constexpr int refill_begin = late_end + 15;
constexpr int refill_end = morning_begin;

/// Vehicles make up for what was held back after the evening peak, each after its own wait so that they do
/// not begin together.
constexpr int payback_begin = 22 * 60;
constexpr double payback_stagger_minutes = 90.0;

/// Heat held back is given again with this time constant, and so much of it.
constexpr double heat_payback_h = 1.5;
constexpr double heat_payback_share = 0.8;

double hours_in(int local_minute, int begin, int end) {
    return static_cast<double>(std::clamp(local_minute, begin, end) - begin) / 60.0;
}

bool is_between(int local_minute, int begin, int end) {
    return begin <= local_minute && local_minute < end;
}

double battery_natural_kw(const DeviceSpec& spec, int local_minute) {
    if (is_between(local_minute, charge_begin, charge_end)) {
        return spec.energy_kwh * (morning_share + late_share) / charge_efficiency /
               hours_in(charge_end, charge_begin, charge_end);
    }
    if (is_between(local_minute, morning_begin, morning_end)) {
        return -spec.energy_kwh * morning_share / hours_in(morning_end, morning_begin, morning_end);
    }
    if (is_between(local_minute, late_begin, late_end)) {
        return -spec.energy_kwh * late_share / hours_in(late_end, late_begin, late_end);
    }
    return 0.0;
}

double heat_pump_natural_kw(const DeviceSpec& spec, const Random& random, const Moment& moment) {
    constexpr double indoor_c = 19.0;
    constexpr double design_c = -6.0;
    const double duty = std::clamp((indoor_c - moment.outdoor_c) / (indoor_c - design_c), 0.0, 1.0);
    const bool is_comfort_time =
        is_between(moment.local_minute, 360, 540) || is_between(moment.local_minute, 960, 1320);
    const double noise = lattice_noise(random, spec.entity, moment.minute, 30, heat_stream);
    const double share = duty * (is_comfort_time ? 1.0 : 0.8) * (1.0 + 0.03 * noise);
    return spec.rated_kw * std::clamp(share, 0.0, 1.0);
}

double building_natural_kw(const DeviceSpec& spec, const Random& random, const Moment& moment) {
    constexpr int opening_minute = 390;
    constexpr double closed_share = 0.18;
    const double heat = std::clamp((20.0 - moment.outdoor_c) / 28.0, 0.1, 1.0);
    const double noise = lattice_noise(random, spec.entity, moment.minute, 30, heat_stream);
    const bool is_open = is_between(moment.local_minute, opening_minute, spec.closing_minute);
    return spec.rated_kw *
           std::clamp((is_open ? heat : heat * closed_share) * (1.0 + 0.03 * noise), 0.0, 1.0);
}

bool makes_up_now(const DeviceSpec& spec, const Random& random, const Moment& moment) {
    switch (spec.der_class) {
        case grid::DerClass::ev_charger: {
            const int wait =
                static_cast<int>(payback_stagger_minutes * random.uniform(spec.entity, 0, stagger_stream));
            return moment.local_minute >= payback_begin + wait || moment.local_minute < departure_minute;
        }
        case grid::DerClass::battery:
            return moment.local_minute >= refill_begin || moment.local_minute < refill_end;
        default:
            return true;
    }
}

/// Power with which the device goes on when nothing is asked of it: its own course, and making up for what it
/// owes.
double demand_kw(const DeviceSpec& spec, const DeviceState& state, const Random& random, const Moment& moment,
                 double natural) {
    const double owed = state.owed_kwh;
    if (owed == 0.0 || !makes_up_now(spec, random, moment)) {
        return natural;
    }
    switch (spec.der_class) {
        case grid::DerClass::ev_charger:
            if (!is_plugged_in(spec, random, moment)) {
                return natural;
            }
            return std::clamp(natural + owed / minute_h, 0.0, spec.rated_kw);
        case grid::DerClass::battery: {
            // Ahead of its plan, it charges less; behind, more.
            const double wanted = natural + owed / charge_efficiency / minute_h;
            return owed > 0.0 ? std::clamp(wanted, natural, std::max(natural, spec.rated_kw))
                              : std::clamp(wanted, std::min(natural, 0.0), natural);
        }
        case grid::DerClass::heat_pump:
        case grid::DerClass::hvac: {
            const bool is_last = owed < 0.02;
            const double extra = is_last ? owed / minute_h : owed / heat_payback_h;
            return std::clamp(natural + extra, 0.0, std::max(natural, spec.rated_kw));
        }
        default:
            return natural;
    }
}

double obeyed_kw(const DeviceOrder& order, double demand) {
    const double value = to_kilowatts(order.value).value;
    switch (order.kind) {
        case dispatch::InstructionKind::setpoint:
            return value;
        case dispatch::InstructionKind::limit_import:
            return std::min(demand, value);
        case dispatch::InstructionKind::limit_export:
            return std::max(demand, value);
        case dispatch::InstructionKind::release:
            break;
    }
    return demand;
}

/// What physics and the people behind the device allow, whatever was asked.
double possible_kw(const DeviceSpec& spec, const DeviceState& state, const Random& random,
                   const Moment& moment, double natural, double wanted) {
    switch (spec.der_class) {
        case grid::DerClass::ev_charger: {
            const bool is_there = is_plugged_in(spec, random, moment);
            const double most =
                is_there ? std::clamp(natural + state.owed_kwh / minute_h, 0.0, spec.rated_kw) : 0.0;
            return std::clamp(wanted, 0.0, std::max(most, is_there ? 0.0 : natural));
        }
        case grid::DerClass::battery: {
            const double stored = natural_stored_kwh(spec, moment) - state.owed_kwh;
            const double most_out = std::max(0.0, stored - reserve_kwh(spec)) / minute_h;
            const double most_in = std::max(0.0, spec.energy_kwh - stored) / charge_efficiency / minute_h;
            return std::clamp(wanted, -std::min(spec.rated_kw, most_out), std::min(spec.rated_kw, most_in));
        }
        case grid::DerClass::heat_pump:
        case grid::DerClass::hvac: {
            // A house that has got cold heats, and tells nobody.
            const bool is_cold = state.owed_kwh >= spec.energy_kwh * heat_payback_share;
            const double least = is_cold ? natural : 0.0;
            return std::clamp(wanted, least, std::max(natural, spec.rated_kw));
        }
        case grid::DerClass::generator:
            return std::clamp(wanted, -spec.rated_kw, 0.0);
        default:
            return natural;
    }
}

double store_change_kwh(double power_kw) {
    return (power_kw < 0.0 ? power_kw : power_kw * charge_efficiency) * minute_h;
}

/// Enters the difference between the device's own course and what it did into what it owes.
void keep_account(const DeviceSpec& spec, DeviceState& state, const Random& random, const Moment& moment,
                  double natural, double power) {
    switch (spec.der_class) {
        case grid::DerClass::ev_charger:
            state.owed_kwh += (natural - power) * minute_h;
            if (state.owed_kwh != 0.0 && !is_plugged_in(spec, random, moment)) {
                state.unmet_kwh += state.owed_kwh;
                state.owed_kwh = 0.0;
            }
            break;
        case grid::DerClass::battery:
            state.owed_kwh += store_change_kwh(natural) - store_change_kwh(power);
            break;
        case grid::DerClass::heat_pump:
        case grid::DerClass::hvac:
            state.owed_kwh +=
                (natural > power ? (natural - power) * heat_payback_share : natural - power) * minute_h;
            break;
        default:
            break;
    }
    if (std::abs(state.owed_kwh) < settled_kwh) {
        state.owed_kwh = 0.0;
    }
}

}  // namespace

Session session_of(const DeviceSpec& spec, const Random& random, std::int64_t local_day) {
    constexpr double skip_chance = 0.04;
    constexpr int latest_minute = 1435;
    const auto day = static_cast<std::uint64_t>(local_day);
    Session session;
    session.need_kwh = spec.need_kwh * (0.85 + 0.3 * random.uniform(spec.entity, day, need_stream));
    if (spec.unusual_arrival_minute >= 0 && local_day == spec.unusual_day) {
        session.happens = true;
        session.arrival_minute = spec.unusual_arrival_minute;
    } else {
        session.happens = random.uniform(spec.entity, day, skip_stream) >= skip_chance;
        session.arrival_minute =
            spec.arrival_minute + static_cast<int>(random.below(25, spec.entity, day, session_stream)) - 12;
    }
    // Charging ends on the day it began, so that a minute asks for one session only.
    const double last_kwh =
        spec.rated_kw * minute_h * static_cast<double>(latest_minute - session.arrival_minute);
    session.need_kwh = std::clamp(session.need_kwh, 0.0, std::max(0.0, last_kwh));
    return session;
}

double charging_kw(const DeviceSpec& spec, const Session& session, int local_minute) {
    if (!session.happens || local_minute < session.arrival_minute) {
        return 0.0;
    }
    const double charged_kwh =
        spec.rated_kw * minute_h * static_cast<double>(local_minute - session.arrival_minute);
    return std::clamp((session.need_kwh - charged_kwh) / minute_h, 0.0, spec.rated_kw);
}

bool is_plugged_in(const DeviceSpec& spec, const Random& random, const Moment& moment) {
    const Session today = session_of(spec, random, moment.local_day);
    if (today.happens && moment.local_minute >= today.arrival_minute) {
        return true;
    }
    return moment.local_minute < departure_minute && session_of(spec, random, moment.local_day - 1).happens;
}

double natural_kw(const DeviceSpec& spec, const Random& random, const Moment& moment) {
    switch (spec.der_class) {
        case grid::DerClass::battery:
            return battery_natural_kw(spec, moment.local_minute);
        case grid::DerClass::ev_charger:
            return charging_kw(spec, session_of(spec, random, moment.local_day), moment.local_minute);
        case grid::DerClass::heat_pump:
            return heat_pump_natural_kw(spec, random, moment);
        case grid::DerClass::hvac:
            return building_natural_kw(spec, random, moment);
        default:
            return 0.0;
    }
}

double natural_stored_kwh(const DeviceSpec& spec, const Moment& moment) {
    if (spec.der_class != grid::DerClass::battery) {
        return 0.0;
    }
    const int now = moment.local_minute;
    const double full = full_share;
    double share = full - morning_share - late_share;
    share += (morning_share + late_share) * hours_in(now, charge_begin, charge_end) /
             hours_in(charge_end, charge_begin, charge_end);
    share -= morning_share * hours_in(now, morning_begin, morning_end) /
             hours_in(morning_end, morning_begin, morning_end);
    share -= late_share * hours_in(now, late_begin, late_end) / hours_in(late_end, late_begin, late_end);
    return spec.energy_kwh * share;
}

double reserve_kwh(const DeviceSpec& spec) {
    return spec.energy_kwh * reserve_share;
}

const DeviceOrder* order_in_force(const DeviceState& state, Minute minute) {
    const UtcTime middle = to_time(minute) + seconds{30};
    for (auto order = state.orders.rbegin(); order != state.orders.rend(); ++order) {
        if (order->start > middle) {
            continue;
        }
        if (order->kind == dispatch::InstructionKind::release) {
            return nullptr;
        }
        if (middle < order->until) {
            return &*order;
        }
    }
    return nullptr;
}

double advance(const DeviceSpec& spec, DeviceState& state, const Random& random, const Moment& moment,
               double natural) {
    if (!state.is_touched) {
        state.power_kw = natural;
        return natural;
    }
    const double demand = demand_kw(spec, state, random, moment, natural);
    const DeviceOrder* order = order_in_force(state, moment.minute);
    double power = order != nullptr ? obeyed_kw(*order, demand) : demand;
    if (spec.ramp_kw_per_minute > 0.0) {
        power = std::clamp(power, state.power_kw - spec.ramp_kw_per_minute,
                           state.power_kw + spec.ramp_kw_per_minute);
    }
    if (order != nullptr || state.owed_kwh != 0.0 || power != natural) {
        power = possible_kw(spec, state, random, moment, natural, power);
    }
    keep_account(spec, state, random, moment, natural, power);
    state.power_kw = power;
    const UtcTime begin = to_time(moment.minute);
    // Kept a while after they have run out: a release must go on ending what came before it.
    std::erase_if(state.orders, [begin](const DeviceOrder& old) { return old.until + hours{1} < begin; });
    return power;
}

milliseconds notice_of(grid::DerClass der_class) {
    switch (der_class) {
        case grid::DerClass::battery:
            return seconds{20};
        case grid::DerClass::ev_charger:
            return seconds{60};
        case grid::DerClass::heat_pump:
            return minutes{2};
        default:
            return minutes{4};
    }
}

Watts power_min(const DeviceSpec& spec) {
    const bool feeds_in =
        spec.der_class == grid::DerClass::battery || spec.der_class == grid::DerClass::generator;
    return feeds_in ? -to_watts(Kilowatts{spec.rated_kw}) : Watts{};
}

Watts power_max(const DeviceSpec& spec) {
    return spec.der_class == grid::DerClass::generator ? Watts{} : to_watts(Kilowatts{spec.rated_kw});
}

}  // namespace headroom::sim
