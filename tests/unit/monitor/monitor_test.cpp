#include "monitor/monitor.hpp"

#include "unit/monitor/noon.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace headroom::monitor {
namespace {

using telemetry::PointRef;
using telemetry::Quarantine;
using telemetry::Reading;

/// A feeder F-1 with 100 kW on each phase and 300 kW together, and a battery on it.
grid::Network small_network() {
    grid::Network network;
    EXPECT_TRUE(network.add(grid::Substation{.id = {"S-1"}, .name = "S-1"}));
    EXPECT_TRUE(network.add(grid::Feeder{.id = {"F-1"}, .parent = "S-1", .name = "F-1"}));
    EXPECT_TRUE(network.add(grid::Der{.id = {"bat-1"}, .name = "bat-1", .feeder = {"F-1"}}));
    for (const grid::Phase phase : {grid::Phase::l1, grid::Phase::l2, grid::Phase::l3, grid::Phase::sum}) {
        EXPECT_TRUE(network.add(grid::Limit{.asset = "F-1",
                                            .phase = phase,
                                            .value = phase == grid::Phase::sum ? 300.0 : 100.0,
                                            .source = "grid file",
                                            .verified_by = "test"}));
    }
    EXPECT_TRUE(network.add(grid::Limit{.asset = "F-1",
                                        .phase = grid::Phase::l1,
                                        .direction = grid::Direction::export_,
                                        .value = 50.0,
                                        .source = "grid file",
                                        .verified_by = "test"}));
    return network;
}

class MonitorTest : public testing::Test {
  protected:
    MonitorTest() : network(small_network()), monitor(network, registry, {}) {}

    [[nodiscard]] PointRef phase(grid::Phase which) const {
        return registry.find("F-1", grid::Quantity::p_kw, which);
    }
    Reading instant(PointRef point, UtcTime at, double kw) {
        return {.value = kw,
                .interval_start = at,
                .interval_end = at,
                .point = point,
                .source = registry.intern_source("test")};
    }
    IngestCount take(PointRef point, UtcTime at, double kw) {
        const Reading reading = instant(point, at, kw);
        return monitor.ingest(std::span(&reading, 1), at);
    }
    /// One reading a minute from `from`.
    void take_all(PointRef point, UtcTime from, const std::vector<double>& kw) {
        for (std::size_t i = 0; i < kw.size(); ++i) {
            take(point, from + minutes{static_cast<int>(i)}, kw[i]);
        }
    }

