// The network as an operator would have it: names, places, ratings, limits.
#include "sim/world_plan.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace headroom::sim {
namespace {

constexpr std::uint64_t map_stream = 54;
constexpr double full_turn = 2.0 * std::numbers::pi;
/// A degree of longitude is so much shorter here than one of latitude.
constexpr double lon_stretch = 1.6;

// Places around Bedford; none of these substations exists there.
constexpr double town_lat = 52.1360;
constexpr double town_lon = -0.4670;
constexpr std::string_view illustrative = "illustrative: simulated, no real network";
constexpr std::array<std::string_view, primary_count> primaries{"Castle Hill", "Riverside", "Northfield"};
constexpr std::array<std::pair<double, double>, primary_count> centres{
    {{town_lat + 0.004, town_lon - 0.012},
     {town_lat - 0.014, town_lon + 0.010},
     {town_lat + 0.017, town_lon + 0.016}}};
constexpr std::array<std::string_view, 25> streets{
    "Mill Lane",   "Abbey Road",  "Elm Grove",   "Station Road",  "Priory Street",
    "Orchard Way", "Kings Walk",  "Foster Hill", "Bridge Street", "Meadow Close",
    "Chapel Row",  "Park Avenue", "Hazel Drive", "Linden Road",   "Weavers Yard",
    "School Lane", "Manor Rise",  "Quarry Bank", "Victoria Road", "Harvest Way",
    "Beech Court", "Swan Street", "Tanner Row",  "Coopers Field", "Spring Gardens"};
constexpr std::array<std::string_view, 8> ways{"Town",   "Park", "Station", "Hospital",
                                               "Quarry", "Mill", "School",  "Common"};

void added(const Result<void>& result) {
    HEADROOM_ASSERT(result.has_value());
}

std::string primary_id(std::size_t primary) {
    return numbered_id("P", static_cast<int>(primary + 1), 1);
}

/// The direction in which a primary's high-voltage feeder runs, and the next one beside it.
double direction_of(std::size_t number_at_primary, std::size_t count, std::size_t primary) {
    const double offset = 0.35 + 0.7 * static_cast<double>(primary);
    return offset + full_turn * static_cast<double>(number_at_primary) / static_cast<double>(count);
}

std::pair<double, double> from_centre(std::size_t primary, double angle, double distance) {
    return {centres[primary].first + distance * std::sin(angle),
            centres[primary].second + lon_stretch * distance * std::cos(angle)};
}

}  // namespace

std::string numbered_id(std::string_view prefix, int number, std::size_t digits) {
    const std::string text = std::to_string(number);
    return std::string(prefix) + "-" + std::string(text.size() < digits ? digits - text.size() : 0, '0') +
           text;
}

void WorldPlan::build_network() {
    add_primaries();
    const std::size_t secondaries = (feeders_.size() + feeders_per_secondary - 1) / feeders_per_secondary;
    for (std::size_t s = 0; s < secondaries; ++s) {
        add_secondary(s);
    }
    add_ders();
    add_limits();
    add_ties();
}

