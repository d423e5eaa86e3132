// What is installed where: devices, names, ratings.
#include "sim/world_plan.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string_view>

namespace headroom::sim {
namespace {

constexpr std::uint64_t place_stream = 51;
constexpr std::uint64_t size_stream = 52;
constexpr std::uint64_t silent_stream = 53;
constexpr std::uint64_t map_stream = 54;

/// Share of the devices that live on feeders which will be overloaded: flexibility is bought where it is
/// needed.
constexpr double near_stress = 0.52;
constexpr double on_stressed_phase = 0.62;

/// A class of devices and its share of the fleet in thousandths.
struct Quota {
    grid::DerClass der_class;
    std::string_view prefix;
    int per_mille;
};
constexpr std::array<Quota, 5> quotas{{{grid::DerClass::battery, "BAT", 325},
                                       {grid::DerClass::ev_charger, "EV", 325},
                                       {grid::DerClass::heat_pump, "HP", 247},
                                       {grid::DerClass::hvac, "HVAC", 100},
                                       {grid::DerClass::generator, "GEN", 3}}};

/// Every so many batteries one is a community battery, every so many chargers a three-phase one.
constexpr int community_every = 13;
constexpr int three_phase_every = 9;

std::string numbered(std::string_view prefix, int number, std::size_t digits) {
    std::string text = std::to_string(number);
    return std::string(prefix) + "-" + std::string(text.size() < digits ? digits - text.size() : 0, '0') +
           text;
}

grid::Phase live_phase(std::size_t index) {
    return grid::live_phases[index];
}

double between(double low, double high, double share) {
    return low + (high - low) * share;
}

/// Whole numbers only where people would read them off a name plate.
double rounded(double value, double step) {
    return std::round(value / step) * step;
}

void size_battery(DeviceSpec& spec, const Random& random, int number) {
    if (number % community_every == 0) {
        spec.phase = grid::Phase::sum;
        spec.rated_kw = rounded(between(50.0, 100.0, random.uniform(spec.entity, 0, size_stream)), 10.0);
        spec.energy_kwh = spec.rated_kw * 2.0;
        return;
    }
    constexpr std::array<std::pair<double, double>, 3> plates{{{3.0, 8.2}, {3.7, 10.0}, {5.0, 13.5}}};
    const auto plate = plates[random.below(plates.size(), spec.entity, 0, size_stream)];
    spec.rated_kw = plate.first;
    spec.energy_kwh = plate.second;
}

void size_charger(DeviceSpec& spec, const Random& random, int number, bool is_near) {
    const double need = random.uniform(spec.entity, 1, size_stream);
    const double arrival = random.uniform(spec.entity, 2, size_stream);
    if (number % three_phase_every == 0) {
        spec.phase = grid::Phase::sum;
        spec.rated_kw = 22.0;
        spec.need_kwh = between(38.0, 52.0, need);
        // A depot's vans come back in the afternoon, an office's cars come in the morning.
        spec.arrival_minute =
            static_cast<int>(is_near ? between(955.0, 1010.0, arrival) : between(480.0, 600.0, arrival));
        return;
    }
    spec.rated_kw = 7.4;
    spec.need_kwh = is_near ? between(14.0, 21.0, need) : between(8.0, 18.0, need);
    spec.arrival_minute =
        static_cast<int>(is_near ? between(950.0, 1035.0, arrival) : between(990.0, 1180.0, arrival));
}

/// Gives a device of a class its name plate and habits.
void size(DeviceSpec& spec, const Random& random, int number, bool is_near) {
    const double draw = random.uniform(spec.entity, 0, size_stream);
    switch (spec.der_class) {
        case grid::DerClass::battery:
            size_battery(spec, random, number);
            break;
        case grid::DerClass::ev_charger:
            size_charger(spec, random, number, is_near);
            break;
        case grid::DerClass::heat_pump:
            spec.rated_kw = rounded(between(3.0, 6.0, draw), 0.5);
            spec.energy_kwh = spec.rated_kw * 1.5;
            break;
        case grid::DerClass::hvac:
            spec.phase = grid::Phase::sum;
            spec.rated_kw = rounded(between(10.0, 40.0, draw), 2.0);
            spec.energy_kwh = spec.rated_kw * 1.2;
            spec.ramp_kw_per_minute = rounded(spec.rated_kw / 3.0, 0.5);
            spec.closing_minute =
                is_near ? 1320 : 1140 + 30 * static_cast<int>(random.below(5, spec.entity, 1, size_stream));
            break;
        default:
            spec.phase = grid::Phase::sum;
            spec.rated_kw = rounded(between(60.0, 100.0, draw), 10.0);
            spec.ramp_kw_per_minute = spec.rated_kw * 0.6;
            break;
    }
}

}  // namespace

void WorldPlan::place_devices() {
    std::array<int, quotas.size()> counts{};
    int left = options_.ders;
    for (std::size_t q = quotas.size(); q-- > 1;) {
        int count = options_.ders * quotas[q].per_mille / 1000;
        if (quotas[q].der_class == grid::DerClass::generator && options_.ders >= 20) {
            count = std::max(1, count);
        }
        counts[q] = count;
        left -= count;
    }
    counts[0] = left;

    std::vector<const Stress*> rich;
    for (const Stress& stress : stresses_) {
        if (!stress.is_thin) {
            rich.push_back(&stress);
        }
    }
    const std::set<std::string> told_silent(options_.silent.begin(), options_.silent.end());
    for (std::size_t q = 0; q < quotas.size(); ++q) {
        std::size_t next_rich = q * 5;
        for (int number = 1; number <= counts[q]; ++number) {
            DeviceSpec spec;
            spec.id = numbered(quotas[q].prefix, number, 4);
            spec.der_class = quotas[q].der_class;
            spec.entity = Random::key(spec.id);
            const auto draw = [&](std::uint64_t step) {
                return random_.uniform(spec.entity, step, place_stream);
            };
            // A thin place gets one battery, so that there is something, but never enough.
            const Stress* stress = nullptr;
            for (const Stress& each : stresses_) {
                if (each.is_thin && spec.der_class == grid::DerClass::battery && number == 2) {
                    stress = &each;
                }
            }
            const bool is_near =
                stress != nullptr || draw(0) < near_stress || spec.der_class == grid::DerClass::generator;
            if (stress == nullptr && is_near) {
                stress = rich[next_rich++ % rich.size()];
            }
            const auto anywhere = static_cast<std::size_t>(
                random_.below(static_cast<std::uint64_t>(feeders_.size()), spec.entity, 1, place_stream));
            spec.feeder = stress != nullptr ? stress->feeder : anywhere;
            const auto any_phase = static_cast<std::size_t>(random_.below(3, spec.entity, 2, place_stream));
            const bool follows = stress != nullptr && (stress->is_thin || draw(3) < on_stressed_phase);
            spec.phase = live_phase(follows ? stress->phase : any_phase);

            size(spec, random_, number, is_near);
            spec.is_silent =
                told_silent.contains(spec.id) || random_.below(1'000'000, spec.entity, 0, silent_stream) <
                                                     static_cast<std::uint64_t>(options_.silent_ppm);
            devices_.push_back(std::move(spec));
        }
    }
    for (std::size_t d = 0; d < devices_.size(); ++d) {
        FeederModel& feeder = feeders_[devices_[d].feeder];
        if (devices_[d].phase == grid::Phase::sum) {
            for (PhaseModel& phase : feeder.phases) {
                phase.devices.emplace_back(d, 1.0 / 3.0);
            }
        } else {
            feeder.phases[static_cast<std::size_t>(devices_[d].phase)].devices.emplace_back(d, 1.0);
        }
    }
}

/// Vehicles that usually charge late and for once come early, together, on one phase.
void WorldPlan::surprise_vehicles() {
    constexpr std::size_t cluster_max = 3;
    constexpr std::size_t cluster_min = 2;
    const std::int64_t live_day = moment(to_minute(options_.start)).local_day;
    for (Stress& stress : stresses_) {
        if (stress.kind != Stress::Kind::vehicles) {
            continue;
        }
        PhaseModel& phase = feeders_[stress.feeder].phases[stress.phase];
        std::vector<std::size_t> cluster;
        for (const auto& [device, share] : phase.devices) {
            if (devices_[device].der_class == grid::DerClass::ev_charger && share == 1.0 &&
                cluster.size() < cluster_max) {
                cluster.push_back(device);
            }
        }
        if (cluster.size() < cluster_min) {
            stress.kind = Stress::Kind::surge;
            continue;
        }
        int arrival = 17 * 60 + 25 + static_cast<int>(random_.below(20, stress.feeder, 4, place_stream));
        int usual = 21 * 60 + 10;
        for (const std::size_t device : cluster) {
            DeviceSpec& spec = devices_[device];
            spec.arrival_minute = usual;
            spec.unusual_day = live_day;
            spec.unusual_arrival_minute = arrival;
            spec.need_kwh = between(12.0, 15.0, random_.uniform(spec.entity, 5, place_stream));
            arrival += 4;
            usual += 11;
        }
    }
}

void WorldPlan::build_network() {
    // Places around Bedford; none of these substations exists there.
    constexpr double town_lat = 52.1360;
    constexpr double town_lon = -0.4670;
    constexpr std::string_view illustrative = "illustrative: simulated, no real network";
    constexpr std::array<std::string_view, 3> primaries{"Castle Hill", "Riverside", "Northfield"};
    constexpr std::array<std::string_view, 25> streets{
        "Mill Lane",   "Abbey Road",  "Elm Grove",   "Station Road",  "Priory Street",
        "Orchard Way", "Kings Walk",  "Foster Hill", "Bridge Street", "Meadow Close",
        "Chapel Row",  "Park Avenue", "Hazel Drive", "Linden Road",   "Weavers Yard",
        "School Lane", "Manor Rise",  "Quarry Bank", "Victoria Road", "Harvest Way",
        "Beech Court", "Swan Street", "Tanner Row",  "Coopers Field", "Spring Gardens"};
    constexpr std::size_t feeders_per_secondary = 4;
    const std::string source = "simulated grid (seed " + std::to_string(options_.seed) + ")";
    const auto added = [](const Result<void>& result) { HEADROOM_ASSERT(result.has_value()); };

    const std::size_t secondaries = (feeders_.size() + feeders_per_secondary - 1) / feeders_per_secondary;
    std::array<std::pair<double, double>, primaries.size()> centres{{{town_lat + 0.004, town_lon - 0.012},
                                                                     {town_lat - 0.014, town_lon + 0.010},
                                                                     {town_lat + 0.017, town_lon + 0.016}}};
    for (std::size_t i = 0; i < primaries.size(); ++i) {
        added(network_.add(grid::Substation{.id = {numbered("P", static_cast<int>(i + 1), 1)},
                                            .parent = {},
                                            .name = std::string(primaries[i]) + " primary",
                                            .kind = "primary",
                                            .lat = centres[i].first,
                                            .lon = centres[i].second,
                                            .rating = Kilowatts{18'000.0},
                                            .source_ref = std::string(illustrative)}));
    }
    for (std::size_t s = 0; s < secondaries; ++s) {
        const std::size_t primary = s % primaries.size();
        const std::size_t turn = s / primaries.size();
        const double angle = 6.283185307179586 * random_.uniform(s, 0, map_stream);
        const double distance = 0.003 + 0.013 * std::sqrt(random_.uniform(s, 1, map_stream));
        const double lat = centres[primary].first + distance * std::sin(angle);
        const double lon = centres[primary].second + 1.6 * distance * std::cos(angle);
        const std::string street(streets[(turn + primary * 8) % streets.size()]);
        const std::string name =
            turn < streets.size() ? street : street + " " + std::to_string(turn / streets.size() + 1);
        const std::string id = numbered("S", static_cast<int>(s + 1), 3);
        added(network_.add(grid::Substation{.id = {id},
                                            .parent = numbered("P", static_cast<int>(primary + 1), 1),
                                            .name = name + " (" + std::string(primaries[primary]) + ")",
                                            .kind = "secondary",
                                            .lat = lat,
                                            .lon = lon,
                                            .rating = Kilowatts{800.0},
                                            .source_ref = std::string(illustrative)}));
        for (std::size_t k = 0; k < feeders_per_secondary; ++k) {
            const std::size_t f = s * feeders_per_secondary + k;
            if (f >= feeders_.size()) {
                break;
            }
            const FeederModel& feeder = feeders_[f];
            const double limit_kw = feeder.phases[0].limit_kw;
            const double turn_angle =
                1.5707963267948966 * (static_cast<double>(k) + random_.uniform(f, 2, map_stream));
            added(
                network_.add(grid::Feeder{.id = {feeder.id},
                                          .parent = id,
                                          .name = name + " " + static_cast<char>('A' + static_cast<char>(k)),
                                          .kind = kinds_[f],
                                          .lat = lat + 0.0011 * std::sin(turn_angle),
                                          .lon = lon + 0.0018 * std::cos(turn_angle),
                                          .rating = Kilowatts{limit_kw * 3.0},
                                          .source_ref = std::string(illustrative)}));
        }
    }
    for (const DeviceSpec& spec : devices_) {
        const grid::Feeder& feeder = *network_.feeder(feeders_[spec.feeder].id);
        const bool is_store = spec.der_class == grid::DerClass::battery;
        const bool is_generator = spec.der_class == grid::DerClass::generator;
        grid::Der der;
        der.id = {spec.id};
        der.name = spec.id + " " + feeder.name;
        der.der_class = spec.der_class;
        der.feeder = feeder.id;
        der.phase = spec.phase;
        // A battery that charges could be turned round: twice its power.
        der.turn_down_max = Watts{to_watts(Kilowatts{spec.rated_kw}).value * (is_store ? 2 : 1)};
        der.turn_up_max = is_generator ? Watts{} : der.turn_down_max;
        der.energy = to_watt_hours(KilowattHours{spec.energy_kwh});
        der.notice = notice_of(spec.der_class);
        der.ramp_w_per_s =
            spec.ramp_kw_per_minute > 0.0
                ? std::max<std::int64_t>(1, std::llround(spec.ramp_kw_per_minute * 1000.0 / 60.0))
                : 0;
        der.programme = "simulated";
        der.lat = feeder.lat;
        der.lon = feeder.lon;
        added(network_.add(std::move(der)));
    }
    for (std::size_t f = 0; f < feeders_.size(); ++f) {
        for (std::size_t p = 0; p < 3; ++p) {
            grid::Limit limit;
            limit.asset = feeders_[f].id;
            limit.phase = live_phase(p);
            limit.kind = kinds_[f] == "commercial" ? grid::LimitKind::continuous : grid::LimitKind::cyclic;
            limit.value = feeders_[f].phases[p].limit_kw;
            limit.source = source;
            limit.verified_by = source;
            added(network_.add(std::move(limit)));
        }
    }
}

}  // namespace headroom::sim
