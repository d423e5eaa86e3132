#include "monitor/monitor.hpp"

#include "unit/monitor/noon.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <unistd.h>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace headroom::monitor {
namespace {

using telemetry::PointRef;
using telemetry::Reading;

grid::Network network_of(int feeders, const std::string& prefix) {
    grid::Network network;
    EXPECT_TRUE(network.add(grid::Substation{.id = {"S-1"}, .name = "S-1"}));
    for (int i = 0; i < feeders; ++i) {
        const std::string id = fmt::format("{}{}", prefix, i);
        EXPECT_TRUE(network.add(grid::Feeder{.id = {id}, .parent = "S-1", .name = id}));
        EXPECT_TRUE(
            network.add(grid::Limit{.asset = id, .value = 100.0, .source = "test", .verified_by = "t"}));
    }
    return network;
}

/// A monitor with its own registry and network, fed a reading a minute and feeder.
struct Room {
    explicit Room(int feeders, std::size_t shards = 1) : Room(feeders, {.shards = shards}) {}
    Room(int feeders, const MonitorOptions& options, std::string names = "F-")
        : prefix(std::move(names)), network(network_of(feeders, prefix)) {
        registry.intern_source("test");
        monitor = std::make_unique<Monitor>(network, registry, options);
    }
    [[nodiscard]] PointRef point(int feeder) const {
        return registry.find(fmt::format("{}{}", prefix, feeder), grid::Quantity::p_kw, grid::Phase::sum);
    }
    void feed(int feeders, int from, int to) {
        for (int minute = from; minute < to; ++minute) {
            const UtcTime at = noon + minutes{minute};
            std::vector<Reading> batch;
            for (int i = 0; i < feeders; ++i) {
                batch.push_back({.value = 60.0 + (minute * 37 + i * 11) % 48,
                                 .interval_start = at,
                                 .interval_end = at,
                                 .seq = static_cast<std::uint64_t>(minute + 1),
                                 .point = point(i)});
            }
            monitor->ingest(batch, at);
            monitor->tick(at);
            for (const RaisedOverload& raised : monitor->take_overloads()) {
                out += json::write(risk::to_json(raised.overload));
            }
            for (const store::SeriesBlock& block : monitor->take_rollups()) {
                out += fmt::format("{} {} {}\n", block.key, format_utc(block.start), block.values[0]);
            }
            for (const EventId& event : monitor->take_cleared()) {
                out += "over " + event.value;
            }
        }
    }
    void warm(int feeders) {
        for (int i = 0; i < feeders; ++i) {
            store::SeriesBlock block{.start = noon - hours{15 * 24}, .step = period_length};
            for (int k = 0; k < 15 * 48; ++k) {
                block.values.push_back(60.0F + static_cast<float>((k * 7 + i) % 23));
            }
            monitor->warm(point(i), block);
        }
        monitor->train(noon);
    }
    std::string prefix;
    telemetry::PointRegistry registry;
    grid::Network network;
    std::unique_ptr<Monitor> monitor;
    std::string out;
};

class SnapshotTest : public testing::Test {
  protected:
    SnapshotTest() { std::filesystem::create_directories(folder); }
    ~SnapshotTest() override { std::filesystem::remove_all(folder); }
    [[nodiscard]] std::string bytes() const {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void write(const std::string& bytes) const { std::ofstream(file, std::ios::binary) << bytes; }

    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("headroom-snapshot-" + std::to_string(::getpid()));
    std::filesystem::path file = folder / "monitor.snapshot";
};

TEST_F(SnapshotTest, GoesOnAsIfNothingHadHappened) {
    Room whole(20);
    whole.warm(20);
    whole.feed(20, 0, 70);
    const std::vector<SourcePosition> positions{{"kafka", "readings/3", 4711}};
    ASSERT_TRUE(whole.monitor->save(file, positions, R"({"accepted":1400})"));
    whole.out.clear();
    whole.feed(20, 70, 200);

    Room restarted(20, 3);  // another number of shards
    const Result<SnapshotInfo> info = restarted.monitor->restore(file);
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->positions, positions);
    EXPECT_EQ(info->note, R"({"accepted":1400})");
    EXPECT_EQ(info->saved_at, noon + minutes{69});
    EXPECT_EQ(info->points, 20U);
    EXPECT_EQ(info->unknown, 0U);
    EXPECT_TRUE(info->has_model);
    restarted.feed(20, 70, 200);
    EXPECT_FALSE(whole.out.empty());
    EXPECT_EQ(restarted.out, whole.out);
    EXPECT_EQ(restarted.monitor->forecast(restarted.point(3))->load_w,
              whole.monitor->forecast(whole.point(3))->load_w);
}

TEST_F(SnapshotTest, ReadingsThatComeWhileItIsWrittenAreNotInItAndAreReplayedToTheSame) {
    Room whole(20, 2);
    whole.warm(20);
    whole.feed(20, 0, 70);
    const std::vector<SourcePosition> positions{{"kafka", "readings/3", 4711}};
    int copies = 0;
    ASSERT_TRUE(whole.monitor->save(file, positions, {}, [&] {
        copies += 1;
        whole.out.clear();
        whole.feed(20, 70, 200);  // half-hours are closed before they are copied
    }));
    EXPECT_EQ(copies, 1);
    EXPECT_FALSE(whole.out.empty());

    Room restarted(20, 3);
    const Result<SnapshotInfo> info = restarted.monitor->restore(file);
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->positions, positions);
    EXPECT_EQ(info->saved_at, noon + minutes{69});
    EXPECT_EQ(restarted.monitor->view(restarted.point(3)).at, noon + minutes{69});
    EXPECT_EQ(restarted.monitor->view(restarted.point(3)).readings, 70U);
    restarted.feed(20, 70, 200);
    EXPECT_EQ(restarted.out, whole.out);
    for (int feeder = 0; feeder < 20; ++feeder) {
        EXPECT_EQ(restarted.monitor->view(restarted.point(feeder)).readings, 200U);
        for (int half_hour = -4; half_hour < 7; ++half_hour) {
            const UtcTime period = noon + half_hour * period_length;
            EXPECT_EQ(restarted.monitor->period_mean_kw(restarted.point(feeder), period),
                      whole.monitor->period_mean_kw(whole.point(feeder), period));
        }
        EXPECT_EQ(restarted.monitor->forecast(restarted.point(feeder))->load_w,
                  whole.monitor->forecast(whole.point(feeder))->load_w);
    }
}