void WorldPlan::add_primaries() {
    for (std::size_t i = 0; i < primary_count; ++i) {
        added(network_.add(grid::Substation{.id = {primary_id(i)},
                                            .parent = {},
                                            .name = std::string(primaries[i]) + " primary",
                                            .kind = "primary",
                                            .lat = centres[i].first,
                                            .lon = centres[i].second,
                                            .rating = Kilowatts{18'000.0},
                                            .source_ref = std::string(illustrative)}));
    }
    const std::size_t per_primary = hv_feeders_.size() / primary_count;
    for (std::size_t h = 0; h < hv_feeders_.size(); ++h) {
        const HvFeederModel& hv = hv_feeders_[h];
        const std::size_t at_primary = h % per_primary;
        constexpr double first_pole = 0.0025;
        const auto [lat, lon] =
            from_centre(hv.primary, direction_of(at_primary, per_primary, hv.primary), first_pole);
        const std::string way = at_primary < ways.size() ? std::string(ways[at_primary])
                                                         : "No. " + std::to_string(at_primary + 1);
        added(network_.add(grid::Feeder{.id = {hv.id},
                                        .parent = primary_id(hv.primary),
                                        .name = std::string(primaries[hv.primary]) + " to " + way + " 11 kV",
                                        .kind = "mixed",
                                        .lat = lat,
                                        .lon = lon,
                                        .rating = Kilowatts{hv.limit_kw},
                                        .source_ref = std::string(illustrative),
                                        .level = grid::VoltageLevel::hv}));
    }
}

/// Anywhere around the primary; where there are high-voltage feeders, one after the other along them.
std::pair<double, double> WorldPlan::place_of_secondary(std::size_t number) const {
    const std::size_t primary = number % primary_count;
    const double across = random_.uniform(number, 0, map_stream);
    const double along = random_.uniform(number, 1, map_stream);
    if (hv_feeders_.empty()) {
        return from_centre(primary, full_turn * across, 0.003 + 0.013 * std::sqrt(along));
    }
    const std::size_t per_primary = hv_feeders_.size() / primary_count;
    const std::size_t turn = number / primary_count;
    const double step = static_cast<double>(turn / per_primary);
    constexpr double sway = 0.30;  // radians between the ends of the swing
    const double angle = direction_of(turn % per_primary, per_primary, primary) + sway * (across - 0.5);
    return from_centre(primary, angle, 0.0042 + 0.0026 * step + 0.0012 * along);
}

void WorldPlan::add_secondary(std::size_t number) {
    const std::size_t primary = number % primary_count;
    const std::size_t turn = number / primary_count;
    const auto [lat, lon] = place_of_secondary(number);
    const std::string street(streets[(turn + primary * 8) % streets.size()]);
    const std::string name =
        turn < streets.size() ? street : street + " " + std::to_string(turn / streets.size() + 1);
    const std::string id = numbered_id("S", static_cast<int>(number + 1), 3);
    added(network_.add(grid::Substation{
        .id = {id},
        .parent = hv_feeders_.empty() ? primary_id(primary) : hv_feeders_[hv_feeder_of(number)].id,
        .name = name + " (" + std::string(primaries[primary]) + ")",
        .kind = "secondary",
        .lat = lat,
        .lon = lon,
        .rating = Kilowatts{800.0},
        .source_ref = std::string(illustrative)}));
    for (std::size_t k = 0; k < feeders_per_secondary; ++k) {
        const std::size_t f = number * feeders_per_secondary + k;
        if (f >= feeders_.size()) {
            break;
        }
        const FeederModel& feeder = feeders_[f];
        const double limit_kw = feeder.phases[0].limit_kw;
        const double turn_angle =
            full_turn / 4.0 * (static_cast<double>(k) + random_.uniform(f, 2, map_stream));
        added(network_.add(grid::Feeder{.id = {feeder.id},
                                        .parent = id,
                                        .name = name + " " + static_cast<char>('A' + static_cast<char>(k)),
                                        .kind = kinds_[f],
                                        .lat = lat + 0.0011 * std::sin(turn_angle),
                                        .lon = lon + 0.0018 * std::cos(turn_angle),
                                        .rating = Kilowatts{limit_kw * 3.0},
                                        .source_ref = std::string(illustrative)}));
    }
}

void WorldPlan::add_ders() {
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
}

void WorldPlan::add_limits() {
    const std::string source = "simulated grid (seed " + std::to_string(options_.seed) + ")";
    for (std::size_t f = 0; f < feeders_.size(); ++f) {
        for (std::size_t p = 0; p < 3; ++p) {
            grid::Limit limit;
            limit.asset = feeders_[f].id;
            limit.phase = grid::live_phases[p];
            limit.kind = kinds_[f] == "commercial" ? grid::LimitKind::continuous : grid::LimitKind::cyclic;
            limit.value = feeders_[f].phases[p].limit_kw;
            limit.source = source;
            limit.verified_by = source;
            added(network_.add(std::move(limit)));
        }
    }
    for (const HvFeederModel& hv : hv_feeders_) {
        grid::Limit limit;
        limit.asset = hv.id;
        limit.phase = grid::Phase::sum;
        limit.kind = grid::LimitKind::continuous;
        limit.value = hv.limit_kw;
        limit.source = source;
        limit.verified_by = source;
        added(network_.add(std::move(limit)));
    }
}

}  // namespace headroom::sim