    telemetry::PointRegistry registry;
    grid::Network network;
    Monitor monitor;
    const PointRef l1 = phase(grid::Phase::l1);
    const PointRef l2 = phase(grid::Phase::l2);
    const PointRef sum = phase(grid::Phase::sum);
};

TEST_F(MonitorTest, CountsEveryReadingOnce) {
    EXPECT_EQ(take(l1, noon, 50.0).accepted, 1U);
    EXPECT_EQ(take(l1, noon, 50.0).duplicates, 1U);
    EXPECT_EQ(take(l1, noon, 51.0).conflicts, 1U);
    EXPECT_EQ(take(l1, noon + minutes{1}, 52.0).accepted, 1U);
    EXPECT_EQ(take(l1, noon, 50.0).duplicates, 1U) << "also behind the newest";

    const auto reason = [&](const Reading& reading, UtcTime now) {
        const IngestCount count = monitor.ingest(std::span(&reading, 1), now);
        EXPECT_EQ(count.accepted + count.duplicates + count.conflicts, 0U);
        for (std::size_t i = 0; i < count.quarantined.size(); ++i) {
            if (count.quarantined[i] == 1) {
                return telemetry::to_string(static_cast<Quarantine>(i));
            }
        }
        return std::string_view("none");
    };
    EXPECT_EQ(reason(instant(9999, noon, 1.0), noon), "unknown_point");
    EXPECT_EQ(reason(instant(l1, noon, std::nan("")), noon), "not_finite");
    EXPECT_EQ(reason(instant(l1, noon, 1e9), noon), "out_of_range");
    EXPECT_EQ(reason(instant(l1, noon + minutes{10}, 1.0), noon + minutes{7}), "future");
    EXPECT_EQ(reason(instant(l1, noon - hours{3}, 1.0), noon), "too_late");
    EXPECT_EQ(monitor.view(l1).readings, 2U);
    EXPECT_EQ(monitor.view(l1).load_kw, 52.0);
    EXPECT_EQ(monitor.view(l1).limit_kw, 100.0);
}

TEST_F(MonitorTest, ABatchThatIsSentAgainCountsNothingTwice) {
    const auto send = [&](PointRef point, const std::vector<int>& at_s, const std::vector<double>& kw) {
        std::vector<Reading> batch;
        for (std::size_t i = 0; i < at_s.size(); ++i) {
            batch.push_back(instant(point, noon + seconds{at_s[i]}, kw[i]));
        }
        return monitor.ingest(batch, noon + minutes{1});
    };
    const std::vector<double> kw{50, 51, 52, 53, 54, 55, 56, 57, 58, 59};
    const std::vector<int> each_second{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    EXPECT_EQ(send(l1, each_second, kw).accepted, 10U);
    EXPECT_EQ(send(l1, each_second, kw).duplicates, 10U);
    // The grid becomes finer on the way.
    const std::vector<int> with_gaps{0, 5, 7, 8, 9, 10, 11, 12, 13, 14};
    EXPECT_EQ(send(l2, with_gaps, kw).accepted, 10U);
    EXPECT_EQ(send(l2, with_gaps, kw).duplicates, 10U);
    // One is out of range for its point, the last are stuck.
    const std::vector<double> doubted{50, 51, 5000, 53, 53, 53, 53, 53, 53, 53};
    EXPECT_EQ(send(sum, each_second, doubted).accepted, 10U);
    const IngestCount again = send(sum, each_second, doubted);
    EXPECT_EQ(again.duplicates, 10U);
    EXPECT_EQ(again.accepted, 0U);
}

/// What is sent again after its slot has left the ring, fifty minutes back, is told apart by its half-hour.
TEST_F(MonitorTest, AHalfHourThatIsCompleteTakesNoReadingTwice) {
    const auto read = [&](int from, int to) {
        for (int minute = from; minute < to; ++minute) {
            take(l1, noon + minutes{minute}, 50.0 + minute % 7);
        }
    };
    const auto again = [&](int minute, double kw) {
        const Reading reading = instant(l1, noon + minutes{minute}, kw);
        return monitor.ingest(std::span(&reading, 1), noon + minutes{100});
    };
    read(0, 40);
    read(42, 100);  // two are missing in the second half-hour
    const double complete = monitor.period_mean_kw(l1, noon);
    const IngestCount repeated = again(5, 55.0);
    EXPECT_EQ(repeated.duplicates, 1U);
    EXPECT_EQ(repeated.accepted, 0U);
    EXPECT_EQ(again(29, 400.0).duplicates, 1U) << "whatever it says now";
    EXPECT_EQ(monitor.period_mean_kw(l1, noon), complete);
    // Where readings are missing, so many are taken late, and no more.
    EXPECT_EQ(again(40, 55.0).accepted, 1U);
    EXPECT_EQ(again(41, 56.0).accepted, 1U);
    EXPECT_EQ(again(40, 55.0).duplicates, 1U);
    EXPECT_EQ(again(45, 53.0).duplicates, 1U);
}

TEST_F(MonitorTest, AHalfHourThatIntervalsCoverTakesNoneTwice) {
    const auto send = [&](int minute) {
        Reading reading = instant(l1, noon + minutes{minute}, 50.0 + minute);
        reading.interval_end += minutes{1};
        return monitor.ingest(std::span(&reading, 1), noon + minutes{100});
    };
    for (int minute = 0; minute < 100; ++minute) {
        if (minute != 31) {
            EXPECT_EQ(send(minute).accepted, 1U) << minute;
        }
    }
    EXPECT_EQ(send(3).duplicates, 1U);
    EXPECT_EQ(send(31).accepted, 1U);
    EXPECT_EQ(send(31).duplicates, 1U);
    EXPECT_EQ(monitor.period_mean_kw(l1, noon), 64.5);
    EXPECT_EQ(monitor.period_mean_kw(l1, noon + minutes{30}), 94.5);
}

TEST_F(MonitorTest, ALateReadingIsTakenForItsHalfHourButIsNotTheNewest) {
    take_all(l1, noon, {50.0, 52.0});
    take(l1, noon + minutes{3}, 58.0);
    EXPECT_EQ(take(l1, noon + minutes{2}, 40.0).accepted, 1U);
    EXPECT_EQ(take(l1, noon + minutes{2}, 40.0).duplicates, 1U);
    EXPECT_EQ(take(l1, noon + minutes{2}, 41.0).conflicts, 1U);
    EXPECT_EQ(monitor.view(l1).load_kw, 58.0);
    EXPECT_DOUBLE_EQ(monitor.period_mean_kw(l1, noon), 50.0);  // (50 + 52 + 58 + 40) / 4
    bool told = false;
    for (const trust::Verdict& verdict : monitor.take_verdicts()) {
        told = told || verdict.doubt == trust::Doubt::late;
    }
    EXPECT_TRUE(told);
}

TEST_F(MonitorTest, ASecondValueReplacesTheFirstOnlyWhenTheSourceMadeItLater) {
    const auto told = [&](UtcTime at, double kw, std::uint64_t seq) {
        Reading reading = instant(l1, at, kw);
        reading.seq = seq;
        return monitor.ingest(std::span(&reading, 1), noon + minutes{5});
    };
    told(noon, 50.0, 1);
    told(noon + minutes{1}, 60.0, 2);
    told(noon + minutes{2}, 70.0, 3);
    EXPECT_EQ(told(noon + minutes{2}, 76.0, 3).conflicts, 1U);
    EXPECT_EQ(monitor.view(l1).load_kw, 70.0) << "not newer";
    EXPECT_EQ(told(noon + minutes{2}, 76.0, 4).conflicts, 1U);
    EXPECT_EQ(monitor.view(l1).load_kw, 76.0);
    EXPECT_EQ(told(noon + minutes{1}, 69.0, 5).conflicts, 1U);
    EXPECT_EQ(told(noon + minutes{1}, 69.0, 5).duplicates, 1U) << "the correction is known now";
    EXPECT_NEAR(monitor.period_mean_kw(l1, noon), 65.0, 1e-9);  // (50 + 69 + 76) / 3
    EXPECT_EQ(monitor.view(l1).readings, 3U);
    const std::vector<trust::Verdict> verdicts = monitor.take_verdicts();
    ASSERT_EQ(verdicts.size(), 3U);
    EXPECT_FALSE(verdicts[0].usable);
    EXPECT_TRUE(verdicts[1].usable);
}

TEST_F(MonitorTest, ACorrectionThatIsOverTheLimitRaises) {
    take_all(l1, noon, {110.0, 90.0});
    Reading corrected = instant(l1, noon + minutes{1}, 111.0);
    corrected.seq = 7;
    monitor.ingest(std::span(&corrected, 1), noon + minutes{1});
    EXPECT_EQ(monitor.take_overloads().size(), 1U);
}

TEST_F(MonitorTest, RaisesALiveOverloadAfterTwoOfThreeReadings) {
    take_all(l1, noon + minutes{5}, {90.0, 108.0, 95.0});
    EXPECT_TRUE(monitor.take_overloads().empty());
    take(l1, noon + minutes{8}, 110.0);
    const std::vector<RaisedOverload> raised = monitor.take_overloads();
    ASSERT_EQ(raised.size(), 1U);
    const risk::Overload& overload = raised[0].overload;
    EXPECT_EQ(overload.feeder, "F-1");
    EXPECT_EQ(overload.limit.phase, grid::Phase::l1);
    EXPECT_EQ(overload.cause, risk::Cause::live);
    EXPECT_EQ(overload.peak_over, Watts{10'000});
    EXPECT_EQ(overload.start, noon);
    EXPECT_EQ(overload.source, "test");

    // What it was decided from gives the same again.
    const Result<std::optional<risk::Overload>> again = risk::assess(raised[0].input);
    ASSERT_TRUE(again && *again);
    EXPECT_EQ(json::write(risk::to_json(**again)), json::write(risk::to_json(overload)));
}

TEST_F(MonitorTest, AnOpenEventIsNotRaisedAgain) {
    take_all(l1, noon, {110.0, 111.0, 112.0, 113.0, 114.0});
    EXPECT_EQ(monitor.take_overloads().size(), 1U);
    take_all(l1, noon + minutes{20}, {110.0, 111.0, 109.0});
    EXPECT_TRUE(monitor.take_overloads().empty());
}

TEST_F(MonitorTest, TheWorstPhaseComesFirstAndTheSumIsSpokenForByItsPhases) {
    for (int minute = 0; minute < 3; ++minute) {
        const UtcTime at = noon + minutes{minute};
        const std::vector<Reading> batch{instant(sum, at, 310.0 + minute), instant(l1, at, 105.0 + minute),
                                         instant(l2, at, 125.0 + minute)};
        monitor.ingest(batch, at);
    }
    const std::vector<RaisedOverload> raised = monitor.take_overloads();
    ASSERT_EQ(raised.size(), 2U);
    EXPECT_EQ(raised[0].overload.limit.phase, grid::Phase::l2);
    EXPECT_EQ(raised[1].overload.limit.phase, grid::Phase::l1);
}

TEST_F(MonitorTest, TheSumRaisesByItselfWhenNoPhaseDoes) {
    take_all(sum, noon, {310.0, 311.0, 312.0});
    const std::vector<RaisedOverload> raised = monitor.take_overloads();
    ASSERT_EQ(raised.size(), 1U);
    EXPECT_EQ(raised[0].overload.limit.phase, grid::Phase::sum);
}

TEST_F(MonitorTest, ExportIsJudgedAgainstItsOwnLimit) {
    take_all(l1, noon, {-49.0, -52.0, -53.0});
    const std::vector<RaisedOverload> raised = monitor.take_overloads();
    ASSERT_EQ(raised.size(), 1U);
    EXPECT_EQ(raised[0].overload.limit.direction, grid::Direction::export_);
    EXPECT_EQ(raised[0].overload.peak_over, Watts{3'000});
}

TEST_F(MonitorTest, AnEventIsClearedAfterItsWindowOnceTheLoadStaysBelow) {
    take_all(l1, noon, {110.0, 111.0});
    const EventId event = monitor.take_overloads().at(0).overload.event;
    take_all(l1, noon + minutes{58}, {90.0, 91.0});
    monitor.tick(noon + minutes{59});
    EXPECT_TRUE(monitor.take_cleared().empty()) << "the window lasts until 13:00";
    monitor.tick(noon + minutes{60});
    EXPECT_TRUE(monitor.take_cleared().empty()) << "two readings are too few";
    take(l1, noon + minutes{61}, 98.0);
    take_all(l1, noon + minutes{62}, {90.0, 91.0, 92.0});
    monitor.tick(noon + minutes{65});
    ASSERT_EQ(monitor.take_cleared(), std::vector{event});
    take_all(l1, noon + minutes{70}, {110.0, 111.0});
    EXPECT_EQ(monitor.take_overloads().size(), 1U) << "a new one may be raised";
}

TEST_F(MonitorTest, AnAdoptedEventIsNotRaisedAgainAndABreachBeforeItsWindowIsTold) {
    const grid::Limit limit = network.limits().front();
    monitor.adopt_open(EventId{"ev-20261120-AAAAAAAA"}, limit, noon + hours{1}, noon + hours{2});
    take_all(l1, noon, {110.0, 111.0, 112.0});
    EXPECT_TRUE(monitor.take_overloads().empty());
    EXPECT_EQ(monitor.take_breached(), std::vector{EventId{"ev-20261120-AAAAAAAA"}});
}

TEST_F(MonitorTest, AStuckMeterRaisesNothingFromItsSixthReadingOn) {
    take_all(l1, noon, {99.0, 99.0, 99.0, 99.0, 99.0, 99.0});
    const std::vector<trust::Verdict> verdicts = monitor.take_verdicts();
    ASSERT_EQ(verdicts.size(), 1U);
    EXPECT_EQ(verdicts[0].doubt, trust::Doubt::stuck);
    EXPECT_EQ(monitor.view(l1).readings, 6U);
    EXPECT_EQ(monitor.view(l1).at, noon + minutes{4}) << "the sixth is not used";
}

TEST_F(MonitorTest, ADeviceMayStandStill) {
    const PointRef battery = registry.find("bat-1", grid::Quantity::p_kw, grid::Phase::sum);
    take_all(battery, noon, std::vector<double>(20, -5.0));
    EXPECT_TRUE(monitor.take_verdicts().empty());
    EXPECT_EQ(monitor.view(battery).at, noon + minutes{19});
}

TEST_F(MonitorTest, CompletedHalfHoursComeOutOnceAndCorrectionsAgain) {
    take_all(l1, noon, {50.0, 60.0});
    take(l1, noon + minutes{31}, 70.0);
    monitor.tick(noon + minutes{31});
    std::vector<store::SeriesBlock> blocks = monitor.take_rollups();
    ASSERT_EQ(blocks.size(), 1U);
    EXPECT_EQ(blocks[0].key, "F-1/p_kw/L1");
    EXPECT_EQ(blocks[0].start, noon);
    EXPECT_EQ(blocks[0].step, period_length);
    EXPECT_EQ(blocks[0].values, std::vector{55.0F});
    monitor.tick(noon + minutes{32});
    EXPECT_TRUE(monitor.take_rollups().empty());

    take(l1, noon + minutes{2}, 70.0);
    monitor.tick(noon + minutes{33});
    blocks = monitor.take_rollups();
    ASSERT_EQ(blocks.size(), 1U);
    EXPECT_EQ(blocks[0].values, std::vector{60.0F});
}

TEST_F(MonitorTest, IntervalReadingsFillTheirHalfHoursByTheirLength) {
    const std::vector<Reading> batch{
        {.value = 30.0, .interval_start = noon, .interval_end = noon + minutes{10}, .point = l1},
        {.value = 60.0,
         .interval_start = noon + minutes{10},
         .interval_end = noon + minutes{30},
         .point = l1},
        {.value = 80.0,
         .interval_start = noon + minutes{30},
         .interval_end = noon + minutes{90},
         .point = l1}};
    registry.intern_source("test");
    EXPECT_EQ(monitor.ingest(batch, noon + minutes{90}).accepted, 3U);
    EXPECT_DOUBLE_EQ(monitor.period_mean_kw(l1, noon), 50.0);  // (30 · 10 + 60 · 20) / 30
    EXPECT_DOUBLE_EQ(monitor.period_mean_kw(l1, noon + minutes{30}), 80.0);
    EXPECT_DOUBLE_EQ(monitor.period_mean_kw(l1, noon + minutes{60}), 80.0);
    EXPECT_TRUE(std::isnan(monitor.period_mean_kw(l1, noon + minutes{90})));
}

TEST_F(MonitorTest, ViewsOfManyPointsStandInTheOrderAskedFor) {
    take(l1, noon, 50.0);
    take(l2, noon, 60.0);
    std::vector<PointView> views(7);
    monitor.views(std::vector{l2, l1, PointRef{9999}}, views);
    ASSERT_EQ(views.size(), 3U);
    EXPECT_EQ(views[0].load_kw, 60.0);
    EXPECT_EQ(views[1].load_kw, 50.0);
    EXPECT_EQ(views[1].limit_kw, 100.0);
    EXPECT_TRUE(std::isnan(views[2].load_kw));
}

/// Fifteen days of half-hours with 110 kW from 17:00 to 18:30 and 60 kW otherwise, until noon.
store::SeriesBlock evening_peaks(const std::string& key) {
    store::SeriesBlock block{.key = key, .start = noon - hours{15 * 24}, .step = period_length, .values = {}};
    for (int i = 0; i < 15 * 48; ++i) {
        const int half = (24 + i) % 48;
        const float wobble = 0.4F * static_cast<float>((i * 7) % 11 - 5);
        block.values.push_back((half >= 34 && half < 37 ? 110.0F : 60.0F) + wobble);
    }
    return block;
}

TEST_F(MonitorTest, RaisesWhatTheForecastShowsOnceAndWithinTheHorizon) {
    for (const grid::Phase which : grid::live_phases) {
        monitor.warm(phase(which), evening_peaks("F-1"));
    }
    monitor.train(noon);
    monitor.tick(noon);

    const std::optional<forecast::LoadForecast> forecast = monitor.forecast(l1);
    ASSERT_TRUE(forecast.has_value());
    EXPECT_EQ(forecast->method, forecast::Method::ridge) << forecast->reason;
    EXPECT_EQ(forecast->start, noon);

    const std::vector<RaisedOverload> raised = monitor.take_overloads();
    ASSERT_EQ(raised.size(), 3U) << "one for each phase";
    const risk::Overload& overload = raised[0].overload;
    EXPECT_EQ(overload.cause, risk::Cause::forecast);
    EXPECT_EQ(overload.start, noon + hours{5});
    EXPECT_EQ(overload.end, noon + hours{6} + minutes{30});
    EXPECT_GT(overload.peak_over, Watts{5'000});
    EXPECT_LT(overload.peak_over, Watts{20'000});
    EXPECT_EQ(raised[0].forecast_method, "ridge");

    for (int minute = 1; minute <= 60; ++minute) {
        monitor.tick(noon + minutes{minute});
    }
    EXPECT_TRUE(monitor.take_overloads().empty());
}

TEST_F(MonitorTest, TheSameReadingsGiveTheSameOverloads) {
    const auto run = [] {
        telemetry::PointRegistry points;
        const grid::Network grid_of_run = small_network();
        Monitor one(grid_of_run, points, {});
        const PointRef point = points.find("F-1", grid::Quantity::p_kw, grid::Phase::l1);
        one.warm(point, evening_peaks("F-1"));
        one.train(noon);
        std::string text;
        for (int minute = 0; minute < 400; ++minute) {
            const UtcTime at = noon + minutes{minute};
            const Reading reading{.value = 60.0 + (minute * 37) % 55,
                                  .interval_start = at,
                                  .interval_end = at,
                                  .point = point,
                                  .source = points.intern_source("test")};
            one.ingest(std::span(&reading, 1), at);
            one.tick(at);
            for (const RaisedOverload& raised : one.take_overloads()) {
                text += json::write(risk::to_json(raised.overload));
            }
        }
        return text;
    };
    const std::string first = run();
    EXPECT_FALSE(first.empty());
    EXPECT_EQ(first, run());
}

TEST(MonitorLimits, TheTightestLimitOfTheSeasonBinds) {
    grid::Network network;
    ASSERT_TRUE(network.add(grid::Substation{.id = {"S-1"}, .name = "S-1"}));
    ASSERT_TRUE(network.add(grid::Feeder{.id = {"F-1"}, .parent = "S-1", .name = "F-1"}));
    const auto add = [&](grid::LimitKind kind, grid::Season season, double kw, int emergency_minutes = 0) {
        ASSERT_TRUE(network.add(grid::Limit{.asset = "F-1",
                                            .kind = kind,
                                            .emergency_minutes = emergency_minutes,
                                            .season = season,
                                            .value = kw,
                                            .source = "test"}));
    };
    add(grid::LimitKind::continuous, grid::Season::winter, 120.0);
    add(grid::LimitKind::continuous, grid::Season::summer, 90.0);
    add(grid::LimitKind::cyclic, grid::Season::all, 130.0);
    add(grid::LimitKind::emergency, grid::Season::all, 50.0, 30);
    telemetry::PointRegistry registry;
    Monitor monitor(network, registry, {});
    const PointRef point = registry.find("F-1", grid::Quantity::p_kw, grid::Phase::sum);
    monitor.tick(parse_utc("2026-01-10T00:00:00Z").value());
    EXPECT_EQ(monitor.view(point).limit_kw, 120.0);
    monitor.tick(parse_utc("2026-06-10T00:00:00Z").value());
    EXPECT_EQ(monitor.view(point).limit_kw, 90.0);
    monitor.tick(parse_utc("2026-10-10T00:00:00Z").value());
    EXPECT_EQ(monitor.view(point).limit_kw, 130.0);
}

}  // namespace
}  // namespace headroom::monitor