TEST_F(SnapshotTest, HoldsEveryPointOfSeveralFramesAndShards) {
    constexpr int feeders = 5'000;
    Room whole(feeders, 2);
    whole.feed(feeders, 0, 3);
    ASSERT_TRUE(whole.monitor->save(file, {}));
    Room restarted(feeders, 3);
    const Result<SnapshotInfo> info = restarted.monitor->restore(file);
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->points, static_cast<std::size_t>(feeders));
    for (int feeder = 0; feeder < feeders; ++feeder) {
        const PointView was = whole.monitor->view(whole.point(feeder));
        const PointView is = restarted.monitor->view(restarted.point(feeder));
        ASSERT_EQ(is.load_kw, was.load_kw);
        ASSERT_EQ(is.readings, 3U);
    }
}

TEST_F(SnapshotTest, WhatIsReplayedFromTheSourceIsNotCountedTwice) {
    Room whole(5);
    whole.feed(5, 0, 40);
    ASSERT_TRUE(whole.monitor->save(file, {}));
    Room restarted(5);
    ASSERT_TRUE(restarted.monitor->restore(file));
    const Reading again{.value = 60.0 + (39 * 37) % 48,
                        .interval_start = noon + minutes{39},
                        .interval_end = noon + minutes{39},
                        .seq = 40,
                        .point = restarted.point(0)};
    EXPECT_EQ(restarted.monitor->ingest(std::span(&again, 1), noon + minutes{39}).duplicates, 1U);
    EXPECT_EQ(restarted.monitor->period_mean_kw(restarted.point(0), noon),
              whole.monitor->period_mean_kw(whole.point(0), noon));
}

TEST_F(SnapshotTest, PointsAreMatchedByTheirNames) {
    Room whole(20);
    whole.feed(20, 0, 10);
    ASSERT_TRUE(whole.monitor->save(file, {}));
    Room smaller(12);
    const Result<SnapshotInfo> info = smaller.monitor->restore(file);
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->unknown, 8U);
    EXPECT_EQ(smaller.monitor->view(smaller.point(7)).load_kw, whole.monitor->view(whole.point(7)).load_kw);
}

