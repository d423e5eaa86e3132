#include "app/bench_scenario.hpp"

#include "app/bench_result.hpp"
#include "app/bench_usage.hpp"
#include "core/clock.hpp"
#include "core/random.hpp"
#include "scenario/run.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace headroom::app {
namespace {

/// Groups of twenty: a substation, fourteen feeders, two hubs, a solar farm, a battery, a building.
std::vector<scenario::Asset> made_up_city(std::size_t count) {
    using scenario::AssetType;
    using scenario::ThermalKind;
    constexpr std::size_t group = 20;
    const Random random(23);
    std::vector<scenario::Asset> assets(count);
    for (std::size_t i = 0; i < count; ++i) {
        scenario::Asset& asset = assets[i];
        const std::size_t place = i % group;
        const std::size_t first = i - place;
        asset.id = "a" + std::to_string(i);
        asset.name = asset.id;
        asset.lat = 51.3 + 0.4 * random.uniform(i, 0);
        asset.lon = -0.4 + 0.6 * random.uniform(i, 1);
        asset.flood_zone = static_cast<int>(random.below(4, i, 2));
        asset.places = {"Bench"};
        asset.illustrative = true;
        const double size = 0.8 + 0.4 * random.uniform(i, 3);
        if (place == 0) {
            asset.type = AssetType::substation;
            asset.capacity_kw = 40'000.0 * size;
            asset.peak_kw = 32'000.0 * size;
            asset.thermal = i % 40 == 0 ? ThermalKind::onaf : ThermalKind::ofaf;
            for (std::size_t child = first + 1; child < std::min(first + group, count); ++child) {
                asset.feeds.push_back("a" + std::to_string(child));
            }
        } else if (place <= 14) {
            asset.type = AssetType::feeder;
            asset.capacity_kw = 3'000.0 * size;
            asset.peak_kw = 2'300.0;
            asset.thermal = place % 3 == 0   ? ThermalKind::onan
                            : place % 3 == 1 ? ThermalKind::cable
                                             : ThermalKind::overhead_line;
            asset.solar_kw = 300.0;
            if (place > 1) {
                asset.open_points = {{"a" + std::to_string(i - 1), 1'500.0}};
            }
        } else if (place <= 16) {
            asset.type = AssetType::ev_hub;
            asset.capacity_kw = 1'000.0 * size;
            asset.num_charging_stations = 24;
        } else {
            asset.type = place == 17   ? AssetType::solar_farm
                         : place == 18 ? AssetType::battery
                                       : AssetType::building;
            asset.capacity_kw = 2'000.0 * size;
            asset.energy_kwh = place == 18 ? 4'000.0 : 0.0;
            asset.surface_area_m2 = place == 19 ? 9'000.0 : 0.0;
        }
    }
    return assets;
}

}  // namespace

Result<json::Object> bench_scenario(const BenchScenarioOptions& options) {
    using namespace std::chrono;
    const std::vector<scenario::Asset> assets = made_up_city(options.assets);
    scenario::Scenario heatwave;
    heatwave.place = "Bench";
    heatwave.event = scenario::Event::heatwave;
    heatwave.start = UtcTime{sys_days{2026y / July / 14}};
    heatwave.hours = 72;
    scenario::Scenario loss = heatwave;
    for (std::size_t i = 0; i < 8 && i * 40 + 3 < assets.size(); ++i) {
        loss.lost_elements.push_back(assets[i * 40 + 3].id);
    }
    std::vector<double> wall;
    std::vector<double> cpu;
    std::vector<double> wall_of_loss;
    for (int turn = 0; turn < options.runs; ++turn) {
        for (const scenario::Scenario* what : {&heatwave, &loss}) {
            const Usage before = usage_now();
            const SteadyTime begin = steady_now();
            const Result<scenario::RunResult> result = scenario::run(*what, assets, {}, 7);
            const double took_ms = milliseconds_between(begin, steady_now());
            if (!result) {
                return result.error();
            }
            (what == &loss ? wall_of_loss : wall).push_back(took_ms);
            if (what == &heatwave) {
                cpu.push_back((usage_now().thread_us - before.thread_us) / 1e3);
            }
        }
    }
    json::Array results{median_result("scenario.assets_10k_72h_ms", "ms", std::move(wall)),
                        median_result("scenario.assets_10k_72h_cpu_ms", "ms", std::move(cpu)),
                        median_result("scenario.loss_10k_72h_ms", "ms", std::move(wall_of_loss))};
    return json::Object{{"results", std::move(results)}};
}

}  // namespace headroom::app
