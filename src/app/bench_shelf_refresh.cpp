#include "app/bench_shelf_parts.hpp"
#include "contingency/shelf.hpp"
#include "core/clock.hpp"
#include "core/random.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace headroom::app {
namespace {

constexpr std::size_t primaries = 20;
constexpr std::size_t secondaries_each = 49;
constexpr std::size_t feeders_each = 9;
constexpr std::size_t elements_wanted = 10'000;

std::string name(const char* prefix, std::size_t number) {
    return prefix + std::to_string(number);
}

/// Substations in a row below primaries, each feeder meeting that of the next substation.
grid::Network made_up_network() {
    const Random random(31);
    grid::Network network;
    const auto added = [](const Result<void>& result) { HEADROOM_ASSERT(result.has_value()); };
    std::vector<std::string> feeders;
    std::size_t elements = 0;
    for (std::size_t p = 0; p < primaries; ++p) {
        added(network.add(grid::Substation{.id = {name("P", p)}, .rating = Kilowatts{40'000.0}}));
        elements += 1;
    }
    for (std::size_t s = 0; elements < elements_wanted; ++s) {
        const std::string station = name("S", s);
        added(network.add(grid::Substation{.id = {station},
                                           .parent = name("P", s / secondaries_each % primaries),
                                           .rating = Kilowatts{900.0}}));
        elements += 1;
        for (std::size_t f = 0; f < feeders_each && elements < elements_wanted; ++f, ++elements) {
            const std::string feeder = name("F", feeders.size());
            const double rating = 180.0 + 120.0 * random.uniform(feeders.size(), 0);
            added(network.add(grid::Feeder{.id = {feeder}, .parent = station, .rating = Kilowatts{rating}}));
            for (const grid::Phase phase : grid::live_phases) {
                added(network.add(grid::Limit{.asset = feeder,
                                              .phase = phase,
                                              .kind = grid::LimitKind::cyclic,
                                              .value = rating / 3.0,
                                              .source = "bench",
                                              .verified_by = "bench"}));
            }
            added(network.add(grid::Der{.id = {name("D", feeders.size())},
                                        .der_class = grid::DerClass::battery,
                                        .feeder = {feeder},
                                        .phase = grid::live_phases[feeders.size() % 3],
                                        .turn_down_max = Watts{12'000}}));
            feeders.push_back(feeder);
        }
    }
    for (std::size_t f = 0; f + feeders_each < feeders.size(); ++f) {
        grid::Tie tie;
        tie.id = {name("T", f)};
        tie.ends = {feeders[f], feeders[f + feeders_each]};
        tie.rating = Kilowatts{150.0};
        tie.switching = minutes{f % 3 == 0 ? 2 : 45};
        tie.is_remote = f % 3 == 0;
        added(network.add(std::move(tie)));
    }
    return network;
}

contingency::ShelfState made_up_state(const contingency::ShelfNetwork& network) {
    const Random random(37);
    contingency::ShelfState state;
    state.now = parse_utc("2027-01-14T17:10:00Z").value();
    state.start = floor_period(state.now);
    state.authority = grid::AuthorityLevel::act;
    state.elements.resize(network.elements().size());
    std::vector<bool> has_own(network.elements().size(), false);
    for (std::size_t i = 0; i < network.elements().size(); ++i) {
        if (!network.elements()[i].is_feeder) {
            continue;
        }
        contingency::ElementState& element = state.elements[i];
        has_own[i] = true;
        element.load.is_known = element.load.has_phases = true;
        for (std::size_t t = 0; t < contingency::shelf_periods; ++t) {
            std::int64_t sum = 0;
            for (std::size_t phase = 0; phase < contingency::phase_sum; ++phase) {
                const double kw = 20.0 + 35.0 * random.uniform(i, t, phase);
                element.load.median[phase][t] = static_cast<std::int64_t>(kw * 1000.0);
                element.load.high[phase][t] = static_cast<std::int64_t>(kw * 1150.0);
                sum += element.load.high[phase][t];
            }
            element.load.median[contingency::phase_sum][t] = sum * 100 / 115;
            element.load.high[contingency::phase_sum][t] = sum;
        }
        for (const grid::Der* der : network.network().ders_on(network.elements()[i].id)) {
            element.flex.push_back(
                {der->id.value, contingency::phase_place(der->phase), der->turn_down_max, 1, der->der_class});
        }
    }
    contingency::add_up_loads(network, state, has_own);
    return state;
}

double sweep_ms(contingency::Shelf& shelf, contingency::ShelfState state, double& slice_max) {
    const SteadyTime begun = steady_now();
    shelf.begin(std::move(state));
    for (;;) {
        const SteadyTime slice = steady_now();
        if (shelf.advance(100) == 0) {
            break;
        }
        slice_max = std::max(slice_max, milliseconds_between(slice, steady_now()));
    }
    return milliseconds_between(begun, steady_now());
}

}  // namespace

void bench_shelf_refresh(int refreshes, json::Array& results) {
    const grid::Network network = made_up_network();
    const contingency::ShelfNetwork places(network, grid::Season::winter);
    const contingency::ShelfState state = made_up_state(places);
    contingency::Shelf shelf(places);
    std::vector<double> whole;
    std::vector<double> few;
    std::vector<double> slices;
    for (int turn = 0; turn < refreshes; ++turn) {
        double slice_max = 0.0;
        contingency::ShelfState now = state;
        now.now += minutes{turn};  // everything is another minute
        whole.push_back(sweep_ms(shelf, now, slice_max));
        slices.push_back(slice_max);
        for (std::size_t i = 0; i < now.elements.size(); i += 100) {
            now.elements[i].load.high[0][1 + static_cast<std::size_t>(turn) % 5] += 1'000;
        }
        few.push_back(sweep_ms(shelf, std::move(now), slice_max));
    }
    results.push_back(shelf_figure("shelf.refresh_10k_ms", std::move(whole), 0.5));
    results.push_back(shelf_figure("shelf.refresh_10k_few_ms", std::move(few), 0.5));
    results.push_back(shelf_figure("shelf.slice_100_ms_max", std::move(slices), 0.5));
}

json::Value shelf_figure(const std::string& name, std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    const std::size_t place =
        std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())));
    return json::Object{{"name", name},         {"value", values[place]},
                        {"unit", "ms"},         {"min", values.front()},
                        {"max", values.back()}, {"runs", static_cast<std::int64_t>(values.size())}};
}

}  // namespace headroom::app
