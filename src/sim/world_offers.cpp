// What the simulated providers have to offer.
#include "sim/world.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace headroom::sim {
namespace {

constexpr std::uint64_t price_stream = 61;
constexpr double sure_share = 0.9;  ///< providers promise a little less than they expect
constexpr Watts power_least{500};   ///< less is not worth an offer

constexpr std::string_view batteries = "tesla-vpp";
constexpr std::string_view vehicles = "chargepoint";
constexpr std::string_view buildings = "honeywell";
constexpr std::string_view generation = "mobile-generation";

/// Terms of a class of devices. Prices in pence per kWh.
struct Terms {
    double pence_low;
    double pence_high;
    std::int64_t reliability_ppm;
    minutes duration_max;  ///< 0 = as long as its energy lasts
    std::string_view baseline;
};

Terms terms_of(const DeviceSpec& spec) {
    switch (spec.der_class) {
        case grid::DerClass::battery:
            return spec.phase == grid::Phase::sum ? Terms{18.0, 26.0, 980'000, minutes{0}, "bl01"}
                                                  : Terms{22.0, 34.0, 970'000, minutes{0}, "bl01"};
        case grid::DerClass::ev_charger:
            return {15.0, 27.0, 920'000, minutes{0}, "bl01"};
        case grid::DerClass::heat_pump:
            return {27.0, 44.0, 940'000, minutes{120}, "bl01"};
        case grid::DerClass::hvac:
            return {25.0, 42.0, 940'000, minutes{120}, "bl01"};
        default:
            return {52.0, 60.0, 960'000, minutes{0}, "zero"};
    }
}

}  // namespace

std::string provider_of(grid::DerClass der_class) {
    switch (der_class) {
        case grid::DerClass::battery:
            return std::string(batteries);
        case grid::DerClass::ev_charger:
            return std::string(vehicles);
        case grid::DerClass::heat_pump:
        case grid::DerClass::hvac:
            return std::string(buildings);
        default:
            return std::string(generation);
    }
}

std::vector<std::string> provider_ids() {
    std::vector<std::string> ids;
    for (const std::string_view id : {batteries, vehicles, buildings, generation}) {
        ids.emplace_back(id);
    }
    return ids;
}

std::vector<ProviderSpec> World::providers() const {
    const auto make = [](std::string_view id, std::string name) {
        ProviderSpec provider;
        provider.id = std::string(id);
        provider.name = std::move(name);
        provider.subscriber_id = std::string(id) + ".bpp.example";
        return provider;
    };
    return {make(batteries, "Tesla Virtual Power Plant"), make(vehicles, "ChargePoint Network"),
            make(buildings, "Honeywell Smart Grid Solutions"), make(generation, "Mobile Generation Pool")};
}

Catalogue World::catalogue() const {
    return [this](const std::string& provider, const std::string& feeder, UtcTime from, UtcTime to) {
        return offers(provider, feeder, from, to);
    };
}

/// The low-voltage feeder of that name, or those below the high-voltage one.
std::vector<std::size_t> World::feeders_at(const std::string& id) const {
    for (std::size_t f = 0; f < plan_->feeders().size(); ++f) {
        if (plan_->feeders()[f].id == id) {
            return {f};
        }
    }
    for (const HvFeederModel& hv : plan_->hv_feeders()) {
        if (hv.id == id) {
            return hv.feeders;
        }
    }
    return {};
}

std::vector<flex::Offer> World::offers(const std::string& provider, const std::string& feeder, UtcTime from,
                                       UtcTime to) const {
    std::vector<flex::Offer> found;
    for (const std::size_t f : to <= from ? std::vector<std::size_t>{} : feeders_at(feeder)) {
        for (const std::size_t index : devices_by_feeder_[f]) {
            if (provider_of(device(index).der_class) != provider) {
                continue;
            }
            if (std::optional<flex::Offer> offer = offer_of(index, from, to)) {
                found.push_back(std::move(*offer));
            }
        }
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    return found;
}

std::optional<flex::Offer> World::offer_of(std::size_t index, UtcTime from, UtcTime to) const {
    const DeviceSpec& spec = device(index);
    const DeviceState& state = states_[index];
    const Random& random = plan_->random();
    double power_kw = 0.0;
    double energy_kwh = 0.0;
    UtcTime available_from = from;
    UtcTime available_until = to;
    switch (spec.der_class) {
        case grid::DerClass::battery: {
            power_kw = spec.rated_kw;
            energy_kwh = natural_stored_kwh(spec, plan_->moment(to_minute(std::max(from, now())))) -
                         state.owed_kwh - reserve_kwh(spec);
            break;
        }
        case grid::DerClass::ev_charger: {
            const Moment present = plan_->moment(minute_);
            const Minute midnight = minute_ - present.local_minute;
            const Session today = session_of(spec, random, present.local_day);
            const bool is_here = today.happens && present.local_minute >= today.arrival_minute;
            // The operator sees who is plugged in, and expects the others when they usually come.
            constexpr int habit_margin = 15;
            const int begin = is_here ? today.arrival_minute : spec.arrival_minute + habit_margin;
            const double need = is_here ? today.need_kwh : spec.need_kwh * 0.85;
            const double charge_minutes = need / spec.rated_kw * 60.0;
            const int arrival = is_here ? today.arrival_minute : spec.arrival_minute;
            const bool is_missing = !is_here && present.local_minute > spec.arrival_minute + habit_margin;
            if (is_missing) {
                return std::nullopt;
            }
            power_kw = spec.rated_kw;
            available_from = std::max(from, to_time(midnight + begin));
            available_until = std::min(to, to_time(midnight + arrival + static_cast<Minute>(charge_minutes)));
            energy_kwh =
                spec.rated_kw * static_cast<double>((available_until - available_from).count()) / 3.6e6;
            break;
        }
        case grid::DerClass::heat_pump:
        case grid::DerClass::hvac: {
            // What the weather of that time lets expect, at its lowest in the window.
            power_kw = spec.rated_kw;
            for (UtcTime at = from; at < to; at += minutes{15}) {
                power_kw = std::min(power_kw, natural_kw(spec, random, plan_->moment(to_minute(at))));
            }
            power_kw *= sure_share;
            energy_kwh = spec.energy_kwh - state.owed_kwh;
            break;
        }
        case grid::DerClass::generator:
            power_kw = spec.rated_kw;
            break;
        default:
            return std::nullopt;
    }
    flex::Offer offer;
    offer.power = Watts{to_watts(Kilowatts{power_kw}).value / 100 * 100};
    const bool has_store = spec.der_class != grid::DerClass::generator;
    const double least_kwh = to_kilowatts(power_least).value * 0.5;
    if (offer.power < power_least || (has_store && energy_kwh < least_kwh) ||
        available_until <= available_from) {
        return std::nullopt;
    }
    const Terms terms = terms_of(spec);
    const double draw = random.uniform(spec.entity, 0, price_stream);
    const double pence =
        std::round((terms.pence_low + (terms.pence_high - terms.pence_low) * draw) * 10.0) / 10.0;
    offer.provider = provider_of(spec.der_class);
    offer.id = "of-" + spec.id;
    offer.der = spec.id;
    offer.der_class = spec.der_class;
    offer.feeder = plan_->feeders()[spec.feeder].id;
    offer.phase = spec.phase;
    offer.energy = has_store ? to_watt_hours(KilowattHours{energy_kwh}) : WattHours{};
    offer.available_from = available_from;
    offer.available_until = available_until;
    offer.notice = notice_of(spec.der_class);
    offer.duration_max = terms.duration_max;
    const grid::Der* der = network().der(spec.id);
    offer.ramp_w_per_s = der->ramp_w_per_s;
    // A penny per kWh is ten pounds per MWh.
    offer.utilisation = MicroPoundsPerMwh{std::llround(pence * 10.0) * 1'000'000};
    offer.availability_per_mw_h =
        MicroPounds{static_cast<std::int64_t>(4 + random.below(6, spec.entity, 1, price_stream)) * 1'000'000};
    offer.baseline_method = std::string(terms.baseline);
    offer.reliability_ppm = terms.reliability_ppm;
    return offer;
}

}  // namespace headroom::sim
