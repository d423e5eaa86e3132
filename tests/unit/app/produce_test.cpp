#include "app/run_produce.hpp"

#include "net/broker_process.hpp"
#include "net/mqtt_subscriber.hpp"
#include "unit/net/mqtt_feed.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <mutex>
#include <vector>

namespace headroom::app {
namespace {

TEST(Produce, ReadsATimeWithItsUnit) {
    EXPECT_EQ(parse_pause("5s").value(), milliseconds{5'000});
    EXPECT_EQ(parse_pause("250ms").value(), milliseconds{250});
    EXPECT_EQ(parse_pause("1.5min").value(), milliseconds{90'000});
    EXPECT_EQ(parse_pause("0").value(), milliseconds{0});
    for (const char* wrong : {"", "s", "-1s", "5 s", "5h", "nan", "1e99s"}) {
        EXPECT_EQ(parse_pause(wrong).has_value(), false) << wrong;
    }
}

TEST(Produce, WritesReadingsAsTheDecoderReadsThem) {
    const UtcTime at = parse_utc("2026-11-20T12:00:00.250Z").value();
    telemetry::Reading reading{.value = 12.5};
    EXPECT_EQ(reading_to_json({.point_id = "F-1"}, reading, at, 7),
              R"({"feeder":"F-1","ts":"2026-11-20T12:00:00.250Z","kw":12.5,"source":"produce","seq":7})");
    reading.quality = telemetry::Quality::estimated;
    EXPECT_EQ(reading_to_json({.point_id = "F-1", .quantity = grid::Quantity::v_v, .phase = grid::Phase::l2},
                              reading, at, 8),
              R"({"feeder":"F-1","ts":"2026-11-20T12:00:00.250Z","quantity":"v_v","phase":"L2","value":12.5,)"
              R"("quality":"estimated","source":"produce","seq":8})");
}

TEST(Produce, PublishesAFileByFeederAndInOrder) {
    const net::testing::ScratchFolder folder;
    auto broker = net::BrokerProcess::start(folder.path() / "broker");
    if (!broker && broker.error().code == Errc::not_found) {
        GTEST_SKIP() << broker.error().message;
    }
    ASSERT_TRUE(broker.has_value()) << broker.error().message;
    std::ofstream file(folder.path() / "rows.csv");
    file << "feeder_id,timestamp,kw\n";
    for (int row = 0; row < 5; ++row) {
        for (int feeder = 0; feeder < 3; ++feeder) {
            file << "F-" << feeder << ",2026-11-20T12:0" << row << ":00Z," << 10 * row + feeder << "\n";
        }
    }
    file.close();
    std::mutex mutex;
    std::map<std::string, std::vector<std::string>> got;
    std::size_t messages = 0;
    net::MqttSubscriberSettings settings;
    settings.port = broker->port();
    settings.client_id = "test";
    settings.filters = {"readings/#"};
    net::MqttSubscriber subscriber(settings, {.message =
                                                  [&](std::string_view topic, std::string_view payload) {
                                                      const std::lock_guard lock(mutex);
                                                      got[std::string(topic)].emplace_back(payload);
                                                      messages += 1;
                                                  },
                                              .rest = [] {},
                                              .state = {}});
    ASSERT_TRUE(subscriber.start().has_value());
    ASSERT_TRUE(net::testing::eventually([&] { return subscriber.counts().connected; }));
    ProduceCommand command;
    command.file = folder.path() / "rows.csv";
    command.to = "mqtt://127.0.0.1:" + std::to_string(broker->port()) + "/readings/{feeder}/{phase}";
    command.every = milliseconds{0};
    command.count = 4;

    const Result<json::Object> done = produce(command);

    ASSERT_TRUE(done.has_value()) << done.error().message;
    const json::Value view(*done);
    EXPECT_EQ(view.integer("/pulses"), 4);
    EXPECT_EQ(view.integer("/readings"), 12);
    EXPECT_EQ(view.integer("/delivered"), 12);
    ASSERT_TRUE(net::testing::eventually([&] {
        const std::lock_guard lock(mutex);
        return messages == 12;
    }));
    subscriber.stop();
    ASSERT_EQ(got.size(), 3U);
    const std::vector<std::string>& second = got.at("readings/F-1/sum");
    ASSERT_EQ(second.size(), 4U);
    for (std::size_t row = 0; row < second.size(); ++row) {
        EXPECT_NE(second[row].find("\"kw\":" + std::to_string(10 * row + 1) + ","), std::string::npos)
            << second[row];
    }
}

TEST(Produce, NamesAWrongTarget) {
    ProduceCommand command;
    command.file = "/nonexistent.csv";
    EXPECT_EQ(produce(command).error().code, Errc::not_found);
}

}  // namespace
}  // namespace headroom::app
