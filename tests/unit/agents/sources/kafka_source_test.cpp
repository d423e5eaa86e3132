#include "agents/sources/kafka_source.hpp"

#include "unit/agents/instants.hpp"
#include "unit/agents/sources/room.hpp"
#include "unit/net/kafka_cluster.hpp"
#include "unit/net/mqtt_feed.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace headroom::agents {
namespace {

using net::testing::eventually;
using net::testing::KafkaFeed;
using net::testing::KafkaMockCluster;
using sources_test::reading_json;
using sources_test::reconciles;
using sources_test::Room;
using test::never;

/// What a checkpoint writes, and whether the disk takes it.
struct CheckpointDisk {
    std::mutex mutex;
    std::vector<SourcePosition> positions;
    std::atomic<bool> is_full = false;
    std::atomic<int> writes = 0;
    std::function<void()> while_written = [] {};

    Checkpoints::Parts parts() {
        return {.settle = [] { return Result<void>{}; },
                .save = [this](std::span<const SourcePosition> given, const std::string&,
                               const std::function<void()>& copied) -> Result<void> {
                    copied();
                    while_written();
                    if (is_full) {
                        return Error{Errc::unavailable, "no space left"};
                    }
                    const std::lock_guard lock(mutex);
                    positions.assign(given.begin(), given.end());
                    writes += 1;
                    return {};
                },
                .note = [] { return std::string(); }};
    }
};

KafkaSourceOptions options_of(const KafkaMockCluster& cluster) {
    KafkaSourceOptions out;
    out.broker.cluster = cluster.settings();
    out.broker.topics = {"readings"};
    out.broker.group = "rooms";
    out.broker.session_timeout = milliseconds{6'000};
    return out;
}

std::unique_ptr<KafkaSource> start_source(Room& room, const KafkaSourceOptions& options,
                                          Checkpoints* checkpoints) {
    auto made = KafkaSource::make(room.registry(), room.sink(), room.clock(), options, checkpoints);
    HEADROOM_ASSERT(made.has_value());
    (*made)->start();
    return std::move(*made);
}

TEST(KafkaSource, GarbageDuplicatesAndReorderedPartitionsReconcile) {
    KafkaMockCluster cluster;
    cluster.create("readings", 3);
    KafkaFeed feed(cluster.settings());
    constexpr int feeders = 4;
    constexpr int rounds = 40;
    std::uint64_t sent = 0;
    const auto send = [&](int partition, const std::string& value, const std::string& key = {}) {
        feed.send("readings", partition, value, key);
        sent += 1;
    };
    for (int round = 0; round < rounds; ++round) {
        for (int i = 0; i < feeders; ++i) {
            // Pairs of rounds change places, every fifth reading comes twice, on another partition.
            const int second = 60 * (round ^ 1);
            const std::string json =
                reading_json("F-" + std::to_string(i), second, i == 0 && second >= 1200 ? 115.0 : 50.0);
            send(i % 3, json);
            if (round % 5 == 0) {
                send(i % 3, json);
            }
        }
        send(2, "garbage");
    }
    send(0, R"({"ts":"2026-11-20T12:40:30Z","kw":50})", "F-1");
    send(0, R"({"ts":"2026-11-20T12:40:30Z","kw":50})", "no id!");
    feed.flush();
    Room room(feeders);
    room.set_seconds(60 * rounds + 60);
    CheckpointDisk disk;
    Checkpoints checkpoints(disk.parts(), never);
    KafkaSourceOptions options = options_of(cluster);
    options.key_is_feeder = true;
    const auto source = start_source(room, options, &checkpoints);

    EXPECT_TRUE(eventually([&] { return source->counts().messages == sent; })) << source->counts().messages;
    source->stop();

    EXPECT_TRUE(reconciles(source->counts(), sent));
    EXPECT_EQ(source->counts().unreadable, rounds + 1U);
    EXPECT_EQ(room.distinct(), feeders * rounds + 1U);
    EXPECT_EQ(room.raised(), (std::vector<std::string>{"F-0"}));
}

/// A reading a second, of two feeders and over two partitions in turn.
void send_seconds(KafkaFeed& feed, int from, int to) {
    for (int second = from; second < to; ++second) {
        feed.send("readings", second % 2, reading_json("F-" + std::to_string(second % 2), second, 50.0));
    }
    feed.flush();
}

TEST(KafkaSource, WhatIsBehindTheLastCheckpointIsReadAgainAfterACrash) {
    KafkaMockCluster cluster;
    cluster.create("readings", 2);
    KafkaFeed feed(cluster.settings());
    const auto send = [&](int from, int to) { send_seconds(feed, from, to); };
    send(0, 100);
    CheckpointDisk disk;
    {
        Room first(2);
        first.set_seconds(1000);
        Checkpoints checkpoints(disk.parts(), never);
        const auto source = start_source(first, options_of(cluster), &checkpoints);
        ASSERT_TRUE(eventually([&] { return first.distinct() == 100; }));
        ASSERT_TRUE(checkpoints.take("test").has_value());
        send(100, 160);
        ASSERT_TRUE(eventually([&] { return first.distinct() == 160; }));
        EXPECT_EQ(first.repeated(), 0U);
        disk.is_full = true;  // whatever the end would still write is lost, as when the process is killed
    }
    ASSERT_EQ(disk.positions,
              (std::vector<SourcePosition>{{"kafka", "readings/0", 50}, {"kafka", "readings/1", 50}}));
    send(160, 200);
    disk.is_full = false;

    Room second(2);
    second.set_seconds(1000);
    Checkpoints checkpoints(disk.parts(), never);
    checkpoints.restore(disk.positions);
    const auto source = start_source(second, options_of(cluster), &checkpoints);

    EXPECT_TRUE(eventually([&] { return second.distinct() == 100; })) << second.distinct();
    source->stop();
    EXPECT_EQ(second.repeated(), 0U);
    EXPECT_EQ(second.distinct(), 100U) << "the hundred that the checkpoint held are not read again";
    EXPECT_EQ(disk.positions,
              (std::vector<SourcePosition>{{"kafka", "readings/0", 100}, {"kafka", "readings/1", 100}}))
        << "the last checkpoint, at the end";
}

TEST(KafkaSource, WhatIsReadWhileACheckpointIsWrittenIsNotCommittedWithIt) {
    KafkaMockCluster cluster;
    cluster.create("readings", 2);
    KafkaFeed feed(cluster.settings());
    const auto send = [&](int from, int to) { send_seconds(feed, from, to); };
    send(0, 100);
    CheckpointDisk disk;
    {
        Room first(2);
        first.set_seconds(1000);
        Checkpoints checkpoints(disk.parts(), never);
        const auto source = start_source(first, options_of(cluster), &checkpoints);
        ASSERT_TRUE(eventually([&] { return first.distinct() == 100; }));
        disk.while_written = [&] {
            send(100, 160);
            EXPECT_TRUE(eventually([&] { return first.distinct() == 160; })) << "the source stands still";
        };
        ASSERT_TRUE(checkpoints.take("test").has_value());
        disk.while_written = [] {};
        ASSERT_EQ(disk.positions,
                  (std::vector<SourcePosition>{{"kafka", "readings/0", 50}, {"kafka", "readings/1", 50}}));
        send(160, 170);
        ASSERT_TRUE(eventually([&] { return first.distinct() == 170; }));
        EXPECT_EQ(first.repeated(), 0U);
        disk.is_full = true;  // killed before another one
    }
    send(170, 200);

    // Without the file, whoever comes next has only the group's word: nothing behind the file is committed.
    CheckpointDisk other;
    Room second(2);
    second.set_seconds(1000);
    Checkpoints checkpoints(other.parts(), never);
    const auto source = start_source(second, options_of(cluster), &checkpoints);
    EXPECT_TRUE(eventually([&] { return second.distinct() >= 100; })) << second.distinct();
    source->stop();
}

TEST(KafkaSource, TellsAWrongSettingAtTheStart) {
    KafkaSourceOptions options;
    options.broker.cluster.brokers = "127.0.0.1:1";
    options.broker.topics = {"readings"};
    options.broker.group = "rooms";
    options.broker.cluster.options = {{"auto.offset.reset", "latest"}};
    Room room(1);
    const auto made = KafkaSource::make(room.registry(), room.sink(), room.clock(), options, nullptr);
    ASSERT_FALSE(made.has_value());
    EXPECT_NE(made.error().message.find("auto.offset.reset"), std::string::npos);
}

}  // namespace
}  // namespace headroom::agents