TEST_F(SnapshotTest, RefusesWhatIsMissingStrangeCutOrChanged) {
    Room room(6);
    const auto refused = [&] { return Room(6).monitor->restore(file); };
    EXPECT_EQ(refused().error().code, Errc::not_found);
    write("something else entirely, and long enough to be looked at");
    EXPECT_EQ(refused().error().code, Errc::unsupported);

    room.warm(6);
    room.feed(6, 0, 5);
    ASSERT_TRUE(room.monitor->save(file, {}));
    const std::string good = bytes();
    for (std::size_t size = 0; size + 1 < good.size(); size += good.size() / 40 + 1) {
        write(good.substr(0, size));
        EXPECT_FALSE(refused()) << size << " bytes of " << good.size();
    }
    for (std::size_t at = 0; at < good.size(); at += good.size() / 60 + 1) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 0x10);
        write(bad);
        const Result<SnapshotInfo> result = refused();
        ASSERT_FALSE(result) << "byte " << at;
        EXPECT_NE(result.error().message.find("move the file away"), std::string::npos)
            << result.error().message;
    }
}

TEST_F(SnapshotTest, TheLongestRingsOfAWholeFrameOfPointsFit) {
    constexpr int feeders = 2'100;
    const MonitorOptions options{.shards = 1, .half_hours = 4096};
    Room whole(feeders, options);
    store::SeriesBlock block{.start = floor_period(noon) - period_length * 4096, .step = period_length};
    for (int k = 0; k < 4096; ++k) {
        block.values.push_back(60.0F + static_cast<float>(k % 23));
    }
    for (int i = 0; i < feeders; ++i) {
        whole.monitor->warm(whole.point(i), block);
    }
    ASSERT_TRUE(whole.monitor->save(file, {}));
    Room restarted(feeders, options);
    const Result<SnapshotInfo> info = restarted.monitor->restore(file);
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(restarted.monitor->period_mean_kw(restarted.point(feeders - 1), block.start), 60.0);
    EXPECT_EQ(restarted.monitor->period_mean_kw(restarted.point(0), block.start + period_length * 4095),
              60.0 + 4095 % 23);
}

TEST_F(SnapshotTest, EventsOfAWholeCountryFit) {
    // More than one frame holds: long names, and some events open on each limit.
    constexpr int feeders = 10'000;
    constexpr int events = 24;
    const std::string prefix(58, 'F');
    Room whole(feeders, {.shards = 1}, prefix);
    const auto event = [](int i, int k) { return EventId{fmt::format("ev-20261120-{:0>40}-{:06}", k, i)}; };
    for (int i = 0; i < feeders; ++i) {
        const grid::Limit limit{.asset = fmt::format("{}{}", prefix, i), .value = 100.0};
        for (int k = 0; k < events; ++k) {
            whole.monitor->adopt_open(event(i, k), limit, noon + hours{k}, noon + hours{k + 1});
        }
    }
    ASSERT_TRUE(whole.monitor->save(file, {}));
    ASSERT_GT(std::filesystem::file_size(file), 36UL << 20U);
    Room restarted(feeders, {.shards = 1}, prefix);
    ASSERT_TRUE(restarted.monitor->restore(file));
    // Each of them is open there: with nothing read for hours, all end.
    restarted.monitor->tick(noon + hours{72});
    std::vector<EventId> cleared = restarted.monitor->take_cleared();
    EXPECT_EQ(cleared.size(), static_cast<std::size_t>(feeders) * events);
}

TEST_F(SnapshotTest, MorePlacesOfSourcesThanCanBeReadBackAreNotWritten) {
    Room room(2);
    const std::vector<SourcePosition> many(100'001, {"kafka", "readings/1", 7});
    EXPECT_EQ(room.monitor->save(file, many).error().code, Errc::invalid);
    ASSERT_TRUE(room.monitor->save(file, std::span(many).first(100'000)));
    EXPECT_EQ(Room(2).monitor->restore(file)->positions.size(), 100'000U);
}

TEST_F(SnapshotTest, AFileThatCannotBeWrittenIsToldAndTheOldOneStays) {
    Room room(2);
    room.feed(2, 0, 3);
    ASSERT_TRUE(room.monitor->save(file, {}));
    const std::string before = bytes();
    const Result<void> saved = room.monitor->save(folder / "nowhere" / "monitor.snapshot", {});
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().code, Errc::unavailable);
    EXPECT_EQ(room.monitor->save(file, {}, std::string(2UL << 20U, 'x')).error().code, Errc::invalid);
    EXPECT_EQ(bytes(), before);
}

}  // namespace
}  // namespace headroom::monitor
