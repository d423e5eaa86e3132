#include "scenario/monte_carlo.hpp"

#include "unit/scenario/run_fixture.hpp"

#include <gtest/gtest.h>

namespace headroom::scenario {
namespace {

TEST(MonteCarlo, BandsAreOrderedAroundTheRunAndTheSameForTheSameSeed) {
    const std::vector<Asset> town = small_town();
    const Scenario what = scenario(Event::flood, day(2026, 7, 12), 24);
    const MonteCarloOptions options{.draws = 60};
    const auto first = monte_carlo(what, town, {}, 3, options);
    const auto again = monte_carlo(what, town, {}, 3, options);
    ASSERT_TRUE(first.has_value());
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(*first, *again);
    const RunResult middle = run_or_die(what, town);
    for (std::size_t i = 0; i < town.size(); ++i) {
        const MonteCarloBand& band = (*first)[i];
        EXPECT_EQ(band.asset_id, town[i].id);
        EXPECT_LE(band.loading_p10_percent, band.loading_p50_percent);
        EXPECT_LE(band.loading_p50_percent, band.loading_p90_percent);
        EXPECT_LT(band.loading_p10_percent, middle.outcomes[i].loading_percent);
        EXPECT_GT(band.loading_p90_percent, middle.outcomes[i].loading_percent);
        EXPECT_GE(band.over_probability, band.critical_probability);
        EXPECT_LE(band.over_probability, 1.0 + 1e-9);
        EXPECT_GT(band.outage_probability, 0.0);
    }
}

TEST(MonteCarlo, RefusesWhatIsOutsideItsBoundsAndStopsWhenCancelled) {
    const std::vector<Asset> town = small_town();
    const Scenario what = scenario(Event::normal, day(2026, 7, 12), 6);
    EXPECT_FALSE(monte_carlo(what, town, {}, 3, {.draws = 1}).has_value());
    EXPECT_FALSE(monte_carlo(what, town, {}, 3, {.draws = 10, .temperature_k = -1.0}).has_value());
    std::atomic<bool> cancelled = false;
    std::size_t told = 0;
    const RunWatch watch{.progress =
                             [&](std::size_t done, std::size_t all) {
                                 told = done;
                                 cancelled = done * 2 > all;
                             },
                         .cancelled = &cancelled};
    const auto stopped = monte_carlo(what, town, {}, 3, {.draws = 10}, watch);
    ASSERT_FALSE(stopped.has_value());
    EXPECT_EQ(stopped.error().code, Errc::conflict);
    EXPECT_LT(told, 10U * town.size());
}

}  // namespace
}  // namespace headroom::scenario
