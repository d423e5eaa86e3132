#include "trust/grid_trust.hpp"
#include "core/random.hpp"
#include "trust/innovation.hpp"
#include "trust/replay.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

namespace headroom::trust {
namespace {

constexpr std::size_t half_hours_a_day = 48;
constexpr std::size_t states = 2;
const Random grid_noise(11);

/// Two loads with a daily shape, each with noise of its own.
std::vector<double> load(std::size_t t) {
    const double shape =
        std::sin(2 * std::numbers::pi * static_cast<double>(t % half_hours_a_day) / half_hours_a_day);
    return {2.0 + shape + 0.02 * grid_noise.normal(0, t, 1),
            3.0 + 0.5 * shape + 0.02 * grid_noise.normal(1, t, 1)};
}

InnovationWatch calm_watch(std::size_t until) {
    InnovationWatch watch(states, InnovationRules{});
    for (std::size_t t = 0; t < until; ++t) {
        watch.take(load(t), true);
    }
    return watch;
}

TEST(InnovationWatch, SaysNothingBeforeItHasLearnt) {
    const InnovationWatch watch = calm_watch(half_hours_a_day + 10);
    EXPECT_FALSE(watch.judge(std::vector<double>{99, 99}).is_judged);
    EXPECT_FALSE(watch.judge(std::vector<double>{99, 99}).is_suspect);
}

TEST(InnovationWatch, AMoveThatTheDayDoesNotExplainIsSuspectAtTheStateThatMoved) {
    const std::size_t now = 12 * half_hours_a_day;
    const InnovationWatch watch = calm_watch(now);
    std::vector<double> state = load(now);
    EXPECT_FALSE(watch.judge(state).is_suspect);
    state[1] += 0.4;
    const Innovation found = watch.judge(state);
    EXPECT_TRUE(found.is_suspect);
    EXPECT_EQ(found.state, 1U);
    EXPECT_GT(found.statistic, 1.0);
    EXPECT_NEAR(found.forecast[1], load(now)[1], 0.2);
}

TEST(InnovationWatch, AfterTheAttackTheTruthIsBelievedAtOnce) {
    std::size_t t = 12 * half_hours_a_day;
    InnovationWatch watch = calm_watch(t);
    for (const std::size_t end = t + 12; t < end; ++t) {
        std::vector<double> state = load(t);
        state[0] += 0.5;
        const Innovation found = watch.judge(state);
        EXPECT_TRUE(found.is_suspect) << "an attack does not become normal by lasting: sample " << t;
        watch.take(state, false);
    }
    EXPECT_EQ(watch.distrusted(), 12U);
    EXPECT_FALSE(watch.judge(load(t)).is_suspect) << "the forecast stood in, so the lags are clean";
}

TEST(InnovationWatch, ADriftTooSlowForOneStepIsSeenOverMany) {
    std::size_t t = 12 * half_hours_a_day;
    InnovationWatch watch = calm_watch(t);
    std::size_t horizon = 0;
    for (std::size_t i = 1; i <= 16 && horizon == 0; ++i, ++t) {
        std::vector<double> state = load(t);
        state[0] += 0.03 * static_cast<double>(i);
        const Innovation found = watch.judge(state);
        horizon = found.is_suspect ? found.horizon : 0;
        watch.take(state, !found.is_suspect);
    }
    EXPECT_GT(horizon, 2U);
}

TEST(InnovationWatch, ANewLevelIsBelievedInTheEnd) {
    std::size_t t = 12 * half_hours_a_day;
    InnovationWatch watch = calm_watch(t);
    std::size_t suspected = 0;
    for (std::size_t i = 0; i < 3 * half_hours_a_day; ++i, ++t) {
        std::vector<double> state = load(t);
        state[0] += 1.0;
        const bool is_suspect = watch.judge(state).is_suspect;
        suspected += is_suspect ? 1 : 0;
        watch.take(state, !is_suspect);
    }
    EXPECT_EQ(suspected, InnovationRules{}.distrust_max);
}

TEST(ReplayWatch, FindsTheSampleThatComesAgainAndNothingElse) {
    constexpr std::size_t meters = 24;
    ReplayWatch watch(meters, 20, 7 * half_hours_a_day);
    std::vector<std::vector<double>> noise;
    for (std::size_t t = 0; t < 500; ++t) {
        std::vector<double> residual(meters);
        for (std::size_t m = 0; m < meters; ++m) {
            residual[m] = grid_noise.normal(m, t, 2);
        }
        EXPECT_FALSE(watch.find(residual).has_value());
        watch.take(residual);
        noise.push_back(std::move(residual));
    }
    std::vector<double> again = noise[400];
    for (double& value : again) {
        value = 1.7 * value + 0.05;  // re-scaled and not quite exact
    }
    const std::optional<Replay> replay = watch.find(again);
    ASSERT_TRUE(replay.has_value());
    EXPECT_EQ(replay->samples_back, 100U);
    EXPECT_FALSE(watch.find(noise[10]).has_value()) << "longer ago than it remembers";
}

TEST(ReplayWatch, WithoutRedundancyItNeverSpeaks) {
    ReplayWatch watch(4, 2, 10);
    watch.take(std::vector<double>{1, 2, 3, 4});
    EXPECT_FALSE(watch.find(std::vector<double>{1, 2, 3, 4}).has_value());
}

/// Six loads and their sums, metered with noise of 0.01.
class Network {
  public:
    Network() {
        for (std::size_t m = 0; m < meters; ++m) {
            for (std::size_t i = 0; i < loads; ++i) {
                h.at(m, i) = m < 2 * loads ? (m % loads == i ? 1.0 : 0.0) : (m + i) % 3 == 0 ? 1.0 : 0.0;
            }
        }
    }
    static constexpr std::size_t loads = 6;
    static constexpr std::size_t meters = 18;
    Matrix h{meters, loads};

