#include "scenario/run.hpp"

#include "core/json.hpp"
#include "scenario/result_json.hpp"
#include "unit/scenario/run_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace headroom::scenario {
namespace {

std::size_t position(const RunResult& result, std::string_view id) {
    for (std::size_t i = 0; i < result.outcomes.size(); ++i) {
        if (result.outcomes[i].asset_id == id) {
            return i;
        }
    }
    HEADROOM_ASSERT(false && "no such asset");
    return 0;
}

TEST(Run, HeatwaveInLondonRanksRisks) {
    const RunResult result = run_or_die(scenario(Event::heatwave, day(2026, 7, 14), 72), small_town());

    EXPECT_FALSE(result.hypothetical);
    ASSERT_FALSE(result.risks.empty());
    for (std::size_t i = 1; i < result.risks.size(); ++i) {
        EXPECT_GE(result.risks[i - 1].risk_level, result.risks[i].risk_level);
    }
    const Risk& first = result.risks.front();
    EXPECT_GT(first.projected_peak_kw, 0.0);
    EXPECT_FALSE(first.reason.empty());
    EXPECT_FALSE(first.data_sources.empty());
    EXPECT_EQ(result.data_sources.front(), "weather: climatology");
    const auto hottest = *std::ranges::max_element(result.weather.temperature_c);
    EXPECT_NEAR(hottest, 35.0, 0.01);
}

TEST(Run, HeatwaveInJanuaryIsHypotheticalAndGivesOtherNumbers) {
    const RunResult july = run_or_die(scenario(Event::heatwave, day(2026, 7, 14), 72), small_town());
    const RunResult january = run_or_die(scenario(Event::heatwave, day(2026, 1, 14), 72), small_town());

    EXPECT_TRUE(january.hypothetical);
    EXPECT_FALSE(january.hypothetical_reason.empty());
    EXPECT_FALSE(january.risks.empty());
    EXPECT_NE(january.outcomes[0].peak_kw, july.outcomes[0].peak_kw);
}

TEST(Run, IsTheSameForTheSameInputsAndOtherForAnotherSeed) {
    Scenario what = scenario(Event::flood, day(2026, 10, 3), 48);
    what.levers.der_outage_share = 0.5;
    const RunResult first = run_or_die(what, small_town(), {}, 11);
    const RunResult again = run_or_die(what, small_town(), {}, 11);
    const RunResult other = run_or_die(what, small_town(), {}, 12);

    EXPECT_EQ(json::write(result_json(first)), json::write(result_json(again)));
    EXPECT_EQ(first, again);
    EXPECT_NE(first.weather.rain_mm, other.weather.rain_mm);
}

TEST(Run, IsRecomputableFromItsStoredInputs) {
    RunInput input{.scenario = scenario(Event::cold_snap, day(2026, 1, 20), 30),
                   .assets = small_town(),
                   .weather = {.source = "service", .licence = "CC BY 4.0", .as_of = day(2026, 1, 19)},
                   .seed = 42};
    input.scenario.levers.temperature_min_c = -7.25;
    for (int hour = 0; hour < 30; ++hour) {
        input.weather.steps.push_back({.at = input.scenario.start + hours{hour},
                                       .temperature_c = 1.0 + std::sin(hour / 4.0),
                                       .wind_m_per_s = 5.1});
    }
    input.assets[4].history = History{.start = day(2025, 1, 1),
                                      .load_kw = {100.25, std::nullopt, 3.1},
                                      .temperature_c = {},
                                      .radiation_w_per_m2 = {},
                                      .source = "meter"};
    const std::string stored = json::write(to_json(input));

    const Result<json::Value> parsed = json::parse(stored);
    ASSERT_TRUE(parsed.has_value());
    const Result<RunInput> back = run_input_from_json(*parsed);
    ASSERT_TRUE(back.has_value()) << back.error().message;
    EXPECT_EQ(*back, input);
    EXPECT_EQ(json::write(to_json(*back)), stored);

    const Result<RunResult> first = run(input);
    const Result<RunResult> again = run(*back);
    ASSERT_TRUE(first.has_value());
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(json::write(result_json(*first)), json::write(result_json(*again)));
}

TEST(Run, ProgressReachesTheEndAndCancelStops) {
    std::vector<Asset> assets;
    for (int i = 0; i < 2'000; ++i) {
        assets.push_back(asset("f" + std::to_string(i), AssetType::feeder, 500.0));
    }
    const Scenario what = scenario(Event::normal, day(2026, 3, 3), 24);
    std::vector<std::size_t> told;
    std::atomic<bool> cancelled = false;
    const RunWatch watch{.progress = [&](std::size_t done, std::size_t) { told.push_back(done); },
                         .cancelled = &cancelled};
    ASSERT_TRUE(run(what, assets, {}, 1, watch).has_value());
    EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
    EXPECT_EQ(told.back(), assets.size());

    const RunWatch stopper{.progress = [&](std::size_t done, std::size_t) { cancelled = done > 300; },
                           .cancelled = &cancelled};
    const Result<RunResult> stopped = run(what, assets, {}, 1, stopper);
    ASSERT_FALSE(stopped.has_value());
    EXPECT_EQ(stopped.error().code, Errc::conflict);
}

TEST(Run, WeatherGivenIsUsedAndGapsAreNamed) {
    const Scenario what = scenario(Event::normal, day(2026, 7, 1), 24);
    BaseWeather weather{.source = "open_meteo", .licence = {}, .as_of = {}, .steps = {}};
    for (int hour = 0; hour <= 25; ++hour) {
        weather.steps.push_back({.at = what.start + hours{hour},
                                 .temperature_c = 30.0,
                                 .wind_m_per_s = 3.0,
                                 .radiation_w_per_m2 = 0.0,
                                 .precipitation_mm = 1.0});
    }
    const RunResult full = run_or_die(what, small_town(), weather);
    EXPECT_NEAR(full.weather.temperature_c[20], 30.0, 1e-9);
    EXPECT_NEAR(full.weather.rain_mm[20], 0.5, 1e-9);
    ASSERT_EQ(full.data_sources.size(), 1U);
    EXPECT_EQ(full.data_sources[0], "weather: open_meteo");

    weather.steps.resize(12);
    const RunResult half = run_or_die(what, small_town(), weather);
    EXPECT_EQ(half.data_sources.back(), "weather: climatology for what was missing");
}

TEST(Run, SubstationCarriesWhatItsFeedersDo) {
    std::vector<Asset> assets = small_town();
    const Scenario base = scenario(Event::normal, day(2026, 2, 10), 24);
    Scenario surge = base;
    surge.levers.ev_uptake = 3.0;
    assets[1].mix = {.domestic = 1.0};
    assets[0].mix = {.domestic = 1.0};
    const RunResult before = run_or_die(base, assets);
    const RunResult after = run_or_die(surge, assets);
    // The hub's cars reach the primary over the northern feeder.
    EXPECT_GT(after.outcomes[position(after, "hub")].energy_kwh, before.outcomes[3].energy_kwh * 1.5);
    EXPECT_GT(after.outcomes[1].energy_kwh, before.outcomes[1].energy_kwh);
    EXPECT_GT(after.outcomes[0].energy_kwh, before.outcomes[0].energy_kwh);
}

TEST(Run, BatteryAndSunTakeLoadOffAndAnOutagePutsItBack) {
    std::vector<Asset> assets{asset("primary", AssetType::substation, 10'000.0),
                              asset("sun", AssetType::solar_farm, 4'000.0),
                              asset("store", AssetType::battery, 2'000.0)};
    assets[0].peak_kw = 9'000.0;
    assets[0].feeds = {"sun", "store"};
    assets[2].energy_kwh = 4'000.0;
    Scenario what = scenario(Event::normal, day(2026, 6, 10), 24);
    const RunResult with = run_or_die(what, assets);
    what.levers.der_outage_share = 1.0;
    const RunResult without = run_or_die(what, assets);
    EXPECT_LT(with.outcomes[1].energy_kwh, 0.0);
    EXPECT_EQ(without.outcomes[1].energy_kwh, 0.0);
    EXPECT_LT(with.outcomes[0].energy_kwh, without.outcomes[0].energy_kwh);
    const auto evening = 36U;  // 18:00 UTC is 19:00 in London
    EXPECT_LT(with.curves.of(with.curves.load_kw, 2)[evening], 0.0F);
}

}  // namespace
}  // namespace headroom::scenario
