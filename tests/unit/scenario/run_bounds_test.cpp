#include "unit/scenario/run_fixture.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace headroom::scenario {
namespace {

const double nan_value = std::numeric_limits<double>::quiet_NaN();

void expect_refused(const Scenario& what, const std::vector<Asset>& assets, const BaseWeather& weather,
                    const std::string& pointer, Errc code = Errc::invalid) {
    const Result<RunResult> result = run(what, assets, weather, 1);
    ASSERT_FALSE(result.has_value()) << pointer;
    EXPECT_EQ(result.error().code, code) << pointer;
    EXPECT_EQ(result.error().pointer, pointer);
    EXPECT_FALSE(result.error().message.empty());
}

TEST(RunBounds, ScenarioOutsideItsBoundsIsRefused) {
    const std::vector<Asset> town = small_town();
    Scenario what = scenario(Event::heatwave, day(2026, 7, 14), 0);
    expect_refused(what, town, {}, "/scenario/hours");
    what.hours = 241;
    expect_refused(what, town, {}, "/scenario/hours");
    what.hours = 24;
    what.start += minutes{7};
    expect_refused(what, town, {}, "/scenario/start");
    what.start = day(2026, 7, 14);
    what.levers.temperature_max_c = nan_value;
    expect_refused(what, town, {}, "/scenario/levers/temperature_max_c");
    what.levers.temperature_max_c = 20.0;
    what.levers.temperature_min_c = 25.0;
    expect_refused(what, town, {}, "/scenario/levers/temperature_min_c");
    what.levers = {};
    what.levers.quantile = 1.0;
    expect_refused(what, town, {}, "/scenario/levers/quantile");
    what.levers = {};
    what.levers.total_rainfall_mm = 10.0;
    what.levers.rainfall_max_mm_per_h = 20.0;
    expect_refused(what, town, {}, "/scenario/levers/rainfall_max_mm_per_h");
}

TEST(RunBounds, NoAssetsIsNotFound) {
    expect_refused(scenario(Event::heatwave, day(2026, 7, 14), 24), {}, {}, "/scenario/place",
                   Errc::not_found);
}

TEST(RunBounds, MoreHalfHoursThanAResultMayHoldAreRefused) {
    std::vector<Asset> many(60'000, asset("a", AssetType::feeder, 500.0));
    for (std::size_t i = 0; i < many.size(); ++i) {
        many[i].id = "a" + std::to_string(i);
    }
    expect_refused(scenario(Event::normal, day(2026, 7, 14), 240), many, {}, "/scenario/hours");
}

TEST(RunBounds, LostElementsMustExist) {
    Scenario what = scenario(Event::loss_of_element, day(2026, 7, 14), 24);
    expect_refused(what, small_town(), {}, "/scenario/lost_elements");
    what.lost_elements = {"north", "nowhere"};
    expect_refused(what, small_town(), {}, "/scenario/lost_elements/1", Errc::not_found);
}

TEST(RunBounds, AssetsOutsideTheirBoundsAreRefused) {
    const Scenario what = scenario(Event::normal, day(2026, 7, 14), 24);
    std::vector<Asset> town = small_town();
    town[2].capacity_kw = 0.0;
    expect_refused(what, town, {}, "/assets/2/capacity_kw");
    town = small_town();
    town[2].peak_kw = nan_value;
    expect_refused(what, town, {}, "/assets/2/peak_kw");
    town = small_town();
    town[1].id = "no id";
    expect_refused(what, town, {}, "/assets/1/id");
    town = small_town();
    town[1].id = "south";
    expect_refused(what, town, {}, "/assets/2/id");
    town = small_town();
    town[0].feeds.push_back("ghost");
    expect_refused(what, town, {}, "/assets/0/feeds/2", Errc::not_found);
    town = small_town();
    town[3].feeds = {"primary"};
    expect_refused(what, town, {}, "/assets/0/feeds");
    town = small_town();
    town[1].open_points[0].to = "ghost";
    expect_refused(what, town, {}, "/assets/1/open_points/0/to", Errc::not_found);
    town = small_town();
    town[1].mix.industrial = -1.0;
    expect_refused(what, town, {}, "/assets/1/mix/industrial");
    town = small_town();
    town[4].history = History{.start = day(2025, 1, 1),
                              .load_kw = {1.0, 2.0},
                              .temperature_c = {1.0},
                              .radiation_w_per_m2 = {},
                              .source = {}};
    expect_refused(what, town, {}, "/assets/4/history/temperature_c");
}

TEST(RunBounds, PoisonedWeatherIsRefused) {
    const Scenario what = scenario(Event::normal, day(2026, 7, 14), 24);
    BaseWeather weather;
    weather.steps = {{.at = what.start, .temperature_c = 10.0},
                     {.at = what.start + hours{1}, .temperature_c = 900.0}};
    expect_refused(what, small_town(), weather, "/weather/steps/1/temperature_c");
    weather.steps[1] = weather.steps[0];
    expect_refused(what, small_town(), weather, "/weather/steps/1/at");
}

TEST(RunBounds, ExtremesWithinBoundsStayFinite) {
    std::vector<Asset> town = small_town();
    town[0].capacity_kw = 1e-6;
    town[0].peak_kw = asset_kw_max;
    town[4].peak_kw = asset_kw_max;
    town[6].surface_area_m2 = asset_area_m2_max;
    Scenario what = scenario(Event::heatwave, day(2026, 7, 14), 240);
    what.levers = {.temperature_max_c = 60.0,
                   .temperature_min_c = 60.0,
                   .temperature_offset_k = 20.0,
                   .ev_uptake = 20.0,
                   .price_factor = 0.05,
                   .load_factor = 10.0,
                   .quantile = 0.99};
    const RunResult result = run_or_die(what, town);
    for (const AssetOutcome& outcome : result.outcomes) {
        EXPECT_TRUE(std::isfinite(outcome.loading_percent)) << outcome.asset_id;
        EXPECT_TRUE(std::isfinite(outcome.loss_of_life_hours)) << outcome.asset_id;
        EXPECT_TRUE(std::isfinite(outcome.hot_spot_max_c)) << outcome.asset_id;
    }
    for (const float kw : result.curves.load_kw) {
        ASSERT_TRUE(std::isfinite(kw));
    }
    what.levers.temperature_max_c = what.levers.temperature_min_c = -60.0;
    what.levers.temperature_offset_k = -20.0;
    const RunResult cold = run_or_die(what, town);
    for (const float kw : cold.curves.load_kw) {
        ASSERT_TRUE(std::isfinite(kw));
    }
}

TEST(RunBounds, ALongChainAndAWebOfPathsAreNoTrouble) {
    // Fifty diamonds one above the other have 2^50 ways from bottom to top.
    std::vector<Asset> assets;
    assets.push_back(asset("n0", AssetType::feeder, 100.0));
    for (int i = 1; i <= 50; ++i) {
        const std::string below = "n" + std::to_string(i - 1);
        for (const char* side : {"l", "r"}) {
            assets.push_back(asset(side + std::to_string(i), AssetType::feeder, 100.0));
            assets.back().feeds = {below};
        }
        assets.push_back(asset("n" + std::to_string(i), AssetType::substation, 200.0));
        assets.back().feeds = {"l" + std::to_string(i), "r" + std::to_string(i)};
    }
    assets.push_back(asset("aside", AssetType::feeder, 100.0));
    assets[0].open_points = {{"aside", 60.0}};
    Scenario what = scenario(Event::loss_of_element, day(2026, 7, 14), 6);
    what.lost_elements = {"n0"};
    const RunResult result = run_or_die(what, assets);
    EXPECT_GT(result.outcomes.back().transferred_kwh, 0.0);
}

TEST(RunBounds, ClockChangeDaysHaveAllTheirHalfHours) {
    for (const UtcTime start : {day(2026, 3, 29), day(2026, 10, 25)}) {
        const RunResult result = run_or_die(scenario(Event::normal, start, 25), small_town());
        EXPECT_EQ(result.curves.periods, 50U);
        for (std::size_t i = 0; i < 50; ++i) {
            EXPECT_GT(result.curves.of(result.curves.load_kw, 0)[i], 0.0F);
        }
    }
}

}  // namespace
}  // namespace headroom::scenario
