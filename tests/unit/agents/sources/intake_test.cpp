#include "agents/sources/intake.hpp"

#include "unit/agents/sources/room.hpp"
#include "unit/net/mqtt_feed.hpp"

#include <gtest/gtest.h>

namespace headroom::agents {
namespace {

using sources_test::reading_json;
using sources_test::reconciles;
using sources_test::Room;
using telemetry::Quarantine;

std::uint64_t count_of(const SourceCounts& counts, Quarantine reason) {
    return counts.quarantined[static_cast<std::size_t>(reason)];
}

TEST(Intake, TakesObjectsArraysAndLines) {
    Room room(2);
    Intake intake(room.registry(), room.sink(), room.clock(), {});
    intake.take(reading_json("F-0", 0, 10.0), {});
    intake.take("[" + reading_json("F-0", -1, 11.0) + "," + reading_json("F-1", 0, 12.0) + "]", {});
    intake.take(reading_json("F-0", -2, 13.0) + "\n" + reading_json("F-1", -2, 14.0) + "\n", {});
    EXPECT_EQ(room.readings_of("F-0"), 0U) << "nothing is passed on before the source rests";

    intake.flush();

    EXPECT_TRUE(reconciles(intake.counts(), 5));
    EXPECT_EQ(intake.counts().accepted, 5U);
    EXPECT_EQ(intake.counts().messages, 3U);
    EXPECT_EQ(room.readings_of("F-0"), 3U);
    EXPECT_EQ(room.readings_of("F-1"), 2U);
}

TEST(Intake, TheTopicNamesTheFeederOfReadingsThatDoNot) {
    Room room(1);
    Intake intake(room.registry(), room.sink(), room.clock(), {});
    intake.take(R"({"ts":"2026-11-20T12:00:00Z","kw":10})", {.point_id = "F-0"});
    intake.flush();

    EXPECT_EQ(room.readings_of("F-0"), 1U);
}

TEST(Intake, AReadingOfAnotherFeederThanTheTopicsIsRefused) {
    Room room(2);
    Intake intake(room.registry(), room.sink(), room.clock(), {});
    intake.take("[" + reading_json("F-0", 0, 10.0) + "," + reading_json("F-1", 0, 10.0) + "]",
                {.point_id = "F-0"});
    intake.flush();

    EXPECT_TRUE(reconciles(intake.counts(), 2));
    EXPECT_EQ(count_of(intake.counts(), Quarantine::unknown_point), 1U);
    EXPECT_EQ(room.quarantined_before_the_monitor(), 1U);
    EXPECT_EQ(room.readings_of("F-1"), 0U);
}

TEST(Intake, GarbageIsCountedAndChangesNothing) {
    Room room(1);
    Intake intake(room.registry(), room.sink(), room.clock(), {});
    const std::vector<std::string> garbage{
        "", "}{", "[1,2", std::string(1000, '\xff'), std::string("\0\0\0", 3), "null"};
    for (const std::string& payload : garbage) {
        intake.take(payload, {});
    }
    intake.take(reading_json("F-0", 0, 10.0), {});
    intake.take(R"([{"feeder":"F-0"},{"feeder":"F-9","ts":"2026-11-20T12:00:00Z","kw":1},7])", {});
    intake.refuse("a topic without a feeder");
    intake.flush();

    const SourceCounts counts = intake.counts();
    EXPECT_EQ(counts.accepted, 1U);
    EXPECT_TRUE(reconciles(counts, garbage.size() + 1 + 3 + 1));
    EXPECT_EQ(count_of(counts, Quarantine::unknown_point), 1U);
    EXPECT_EQ(count_of(counts, Quarantine::malformed), garbage.size() + 3);
    EXPECT_EQ(room.quarantined_before_the_monitor(), counts.quarantined_total());
}

TEST(Intake, ManyReadingsArePassedOnWithoutARest) {
    Room room(1);
    room.set_seconds(3000);
    Intake intake(room.registry(), room.sink(), room.clock(), {});
    std::string array = "[";
    for (int i = 0; i < 20; ++i) {
        array += (i > 0 ? "," : "") + reading_json("F-0", i, 10.0);
    }
    array += "]";
    for (std::size_t i = 0; i <= Intake::batch_readings / 20; ++i) {
        intake.take(array, {});
    }

    EXPECT_TRUE(net::testing::eventually([&] { return room.readings_of("F-0") >= 20U; }));
    intake.flush();
    EXPECT_EQ(intake.counts().readings, (Intake::batch_readings / 20 + 1) * 20);
    EXPECT_TRUE(reconciles(intake.counts(), intake.counts().readings));
    EXPECT_EQ(intake.counts().accepted, 20U);
}

TEST(Intake, ReadingsKeepTheirOrderOverFullBuffers) {
    Room room(1);
    room.set_seconds(20'000);
    std::vector<UtcTime> times;
    ReadingsSink sink = room.sink();
    sink.ingest = [&, inner = room.sink().ingest](std::span<const telemetry::Reading> readings,
                                                  SteadyTime received) {
        for (const telemetry::Reading& reading : readings) {
            times.push_back(reading.interval_start);
        }
        return inner(readings, received);
    };
    Intake intake(room.registry(), sink, room.clock(), {});
    constexpr int count = 10'000;
    for (int i = 0; i < count; i += 100) {
        std::string array = "[";
        for (int j = i; j < i + 100; ++j) {
            array += (j > i ? "," : "") + reading_json("F-0", j, 10.0 + j % 7);
        }
        intake.take(array + "]", {});
    }
    intake.flush();

    ASSERT_EQ(times.size(), static_cast<std::size_t>(count));
    EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
    EXPECT_EQ(intake.counts().accepted, static_cast<std::uint64_t>(count));
}

TEST(Intake, ASenderOfChangesIsToldOnceBeforeItsReadings) {
    Room room(1);
    std::vector<std::string> told;
    ReadingsSink sink = room.sink();
    sink.expect_changes_only = [&](std::uint16_t source) {
        EXPECT_EQ(room.readings_of("F-0"), told.size());
        told.push_back(room.registry().source(source));
    };
    Intake intake(room.registry(), sink, room.clock(), {.source = "scada", .on_change = true});
    intake.take(reading_json("F-0", -9, 10.0), {});
    intake.flush();
    intake.take(R"({"feeder":"F-0","ts":"2026-11-20T11:59:55Z","kw":11,"source":"other"})", {});
    intake.flush();
    intake.take(reading_json("F-0", -1, 12.0), {});
    intake.flush();
    EXPECT_EQ(told, (std::vector<std::string>{"scada", "other"}));
}

TEST(Intake, AClockTenMinutesOffIsQuarantinedOrJudgedByItsOwnTimes) {
    Room room(2);
    room.set_seconds(0);
    Intake intake(room.registry(), room.sink(), room.clock(), {});
    // One source is ten minutes ahead: nothing of it is believed. The other is ten minutes behind.
    for (int second = -30; second <= 0; second += 10) {
        intake.take(reading_json("F-0", second + 600, 120.0), {});
        intake.take(reading_json("F-1", second - 600, 120.0), {});
    }
    intake.flush();

    EXPECT_TRUE(reconciles(intake.counts(), 8));
    EXPECT_EQ(count_of(intake.counts(), Quarantine::future), 4U);
    EXPECT_EQ(intake.counts().accepted, 4U);
    EXPECT_EQ(room.raised(), (std::vector<std::string>{"F-1"}));
}

TEST(Intake, CountsWhatTheSendersNumbersSayIsMissing) {
    Room room(1);
    Intake intake(room.registry(), room.sink(), room.clock(), {.counts_missing = true});
    for (const int seq : {1, 2, 5, 4}) {
        intake.take(reading_json("F-0", -seq, 10.0, static_cast<std::uint64_t>(seq)), {});
    }
    intake.flush();

    EXPECT_EQ(intake.counts().missing, 1U);
}

}  // namespace
}  // namespace headroom::agents
