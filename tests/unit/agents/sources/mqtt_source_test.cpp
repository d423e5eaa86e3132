#include "agents/sources/mqtt_source.hpp"

#include "net/broker_process.hpp"
#include "unit/agents/sources/room.hpp"
#include "unit/net/mqtt_feed.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

namespace headroom::agents {
namespace {

using net::testing::eventually;
using net::testing::MqttFeed;
using net::testing::ScratchFolder;
using sources_test::reading_json;
using sources_test::reconciles;
using sources_test::Room;

class MqttSourceTest : public ::testing::Test {
  protected:
    void begin(int feeders, const std::string& topic, const std::string& more = {}) {
        std::filesystem::create_directories(folder_.path() / "kept");
        auto broker = net::BrokerProcess::start(folder_.path() / "broker", more);
        if (!broker && broker.error().code == Errc::not_found) {
            GTEST_SKIP() << broker.error().message;
        }
        ASSERT_TRUE(broker.has_value()) << broker.error().message;
        broker_.emplace(std::move(*broker));
        room_.emplace(feeders);
        MqttSourceOptions options;
        options.broker.port = broker_->port();
        options.broker.client_id = "room";
        options.broker.reconnect_first = milliseconds{5};
        options.broker.reconnect_longest = milliseconds{20};
        options.topics = {topic};
        auto made = MqttSource::make(room_->registry(), room_->sink(), room_->clock(), options);
        ASSERT_TRUE(made.has_value()) << made.error().message;
        source_ = std::move(*made);
        ASSERT_TRUE(source_->start().has_value());
        ASSERT_TRUE(eventually([this] { return source_->connection().connected; }));
    }
    void TearDown() override {
        if (source_) {
            source_->stop();
        }
    }
    [[nodiscard]] std::string persistent() const {
        return "persistence true\npersistence_location " + (folder_.path() / "kept").string() +
               "/\nautosave_interval 1\nautosave_on_changes true\n";
    }
    bool counted(std::uint64_t sent) {
        return eventually(
            [&] { return reconciles(source_->counts(), sent) == ::testing::AssertionSuccess(); });
    }

    ScratchFolder folder_;
    std::optional<net::BrokerProcess> broker_;
    std::optional<Room> room_;
    std::unique_ptr<MqttSource> source_;
};

TEST_F(MqttSourceTest, TheTopicNamesFeederAndPhase) {
    ASSERT_NO_FATAL_FAILURE(begin(2, "readings/{feeder}/{phase}"));
    MqttFeed feed(broker_->port());

    ASSERT_TRUE(feed.publish("readings/F-1/sum", R"({"ts":"2026-11-20T12:00:00Z","kw":10})"));
    ASSERT_TRUE(feed.publish("readings/F-1/sum", R"([{"ts":"2026-11-20T11:59:58Z","kw":10},
                                                      {"ts":"2026-11-20T11:59:59Z","kw":11}])"));
    ASSERT_TRUE(feed.publish("readings/F-1/what", R"({"ts":"2026-11-20T12:00:00Z","kw":10})"));

    ASSERT_TRUE(eventually([&] { return source_->counts().messages == 3; }));
    EXPECT_TRUE(reconciles(source_->counts(), 4));
    EXPECT_EQ(source_->counts().accepted, 3U);
    EXPECT_EQ(source_->counts().unreadable, 1U);
    EXPECT_EQ(room_->readings_of("F-1"), 3U);
}

TEST_F(MqttSourceTest, ABrokerRestartedMidStreamLosesNothingAndRaisesEachOverloadOnce) {
    constexpr int feeders = 10;
    constexpr int rounds = 60;
    ASSERT_NO_FATAL_FAILURE(begin(feeders, "readings/#", persistent()));
    room_->set_seconds(rounds);
    MqttFeed feed(broker_->port());
    for (int round = 0; round < rounds; ++round) {
        if (round == 30 || round == 45) {
            ASSERT_TRUE(broker_->restart().has_value());
            ASSERT_TRUE(feed.wait_for_connection());
        }
        std::string array = "[";
        for (int i = 0; i < feeders; ++i) {
            // Odd feeders are over their limit from just before the first restart on, across both.
            const double kw = i % 2 == 1 && round >= 28 ? 112.0 : 50.0;
            array += (i > 0 ? "," : "") + reading_json("F-" + std::to_string(i), round, kw);
        }
        // A publish without an answer may have arrived: sent again, it is a duplicate and counted as one.
        while (!feed.publish("readings/all", array + "]")) {
            ASSERT_TRUE(feed.wait_for_connection());
        }
    }

    ASSERT_TRUE(eventually([&] { return room_->distinct() == feeders * rounds; })) << room_->distinct();
    EXPECT_TRUE(reconciles(source_->counts(), source_->counts().readings))
        << "at least once, and each counted";
    EXPECT_GE(source_->counts().readings, feeders * rounds);
    EXPECT_EQ(source_->counts().quarantined_total(), 0U);
    std::vector<std::string> raised = room_->raised();
    std::sort(raised.begin(), raised.end());
    EXPECT_EQ(raised, (std::vector<std::string>{"F-1", "F-3", "F-5", "F-7", "F-9"}));
}

TEST_F(MqttSourceTest, ATopicOfGarbageBesideReadings) {
    ASSERT_NO_FATAL_FAILURE(begin(1, "readings/#"));
    room_->set_seconds(100);
    MqttFeed feed(broker_->port());
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(feed.publish("readings/noise", std::string(static_cast<std::size_t>(i), '\x81') + "{]"));
        ASSERT_TRUE(feed.publish("readings/good", reading_json("F-0", i, i >= 10 ? 115.0 : 50.0)));
    }

