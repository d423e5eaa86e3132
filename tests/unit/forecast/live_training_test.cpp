#include "forecast/live_training.hpp"

#include "core/random.hpp"
#include "forecast/model_file.hpp"
#include "unit/forecast/periods.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

namespace headroom::forecast {
namespace {

/// Weekdays and weekends differ, evenings more so: something to learn beyond yesterday.
std::vector<LiveHistory> histories_of(int days, std::size_t feeders = 2) {
    const Random random(9);
    std::vector<LiveHistory> out;
    for (std::size_t feeder = 0; feeder < feeders; ++feeder) {
        LiveHistory& history = out.emplace_back();
        history.name = "F-" + std::to_string(feeder) + "/p_kw/sum";
        history.first = first_period;
        for (int i = 0; i < days * day_periods; ++i) {
            const bool is_weekend = (i / day_periods) % 7 >= 5;
            const double angle =
                2.0 * std::numbers::pi * (i % day_periods) / static_cast<double>(day_periods);
            const double noise = random.normal(feeder, static_cast<std::uint64_t>(i));
            history.kw.push_back(static_cast<float>((is_weekend ? 60.0 : 90.0) +
                                                    (is_weekend ? 10.0 : 30.0) * std::sin(angle) + noise));
        }
    }
    return out;
}

LiveTrainOptions quick() {
    LiveTrainOptions options;
    options.learn.trees = {.rounds_max = 20, .depth_max = 4, .eta = 0.3, .bins = 32};
    options.learn.width_trees = {.rounds_max = 6, .depth_max = 2, .eta = 0.3, .bins = 32};
    options.leads_s = {1800, 4 * 3600, 12 * 3600};
    return options;
}

constexpr std::int64_t now = first_period + 46 * day_periods + 3;

const Result<Challenge>& first_challenge() {
    static const Result<Challenge> made = train_challenger(histories_of(46), now, nullptr, quick(), nullptr);
    return made;
}

TEST(LiveTraining, TheChallengerIsJudgedOnWholeDaysItHasNotSeen) {
    const Result<Challenge>& challenge = first_challenge();
    ASSERT_TRUE(challenge) << challenge.error().message;
    const LiveTrial& trial = challenge->trial;
    EXPECT_EQ(trial.from, first_period + 44 * day_periods);
    EXPECT_EQ(trial.to, first_period + 46 * day_periods);
    EXPECT_EQ(challenge->ensemble.data_to_s, (trial.from - 1) * 1800);
    EXPECT_GT(trial.forecasts, 100U);
    EXPECT_GT(trial.p90_share, 0.7);
    EXPECT_TRUE(trial.is_won()) << trial.pinball << " against the ridge's " << trial.champion_pinball;
    // The same again, to the last bit.
    const Result<Challenge> again = train_challenger(histories_of(46), now, nullptr, quick(), nullptr);
    EXPECT_EQ(write_model(challenge->ensemble), write_model(again->ensemble));
    EXPECT_EQ(trial.pinball, again->trial.pinball);
}

TEST(LiveTraining, NothingOfTheHeldDaysIsLearnt) {
    std::vector<LiveHistory> changed = histories_of(46);
    for (LiveHistory& history : changed) {
        std::fill(history.kw.begin() + 44 * day_periods, history.kw.end(), 1000.0F);
    }
    EXPECT_EQ(write_model(first_challenge()->ensemble),
              write_model(train_challenger(changed, now, nullptr, quick(), nullptr)->ensemble));
}

TEST(LiveTraining, ADullChallengerDoesNotWinAgainstTheChampion) {
    const std::vector<LiveHistory> histories = histories_of(46);
    const LiveModel champion =
        *LiveModel::make(train_challenger(histories, now, nullptr, quick(), nullptr)->ensemble, "champion");
    // A challenger that was only shown noise.
    std::vector<LiveHistory> worse = histories;
    const Random random(77);
    for (LiveHistory& history : worse) {
        for (std::size_t i = 0; i < 44 * day_periods; ++i) {
            history.kw[i] += static_cast<float>(60.0 * random.normal(5, i));
        }
    }
    const Result<Challenge> challenge = train_challenger(worse, now, &champion, quick(), nullptr);
    ASSERT_TRUE(challenge);
    EXPECT_FALSE(challenge->trial.is_won());
    // Against itself nobody wins either.
    const Result<Challenge> equal = train_challenger(histories, now, &champion, quick(), nullptr);
    EXPECT_EQ(equal->trial.pinball, equal->trial.champion_pinball);
    EXPECT_FALSE(equal->trial.is_won());
}

TEST(LiveTraining, SaysWhenThereIsTooLittleAndEndsWhenItIsCancelled) {
    const auto too_short =
        train_challenger(histories_of(20), first_period + 20 * day_periods, nullptr, quick(), nullptr);
    ASSERT_FALSE(too_short);
    EXPECT_EQ(too_short.error().code, Errc::invalid);
    EXPECT_NE(too_short.error().message.find("has 18 days"), std::string::npos) << too_short.error().message;

    std::vector<LiveHistory> flagged = histories_of(46);  // what trust has flagged counts for nothing
    for (LiveHistory& history : flagged) {
        std::fill(history.kw.begin(), history.kw.begin() + 20 * day_periods,
                  std::numeric_limits<float>::quiet_NaN());
    }
    EXPECT_EQ(train_challenger(flagged, now, nullptr, quick(), nullptr).error().code, Errc::invalid);

    const std::atomic<bool> cancelled{true};
    LiveTrainOptions options = quick();
    options.learn.is_cancelled = &cancelled;
    EXPECT_EQ(train_challenger(histories_of(46), now, nullptr, options, nullptr).error().code,
              Errc::unavailable);
}

}  // namespace
}  // namespace headroom::forecast
