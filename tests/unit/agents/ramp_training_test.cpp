#include "agents/ramp_training.hpp"

#include "unit/agents/retraining_room.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace headroom::agents {
namespace {

using test::Folder;
using test::morning;
using test::quick;
using test::RetrainingRoom;

/// Quarter-hours as the store keeps them, by the minute: a wave of six hours and noise.
void store_minutes(RetrainingRoom& room, int days, double wave_kw) {
    const Random random(4);
    const UtcTime midnight = parse_utc("2026-11-24T00:00:00Z").value();
    const UtcTime from = midnight - std::chrono::days{days};
    std::vector<store::SeriesBlock> blocks;
    for (const std::uint64_t feeder : {1U, 2U}) {
        store::SeriesBlock& block = blocks.emplace_back(store::SeriesBlock{
            minutes_key("F-" + std::to_string(feeder) + "/p_kw/sum"), from, std::chrono::minutes{1}, {}});
        for (int minute = 0; minute < days * 1440; ++minute) {
            const int quarter = minute / 15;
            const double angle = 2.0 * std::numbers::pi * static_cast<double>(quarter) / 24.0;
            block.values.push_back(
                static_cast<float>(100.0 + wave_kw * std::sin(angle) +
                                   0.5 * random.normal(feeder, static_cast<std::uint64_t>(quarter))));
        }
    }
    room.series->post(std::move(blocks));
}

/// The monitor has seen that both feeders send every quarter of an hour.
void send_quarters(RetrainingRoom& room) {
    for (const char* id : {"F-1", "F-2"}) {
        const telemetry::PointRef point = room.registry.intern({id, grid::Quantity::p_kw, grid::Phase::sum});
        for (int i = 8; i > 0; --i) {
            telemetry::Reading reading;
            reading.point = point;
            reading.interval_start = morning - i * minutes{15};
            reading.interval_end = reading.interval_start + minutes{15};
            reading.value = 100.0 + i;
            room.monitor.ingest({&reading, 1}, reading.interval_end);
        }
    }
}

RetrainingOptions ramps_only() {
    RetrainingOptions options = quick();
    options.train.days_min = 1000;  // the loads' own training has nothing to learn from here
    options.hour = 2;
    return options;
}

TEST(Retraining, LearnsRampsFromStoredMinutesServesThemAndWritesTheSwapDown) {
    const Folder folder;
    {
        RetrainingRoom room(folder.path());
        store_minutes(room, 14, 10.0);
        send_quarters(room);
        room.make_agent(ramps_only());
        ASSERT_TRUE(room.agent->start());
        EXPECT_EQ(room.agent->ramps()->of(900), nullptr);
        room.tick_and_join();
        ASSERT_NE(room.agent->ramps()->of(900), nullptr) << room.agent->status().outcome;
        EXPECT_THAT(room.agent->status().outcome, testing::HasSubstr("ramp at 900 s promoted"));
        room.until([&] { return !room.entries.empty(); });
        EXPECT_EQ(room.entries.back().type, "forecast.model.promoted");
        const json::Value body(room.entries.back().body);
        EXPECT_EQ(body.text("/kind"), "ramp");
        EXPECT_EQ(body.integer("/cadence_s"), 900);
        EXPECT_EQ(body.text("/judged_from"), "2026-11-22T00:00:00.000Z");
        EXPECT_EQ(body.text("/data_to"), "2026-11-21T23:45:00.000Z");
        EXPECT_LT(body.integer("/error_ppm"), body.integer("/no_ramp_error_ppm"));
        EXPECT_NEAR(static_cast<double>(body.integer("/band_share_ppm")), 0.8e6, 0.1e6);
    }
    RetrainingRoom again(folder.path(), morning + hours{1});
    again.make_agent(ramps_only());
    ASSERT_TRUE(again.agent->start());
    EXPECT_NE(again.agent->ramps()->of(900), nullptr) << "it serves after a restart";
}

TEST(Retraining, ARampThatTellsNoMoreThanNoRampIsRefused) {
    const Folder folder;
    RetrainingRoom room(folder.path());
    store_minutes(room, 14, 10.0);
    // What the nights had taught stops on the days that are held back: the feeders stand still.
    for (const char* id : {"F-1", "F-2"}) {
        room.series->post({store::SeriesBlock{
            minutes_key(std::string(id) + "/p_kw/sum"), parse_utc("2026-11-22T00:00:00Z").value(),
            std::chrono::minutes{1}, std::vector<float>(2 * 1440, 100.0F)}});
    }
    send_quarters(room);
    room.make_agent(ramps_only());
    ASSERT_TRUE(room.agent->start());
    room.tick_and_join();
    EXPECT_EQ(room.agent->ramps()->of(900), nullptr);
    EXPECT_THAT(room.agent->status().outcome, testing::HasSubstr("ramp at 900 s refused"));
    room.until([&] { return !room.entries.empty(); });
    EXPECT_EQ(room.entries.back().type, "forecast.model.refused");
    EXPECT_EQ(json::Value(room.entries.back().body).text("/kind"), "ramp");
}

TEST(Retraining, SaysHowManyDaysOfMinutesARampLacks) {
    const Folder folder;
    RetrainingRoom room(folder.path());
    store_minutes(room, 5, 10.0);
    send_quarters(room);
    room.make_agent(ramps_only());
    ASSERT_TRUE(room.agent->start());
    room.tick_and_join();
    EXPECT_THAT(room.agent->status().outcome,
                testing::HasSubstr("the longest of 2 histories of minutes has 3 days before the 2 that are "
                                   "held back, 7 are needed"));
    EXPECT_TRUE(room.entries.empty());
}

TEST(RampReadings, AreMeansOfTheirMinutesAndNothingWhereSomebodyHadAsked) {
    const UtcTime from = morning;
    store::SeriesBlock minutes{"k", from, std::chrono::minutes{1}, std::vector<float>(90, 3.0F)};
    for (std::size_t i = 5; i < 10; ++i) {
        minutes.values[i] = static_cast<float>(i);  // 5 … 9
    }
    minutes.values[10] = std::numeric_limits<float>::quiet_NaN();
    const std::vector<store::SeriesBlock> marks{
        {"k/raw", from, period_length, {std::numeric_limits<float>::quiet_NaN(), 40.0F, 0.0F}}, {}};
    const forecast::GridSeries out = readings_of(minutes, marks, from, from + std::chrono::minutes{90}, 300);
    ASSERT_EQ(out.values.size(), 18U);
    EXPECT_EQ(out.at(out.first), 3.0);
    EXPECT_EQ(out.at(out.first + 1), 7.0);
    EXPECT_EQ(out.at(out.first + 2), 3.0) << "of the minutes that are known";
    for (std::int64_t slot = 6; slot < 12; ++slot) {
        EXPECT_TRUE(std::isnan(out.at(out.first + slot))) << slot;
    }
    EXPECT_EQ(out.at(out.first + 12), 3.0) << "0 is no mark";
}

}  // namespace
}  // namespace headroom::agents