    EXPECT_TRUE(counted(100));
    EXPECT_EQ(source_->counts().accepted, 50U);
    EXPECT_EQ(source_->counts().unreadable, 50U);
    EXPECT_EQ(room_->raised(), (std::vector<std::string>{"F-0"}));
}

TEST_F(MqttSourceTest, ASlowMonitorMakesTheBrokerDropAndTheNumbersTell) {
    // QoS 0 and a broker that keeps ten messages: what the source is too slow for is gone, and is counted.
    ASSERT_NO_FATAL_FAILURE(begin(1, "readings/#", "max_queued_messages 10\nmax_queued_bytes 20000\n"));
    room_->set_seconds(3000);
    source_->stop();
    MqttSourceOptions options;
    options.broker.port = broker_->port();
    options.broker.client_id = "slow";
    options.broker.qos = 0;
    options.broker.clean_start = true;
    options.topics = {"readings/#"};
    std::atomic<bool> is_held = true;
    ReadingsSink slow = room_->sink();
    slow.ingest = [&, real = room_->sink().ingest](std::span<const telemetry::Reading> readings,
                                                   SteadyTime received) {
        while (is_held) {
            std::this_thread::sleep_for(milliseconds{1});
        }
        return real(readings, received);
    };
    auto made = MqttSource::make(room_->registry(), slow, room_->clock(), options);
    ASSERT_TRUE(made.has_value());
    source_ = std::move(*made);
    ASSERT_TRUE(source_->start().has_value());
    ASSERT_TRUE(eventually([this] { return source_->connection().connected; }));
    MqttFeed feed(broker_->port());
    constexpr std::uint64_t sent = 2000;
    const std::string filler(40'000, ' ');  // so that sockets hold few of them
    for (std::uint64_t seq = 1; seq <= sent; ++seq) {
        ASSERT_TRUE(
            feed.publish("readings/all", reading_json("F-0", static_cast<int>(seq), 10.0, seq) + filler, 0));
    }
    is_held = false;
    // The last one comes when there is room again: then everything before it has come or is gone for good.
    std::uint64_t last = sent;
    ASSERT_TRUE(eventually([&] {
        last += 1;
        static_cast<void>(
            feed.publish("readings/all", reading_json("F-0", static_cast<int>(last), 10.0, last)));
        const SourceCounts counts = source_->counts();
        return counts.accepted + counts.missing >= sent && counts.missing > 0;
    }));
    static_cast<void>(feed.publish("readings/end", "end"));
    ASSERT_TRUE(eventually([&] { return source_->counts().unreadable == 1; }));

    const SourceCounts counts = source_->counts();
    EXPECT_EQ(counts.accepted + counts.missing, last);
    EXPECT_EQ(counts.duplicates + counts.conflicts, 0U);
}

TEST_F(MqttSourceTest, RefusesATemplateThatCannotWork) {
    ASSERT_NO_FATAL_FAILURE(begin(1, "readings/#"));
    MqttSourceOptions options;
    options.broker.client_id = "room";
    options.topics = {"readings/{what}"};
    const auto made = MqttSource::make(room_->registry(), room_->sink(), room_->clock(), options);
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().code, Errc::invalid);
}

}  // namespace
}  // namespace headroom::agents
