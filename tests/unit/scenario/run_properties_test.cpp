#include "unit/scenario/run_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace headroom::scenario {
namespace {

constexpr double kwh_of_rounding = 0.5;  // curves are kept in single precision

TEST(RunProperty, HotterIsNeverLessLoadedForACooledClass) {
    for (const AssetType type : {AssetType::building, AssetType::data_centre, AssetType::hospital}) {
        std::vector<Asset> assets{asset("a", type, 1'000.0)};
        assets[0].peak_kw = 800.0;
        assets[0].surface_area_m2 = type == AssetType::building ? 5'000.0 : 0.0;
        std::vector<float> before;
        for (double peak = 14.0; peak <= 46.0; peak += 2.0) {
            Scenario what = scenario(Event::heatwave, day(2026, 7, 14), 72);
            what.levers.temperature_max_c = peak;
            what.levers.temperature_min_c = 12.0;
            const RunResult result = run_or_die(what, assets);
            for (std::size_t i = 0; i < before.size(); ++i) {
                ASSERT_GE(result.curves.load_kw[i], before[i]) << to_string(type) << " " << peak << " " << i;
            }
            before = result.curves.load_kw;
        }
    }
}

TEST(RunProperty, HotterByAnOffsetToo) {
    std::vector<Asset> assets{asset("a", AssetType::other, 1'000.0)};
    assets[0].mix = {.commercial = 1.0};
    std::vector<float> before;
    for (double offset = -5.0; offset <= 12.0; offset += 1.0) {
        Scenario what = scenario(Event::normal, day(2026, 5, 20), 48);
        what.levers.temperature_offset_k = offset;
        const RunResult result = run_or_die(what, assets);
        for (std::size_t i = 0; i < before.size(); ++i) {
            ASSERT_GE(result.curves.load_kw[i], before[i]);
        }
        before = result.curves.load_kw;
    }
}

TEST(RunProperty, ColderIsNeverLessLoadedForElectricHeating) {
    std::vector<Asset> assets{asset("a", AssetType::heat_network, 1'000.0)};
    std::vector<float> before;
    for (double low = 6.0; low >= -16.0; low -= 2.0) {
        Scenario what = scenario(Event::cold_snap, day(2026, 1, 14), 48);
        what.levers.temperature_max_c = 7.0;
        what.levers.temperature_min_c = low;
        const RunResult result = run_or_die(what, assets);
        for (std::size_t i = 0; i < before.size(); ++i) {
            ASSERT_GE(result.curves.load_kw[i], before[i]);
        }
        before = result.curves.load_kw;
    }
}

TEST(RunProperty, LongerIsNeverCoolerAtTheHotSpot) {
    std::vector<double> hottest(3, -100.0);
    std::vector<double> used(3, 0.0);
    const std::vector<Asset> town = small_town();
    for (const std::int64_t length : {6, 24, 48, 72, 120, 240}) {
        const RunResult result = run_or_die(scenario(Event::heatwave, day(2026, 7, 15), length), town);
        const std::array<std::size_t, 2> transformers{0, 4};
        for (std::size_t k = 0; k < transformers.size(); ++k) {
            const AssetOutcome& outcome = result.outcomes[transformers[k]];
            EXPECT_GE(outcome.hot_spot_max_c, hottest[k]) << length;
            EXPECT_GE(outcome.loss_of_life_hours, used[k]) << length;
            hottest[k] = outcome.hot_spot_max_c;
            used[k] = outcome.loss_of_life_hours;
        }
    }
    EXPECT_GT(hottest[0], 60.0);
}

TEST(RunProperty, MoreRainIsNeverLessFloodRisk) {
    std::vector<Asset> assets = small_town();
    for (std::size_t i = 0; i < assets.size(); ++i) {
        assets[i].flood_zone = static_cast<int>(i % 4);
    }
    std::vector<double> before(assets.size(), 0.0);
    for (double depth = 0.0; depth <= 200.0; depth += 10.0) {
        Scenario what = scenario(Event::flood, day(2026, 7, 12), 24);
        what.levers.total_rainfall_mm = depth;
        what.levers.rainfall_max_mm_per_h = std::min(20.0, depth);
        const RunResult result = run_or_die(what, assets);
        for (std::size_t i = 0; i < assets.size(); ++i) {
            EXPECT_GE(result.outcomes[i].outage_probability, before[i] - 1e-12) << depth;
            before[i] = result.outcomes[i].outage_probability;
        }
    }
    for (const std::int64_t window : {1, 6, 12}) {
        Scenario what = scenario(Event::flood, day(2026, 7, 12), window);
        const RunResult result = run_or_die(what, assets);
        double fallen = 0.0;
        for (const double mm : result.weather.rain_mm) {
            fallen += mm;
        }
        EXPECT_NEAR(fallen, 80.0, 1e-9) << "all of the rain falls within " << window << " h";
    }
}

TEST(RunProperty, ScalingLoadScalesLoading) {
    std::vector<Asset> assets = small_town();
    assets[3].charger_kw = 7.4;  // far from what the connection carries
    const Scenario base = scenario(Event::normal, day(2026, 11, 18), 24);
    Scenario doubled = base;
    doubled.levers.load_factor = 2.0;
    const RunResult one = run_or_die(base, assets);
    const RunResult two = run_or_die(doubled, assets);
    for (std::size_t i = 0; i < assets.size(); ++i) {
        EXPECT_NEAR(two.outcomes[i].loading_percent, 2.0 * one.outcomes[i].loading_percent,
                    1e-3 * one.outcomes[i].loading_percent)
            << assets[i].id;
    }
}

TEST(RunProperty, LossOfAnElementConservesEnergy) {
    const std::vector<Asset> town = small_town();
    const Scenario whole = scenario(Event::normal, day(2026, 1, 21), 24);
    Scenario broken = whole;
    broken.event = Event::loss_of_element;
    broken.lost_elements = {"north"};
    const RunResult before = run_or_die(whole, town);
    const RunResult after = run_or_die(broken, town);
    const double lost_kwh = before.outcomes[1].energy_kwh;
    EXPECT_TRUE(after.outcomes[1].is_lost);
    const double gained = after.outcomes[2].transferred_kwh + after.outcomes[5].transferred_kwh;
    EXPECT_NEAR(gained + after.outcomes[1].unserved_kwh, lost_kwh, kwh_of_rounding);
    EXPECT_NEAR(after.outcomes[1].transferred_kwh, -gained, kwh_of_rounding);
    EXPECT_NEAR(after.outcomes[2].energy_kwh - before.outcomes[2].energy_kwh,
                after.outcomes[2].transferred_kwh, kwh_of_rounding);
    EXPECT_NEAR(after.outcomes[5].energy_kwh - before.outcomes[5].energy_kwh,
                after.outcomes[5].transferred_kwh, kwh_of_rounding);
    // What moved to the neighbour's feeder left one substation and arrived at the other.
    EXPECT_LT(after.outcomes[0].energy_kwh, before.outcomes[0].energy_kwh);
    EXPECT_GT(after.outcomes[4].energy_kwh, before.outcomes[4].energy_kwh);
}

TEST(RunProperty, NoTieLeavesAllWithoutSupply) {
    std::vector<Asset> town = small_town();
    town[1].open_points.clear();
    Scenario broken = scenario(Event::loss_of_element, day(2026, 1, 21), 24);
    broken.lost_elements = {"north"};
    const RunResult result = run_or_die(broken, town);
    EXPECT_GT(result.outcomes[1].unserved_kwh, 0.0);
    EXPECT_EQ(result.outcomes[3].energy_kwh, 0.0) << "the hub hangs on the lost feeder";
    EXPECT_EQ(result.risks.front().asset_id, "north");
    EXPECT_EQ(result.risks.front().risk_level, RiskLevel::critical);
}

TEST(RunProperty, RemediesAreOrderedAndBothIsTheLeastTurnDown) {
    Scenario broken = scenario(Event::loss_of_element, day(2026, 1, 21), 24);
    broken.lost_elements = {"north"};
    const RunResult result = run_or_die(broken, small_town());
    ASSERT_FALSE(result.alternatives.empty());
    const Alternatives& lost = result.alternatives.front();
    ASSERT_EQ(lost.remedies.size(), 4U);
    const RemedyOutcome& nothing = lost.remedies[0];
    const RemedyOutcome& switching = lost.remedies[1];
    const RemedyOutcome& turn_down = lost.remedies[2];
    const RemedyOutcome& both = lost.remedies[3];
    EXPECT_GT(nothing.unserved_kwh, switching.unserved_kwh);
    EXPECT_FALSE(switching.moves.empty());
    EXPECT_GT(turn_down.dispatch_kw, both.dispatch_kw);
    EXPECT_NEAR(turn_down.dispatch_kwh, nothing.unserved_kwh, kwh_of_rounding);
}

TEST(RunProperty, HigherQuantileIsNeverLess) {
    std::vector<float> before;
    for (const double quantile : {0.05, 0.25, 0.5, 0.75, 0.95}) {
        Scenario what = scenario(Event::normal, day(2026, 6, 3), 24);
        what.levers.quantile = quantile;
        const RunResult result = run_or_die(what, small_town());
        for (std::size_t i = 0; i < before.size(); ++i) {
            ASSERT_GE(result.curves.load_kw[i], before[i]);
        }
        before = result.curves.load_kw;
    }
}

TEST(RunProperty, DearerPowerIsNeverMoreLoad) {
    std::vector<float> before;
    for (const double price : {0.5, 1.0, 1.5, 3.0}) {
        Scenario what = scenario(Event::normal, day(2026, 6, 3), 24);
        what.levers.price_factor = price;
        const RunResult result = run_or_die(what, small_town());
        for (std::size_t i = 0; i < before.size(); ++i) {
            ASSERT_LE(result.curves.load_kw[i], before[i]);
        }
        before = result.curves.load_kw;
    }
}

}  // namespace
}  // namespace headroom::scenario
