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

/// Where many devices are installed: on phases that will be overloaded, and all over the low-voltage feeders
/// below a stressed high-voltage one.
std::vector<WorldPlan::Spot> WorldPlan::rich_spots() const {
    constexpr int phase_weight = 3;
    std::vector<Spot> spots;
    for (const Stress& stress : stresses_) {
        const int weight = hv_feeders_.empty() ? 1 : phase_weight;
        for (int i = 0; i < weight && !stress.is_thin; ++i) {
            spots.push_back({.feeder = stress.feeder, .phase = stress.phase});
        }
    }
    for (const HvFeederModel& hv : hv_feeders_) {
        for (const std::size_t feeder : hv.is_stressed ? hv.feeders : std::vector<std::size_t>{}) {
            spots.push_back({.feeder = feeder, .phase = std::nullopt});
        }
    }
    return spots;
}

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

    const std::vector<Spot> rich = rich_spots();
    const std::set<std::string> told_silent(options_.silent.begin(), options_.silent.end());
    for (std::size_t q = 0; q < quotas.size(); ++q) {
        std::size_t next_rich = q * 5;
        for (int number = 1; number <= counts[q]; ++number) {
            DeviceSpec spec;
            spec.id = numbered_id(quotas[q].prefix, number, 4);
            spec.der_class = quotas[q].der_class;
            spec.entity = Random::key(spec.id);
            const auto draw = [&](std::uint64_t step) {
                return random_.uniform(spec.entity, step, place_stream);
            };
            // A thin place gets one battery, so that there is something, but never enough.
            std::optional<Spot> spot;
            for (const Stress& each : stresses_) {
                if (each.is_thin && spec.der_class == grid::DerClass::battery && number == 2) {
                    spot = Spot{.feeder = each.feeder, .phase = each.phase, .always_follows = true};
                }
            }
            const bool is_near = spot || draw(0) < near_stress || spec.der_class == grid::DerClass::generator;
            if (!spot && is_near && !rich.empty()) {
                spot = rich[next_rich++ % rich.size()];
            }
            const auto anywhere = static_cast<std::size_t>(
                random_.below(static_cast<std::uint64_t>(feeders_.size()), spec.entity, 1, place_stream));
            spec.feeder = spot ? spot->feeder : anywhere;
            const auto any_phase = static_cast<std::size_t>(random_.below(3, spec.entity, 2, place_stream));
            const bool follows = spot && spot->phase && (spot->always_follows || draw(3) < on_stressed_phase);
            spec.phase = live_phase(follows ? *spot->phase : any_phase);

            size(spec, random_, number, is_near);
            spec.is_silent =
                told_silent.contains(spec.id) || random_.below(1'000'000, spec.entity, 0, silent_stream) <
                                                     static_cast<std::uint64_t>(options_.silent_ppm);
            devices_.push_back(std::move(spec));
        }
    }
    for (const SilentFrom& silent : options_.silent_from) {
        for (DeviceSpec& spec : devices_) {
            if (spec.id == silent.der) {
                spec.silent_from = std::min(spec.silent_from, silent.from);
            }
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

}  // namespace headroom::sim
