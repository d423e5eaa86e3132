#include "forecast/live_forecast.hpp"

#include "core/random.hpp"
#include "forecast/model_file.hpp"
#include "unit/forecast/periods.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

namespace headroom::forecast {
namespace {

/// Half-hours of one feeder with a daily wave, gaps and a drift, as the control room keeps them.
std::vector<float> half_hours_of(std::uint64_t feeder, int days) {
    const Random random(5);
    std::vector<float> kw;
    for (int i = 0; i < 48 * days; ++i) {
        const double angle = 2.0 * std::numbers::pi * (i % 48) / 48.0;
        const double noise = random.normal(feeder, static_cast<std::uint64_t>(i));
        const bool is_gap = i % 211 == 17;
        kw.push_back(is_gap ? std::numeric_limits<float>::quiet_NaN()
                            : static_cast<float>(80.0 + 30.0 * std::sin(angle) + 2.0 * noise));
    }
    return kw;
}

Panel panel_of(std::size_t feeders, int days) {
    Panel panel{.step_s = 1800, .series = {}};
    for (std::size_t i = 0; i < feeders; ++i) {
        Panel::Series& series = panel.series.emplace_back();
        series.name = "F-" + std::to_string(i) + "/p_kw/sum";
        series.load.first = first_period;
        for (const float kw : half_hours_of(i, days)) {
            series.load.values.push_back(snapped_kw(static_cast<double>(kw)));
        }
    }
    return panel;
}

const LiveModel& model() {
    static const LiveModel made = [] {
        TrainEnsembleOptions options;
        options.learn.trees = {.rounds_max = 12, .depth_max = 3, .eta = 0.3, .bins = 32};
        options.learn.width_trees = {.rounds_max = 6, .depth_max = 2, .eta = 0.3, .bins = 32};
        options.leads_s = {1800, 4 * 3600, 24 * 3600};
        return *LiveModel::make(*train_ensemble(panel_of(2, 50), {}, options, nullptr), "m-1");
    }();
    return made;
}

struct KeptPast {
    explicit KeptPast(std::uint64_t feeder, int days, std::size_t kept = live_past_periods)
        : kw(half_hours_of(feeder, days)) {
        halves = {.first = first_period + static_cast<std::int64_t>(kw.size() - std::min(kept, kw.size())),
                  .kw = std::span(kw).last(std::min(kept, kw.size()))};
    }
    std::vector<float> kw;
    features::HalfHours halves;
};

LivePoint point_of(const KeptPast& past, std::int32_t series) {
    return {.past = past.halves, .series = series, .scale = live_scale(past.halves, past.halves.end())};
}

TEST(LiveForecast, RowsAreThoseOfTheTrainingBitForBitHoweverFarThePastReaches) {
    const Panel whole = panel_of(2, 50);
    const RowMaker offline(whole, {}, Region::england_and_wales);
    const KeptPast past(1, 50);
    Panel ring{.step_s = 1800, .series = {{"F-1/p_kw/sum", {.first = past.halves.first, .values = {}}}}};
    for (const float kw : past.halves.kw) {
        ring.series[0].load.values.push_back(snapped_kw(static_cast<double>(kw)));
    }
    const RowMaker online(ring, {}, Region::england_and_wales);
    const std::int64_t newest = past.halves.end() - 1;
    std::vector<float> one(offline.columns().size());
    std::vector<float> two(online.columns().size());
    for (std::int64_t lead = 1; lead <= live_periods_max; ++lead) {
        const SeriesScale scale = live_scale(past.halves, newest + 1);
        const double base_one = offline.make(1, newest + lead, newest, scale, one);
        const double base_two = online.make(0, newest + lead, newest, scale, two);
        ASSERT_EQ(std::bit_cast<std::uint64_t>(base_one), std::bit_cast<std::uint64_t>(base_two));
        for (std::size_t c = 0; c < one.size(); ++c) {
            ASSERT_EQ(std::bit_cast<std::uint32_t>(one[c]), std::bit_cast<std::uint32_t>(two[c]))
                << offline.columns()[c].name << ", lead " << lead;
        }
    }
}

TEST(LiveForecast, SaysWhatTheModelsSayOfTheRow) {
    const KeptPast past(0, 50);
    const std::vector points{point_of(past, model().series("F-0/p_kw/sum"))};
    LiveForecaster live;
    live.look(model(), past.halves.end(), points);
    live.forecast({}, {.from = 0, .to = 48});
    ASSERT_EQ(live.fault(0), Fallback::none);

    const Panel whole = panel_of(2, 50);
    const RowMaker maker(whole, {}, Region::england_and_wales);
    std::vector<float> row(maker.columns().size());
    const std::int64_t newest = past.halves.end() - 1;
    for (const std::size_t learnt : {0U, 1U, 2U}) {
        const EnsembleLead& lead = model().ensemble().leads[learnt];
        const std::int64_t target = newest + lead.lead_s / 1800;
        const double base = maker.make(0, target, newest, points[0].scale, row);
        const MemberValues members = lead.model.members(row, 0);
        const double blended = lead.model.blended(members, 0);
        const double width = lead.model.error_width(row, members, blended);
        const auto block = static_cast<std::size_t>(
            place_in_day(Region::england_and_wales, target * 1800).minute * error_blocks / 1440);
        const QuantileRow& said = live.rows()[static_cast<std::size_t>(lead.lead_s / 1800 - 1)];
        for (std::size_t q = 0; q < quantile_count; ++q) {
            EXPECT_EQ(said[q],
                      row_watts(base + points[0].scale.spread * (blended + width * lead.errors[block][q])));
        }
    }
}

TEST(LiveForecast, TheSameInAnyBlockAndForAFeederThatWasNeverSeen) {
    std::vector<KeptPast> pasts;
    for (std::uint64_t feeder = 0; feeder < 21; ++feeder) {
        pasts.emplace_back(feeder, 40);
    }
    std::vector<LivePoint> points;
    for (std::size_t i = 0; i < pasts.size(); ++i) {
        points.push_back(point_of(pasts[i], model().series("F-" + std::to_string(i) + "/p_kw/sum")));
    }
    EXPECT_EQ(points[1].series, 1);
    EXPECT_EQ(points[20].series, -1);
    LiveForecaster together;
    together.look(model(), pasts[0].halves.end(), points);
    together.forecast({}, {.from = 0, .to = 13});
    LiveForecaster alone;
    for (std::size_t i = 0; i < points.size(); ++i) {
        ASSERT_EQ(together.fault(i), Fallback::none);
        alone.look(model(), pasts[i].halves.end(), std::span(points).subspan(i, 1));
        alone.forecast({}, {.from = 0, .to = 13});
        for (std::size_t h = 0; h < 13; ++h) {
            EXPECT_EQ(alone.rows()[h], together.rows()[i * 13 + h]);
            EXPECT_TRUE(std::ranges::is_sorted(alone.rows()[h]));
            // The wave goes on: within 50 kW of its middle, wherever the feeder came from.
            EXPECT_NEAR(alone.rows()[h][3], 80'000, 50'000);
        }
    }
}

TEST(LiveForecast, MixesTheLearntLeadsOnBothSidesOfTheSameBase) {
    EXPECT_EQ(model().mix(1800).far_share, 0.0);
    const LeadMix two_hours = model().mix(2 * 3600);
    EXPECT_EQ(two_hours.near, 0U);
    EXPECT_EQ(two_hours.far, 1U);
    EXPECT_DOUBLE_EQ(two_hours.far_share, 1.5 / 3.5);
    const LeadMix eight_hours = model().mix(8 * 3600);  // told from the days before, as a day ahead is
    EXPECT_EQ(eight_hours.near, 2U);
    EXPECT_EQ(eight_hours.far_share, 0.0);
    EXPECT_EQ(model().mix(48 * 3600).near, 2U);
}

TEST(LiveForecast, SaysWhyAPointCannotBeServed) {
    const KeptPast short_past(0, 1);
    KeptPast old_past(1, 40);
    std::fill(old_past.kw.end() - 50, old_past.kw.end(), std::numeric_limits<float>::quiet_NaN());
    const std::vector points{point_of(short_past, -1), point_of(old_past, -1)};
    LiveForecaster live;
    live.look(model(), old_past.halves.end(), points);
    EXPECT_EQ(live.fault(0), Fallback::short_past);
    EXPECT_EQ(live.fault(1), Fallback::old_past);
    EXPECT_EQ(to_text(Fallback::old_past), "nothing is known of the last day");
}

TEST(LiveForecast, RefusesAModelThatItHasNoRowsFor) {
    Ensemble hourly = model().ensemble();
    hourly.step_s = 3600;
    EXPECT_EQ(LiveModel::make(hourly, "m").error().code, Errc::conflict);
    Ensemble weather = model().ensemble();
    weather.covariates = {"temperature"};  // a column that the control room does not keep
    EXPECT_EQ(LiveModel::make(weather, "m").error().code, Errc::conflict);
    Ensemble other = model().ensemble();
    other.schema_hash = "0";
    EXPECT_EQ(LiveModel::make(other, "m").error().code, Errc::conflict);
}

/// A drift that the model has not seen: errors learnt for some days bring the quantiles back.
TEST(LiveTracking, BiasAndQuantilesFollowADriftOfTheLoad) {
    constexpr int learnt_days = 25;
    std::vector<KeptPast> pasts;
    for (std::uint64_t feeder = 10; feeder < 18; ++feeder) {
        pasts.emplace_back(feeder, 70, 70 * 48);
        // From day 40 on every day is 1 kW above the one before it.
        for (std::size_t i = 40 * 48; i < pasts.back().kw.size(); ++i) {
            pasts.back().kw[i] += static_cast<float>((i / 48) - 39);
        }
    }
    const auto coverage = [&](bool is_learning) {
        LiveTracking tracking;
        std::vector<PointBias> biases(pasts.size());
        std::vector<PointBias*> learning;
        for (PointBias& bias : biases) {
            learning.push_back(&bias);
        }
        LiveForecaster live;
        double below = 0.0;
        double all = 0.0;
        for (std::size_t origin = 44 * 48; origin < 69 * 48; ++origin) {
            std::vector<LivePoint> points;
            for (std::size_t i = 0; i < pasts.size(); ++i) {
                const features::HalfHours past{
                    .first = first_period + static_cast<std::int64_t>(origin - live_past_periods),
                    .kw = std::span(pasts[i].kw).subspan(origin - live_past_periods, live_past_periods)};
                points.push_back(
                    {.past = past, .series = -1, .scale = live_scale(past, past.end()), .bias = &biases[i]});
            }
            live.look(model(), points[0].past.end(), points);
            TrackingCounts counts;
            if (is_learning) {
                live.learn(tracking, learning, counts);
            }
            if (origin >= (44 + learnt_days / 2) * 48 && origin % 5 == 0) {
                live.forecast(tracking, {.from = 47, .to = 48});
                for (std::size_t i = 0; i < pasts.size(); ++i) {
                    below += pasts[i].kw[origin + 47] * 1000.0F <= static_cast<float>(live.rows()[i][5]);
                    all += 1.0;
                }
            }
            tracking.follow(counts);
        }
        return below / all;
    };
    const double without = coverage(false);
    const double with = coverage(true);
    EXPECT_LT(without, 0.6) << "the drift is hard enough to be worth following";
    EXPECT_GT(with, 0.8);
    EXPECT_LT(with, 0.98);
}

TEST(LiveTracking, CountsAddUpInAnyOrderAndMoveTowardsTheMissedSide) {
    TrackingCounts one;
    TrackingCounts two;
    const QuantileValues at{-3, -2, -1, 0, 1, 2, 3};
    for (int i = 0; i < 10; ++i) {
        LiveTracking::count((i % 3 == 0 ? one : two).cells[1][0][2], 2.5, at);
    }
    TrackingCounts forth = one;
    forth.add(two);
    TrackingCounts back = two;
    back.add(one);
    EXPECT_EQ(forth, back);
    EXPECT_EQ(forth.cells[1][0][2].all, 10U);
    LiveTracking tracking;
    tracking.follow(forth);
    EXPECT_GT(tracking.offsets[1][0][2][5], 0.0) << "every truth was above P90";
    EXPECT_LT(tracking.offsets[1][0][2][6], 0.0) << "and below P95";
    EXPECT_EQ(tracking.offsets[0][0][2][5], 0.0);
}

}  // namespace
}  // namespace headroom::forecast