    [[nodiscard]] std::vector<double> sample(std::size_t t, double shift_of_first = 0.0) const {
        std::vector<double> z(meters, 0.0);
        for (std::size_t m = 0; m < meters; ++m) {
            for (std::size_t i = 0; i < loads; ++i) {
                const double shape = std::sin(2 * std::numbers::pi *
                                              static_cast<double>(t % half_hours_a_day) / half_hours_a_day);
                z[m] += h.at(m, i) *
                        (2.0 + shape + 0.02 * grid_noise.normal(i, t, 3) + (i == 0 ? shift_of_first : 0.0));
            }
            z[m] += 0.01 * grid_noise.normal(m, t, 4);
        }
        return z;
    }
    [[nodiscard]] GridTrust trust() const {
        std::vector<std::string> meter_names;
        std::vector<std::string> state_names;
        for (std::size_t m = 0; m < meters; ++m) {
            meter_names.push_back("m" + std::to_string(m));
        }
        for (std::size_t i = 0; i < loads; ++i) {
            state_names.push_back("load" + std::to_string(i));
        }
        return GridTrust::make(h, 0.01, meter_names, state_names, GridTrustRules{}).value();
    }
};

TEST(GridTrust, NamesTheLayerTheMeterAndTheEvidence) {
    const Network network;
    GridTrust trust = network.trust();
    std::size_t doubted = 0;
    std::size_t t = 0;
    for (; t < 12 * half_hours_a_day; ++t) {
        doubted += trust.judge(network.sample(t))->is_doubted ? 1 : 0;
    }
    EXPECT_LT(doubted, 6U) << "of 576 honest samples";

    std::vector<double> gross = network.sample(t++);
    gross[7] += 0.2;
    GridVerdict verdict = trust.judge(gross).value();
    ASSERT_EQ(verdict.evidence.size(), 1U);
    EXPECT_EQ(verdict.evidence[0].layer, Layer::state);
    EXPECT_EQ(verdict.evidence[0].meter, "m7");
    EXPECT_GT(verdict.evidence[0].confidence, 0.8);
    EXPECT_GT(verdict.score, 1.0);

    verdict = trust.judge(network.sample(t++, 0.5)).value();
    ASSERT_EQ(verdict.evidence.size(), 1U);
    EXPECT_EQ(verdict.evidence[0].layer, Layer::innovation);
    EXPECT_NE(verdict.evidence[0].detail.find("load0"), std::string::npos) << verdict.evidence[0].detail;
    EXPECT_NEAR(verdict.believed[0], 2.0, 0.3) << "the forecast, not the lie";

    verdict = trust.judge(network.sample(t - 30)).value();
    ASSERT_FALSE(verdict.evidence.empty());
    EXPECT_EQ(verdict.evidence[0].layer, Layer::replay);
    EXPECT_NE(verdict.evidence[0].detail.find("30 samples before"), std::string::npos);
    ++t;
    EXPECT_FALSE(trust.judge(network.sample(t)).value().is_doubted);
}

TEST(GridTrust, ASampleThatDeterminesNothingIsAnErrorAndDoesNoHarm) {
    const Network network;
    GridTrust trust = network.trust();
    EXPECT_FALSE(trust.judge(std::vector<double>(Network::meters, std::nan(""))).has_value());
    EXPECT_FALSE(trust.judge(std::vector<double>(3, 1.0)).has_value());
    EXPECT_FALSE(trust.judge(network.sample(0)).value().is_doubted);
    EXPECT_FALSE(GridTrust::make(network.h, 0.01, {"a"}, {"b"}, GridTrustRules{}).has_value());
}

TEST(Evidence, ConfidenceIsAHalfAtTheThreshold) {
    EXPECT_EQ(confidence_of(0.0, 8.0), 0.0);
    EXPECT_EQ(confidence_of(8.0, 8.0), 0.5);
    EXPECT_EQ(confidence_of(16.0, 8.0), 0.8);
    EXPECT_EQ(confidence_of(INFINITY, 8.0), 1.0);
    EXPECT_EQ(confidence_of(1.0, 0.0), 0.0);
    EXPECT_EQ(to_string(Layer::innovation), "innovation");
    EXPECT_EQ(to_string(Layer::replay), "replay");
}

}  // namespace
}  // namespace headroom::trust
