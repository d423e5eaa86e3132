#include "net/mqtt_subscriber.hpp"

#include "net/broker_process.hpp"
#include "unit/net/mqtt_feed.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <mutex>
#include <optional>
#include <set>

namespace headroom::net {
namespace {

using testing::eventually;
using testing::MqttFeed;
using testing::ScratchFolder;

/// A subscriber that keeps what it is handed.
class Listener {
  public:
    explicit Listener(MqttSubscriberSettings settings) {
        settings.reconnect_first = milliseconds{5};
        settings.reconnect_longest = milliseconds{20};
        subscriber_ = std::make_unique<MqttSubscriber>(
            std::move(settings),
            MqttSubscriber::Handlers{.message =
                                         [this](std::string_view topic, std::string_view payload) {
                                             const std::lock_guard lock(mutex_);
                                             topics_.emplace_back(topic);
                                             payloads_.emplace_back(payload);
                                         },
                                     .rest = [this] { rests_ += 1; },
                                     .state =
                                         [this](bool connected, const std::string& why) {
                                             const std::lock_guard lock(mutex_);
                                             if (!connected) {
                                                 why_ = why;
                                             }
                                         }});
        started_ = subscriber_->start().has_value();
    }
    ~Listener() { subscriber_.reset(); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    bool connected() {
        return eventually([this] { return subscriber_->counts().connected; });
    }
    bool has(std::size_t count) {
        return eventually([&] { return payloads().size() >= count; });
    }
    std::vector<std::string> payloads() {
        const std::lock_guard lock(mutex_);
        return payloads_;
    }
    std::string why() {
        const std::lock_guard lock(mutex_);
        return why_;
    }
    MqttSubscriber& subscriber() { return *subscriber_; }
    int rests() const { return rests_; }

  private:
    std::mutex mutex_;
    std::vector<std::string> topics_;
    std::vector<std::string> payloads_;
    std::string why_;
    std::atomic<int> rests_ = 0;
    bool started_ = false;
    std::unique_ptr<MqttSubscriber> subscriber_;
};

class MqttSubscriberTest : public ::testing::Test {
  protected:
    void begin(const std::string& more = {}) {
        auto broker = BrokerProcess::start(folder_.path() / "broker", more);
        if (!broker && broker.error().code == Errc::not_found) {
            GTEST_SKIP() << broker.error().message;
        }
        ASSERT_TRUE(broker.has_value()) << broker.error().message;
        broker_.emplace(std::move(*broker));
    }
    [[nodiscard]] MqttSubscriberSettings settings(const std::string& filter,
                                                  const std::string& id = "reader") const {
        MqttSubscriberSettings out;
        out.port = broker_->port();
        out.client_id = id;
        out.filters = {filter};
        return out;
    }
    /// Kept on disk at every change.
    std::string persistent() {
        return "persistence true\npersistence_location " + (folder_.path() / "kept").string() +
               "/\nautosave_interval 1\nautosave_on_changes true\n";
    }

    ScratchFolder folder_;
    std::optional<BrokerProcess> broker_;
};

TEST_F(MqttSubscriberTest, HandsOverWhatIsPublished) {
    ASSERT_NO_FATAL_FAILURE(begin());
    Listener listener(settings("readings/#"));
    ASSERT_TRUE(listener.connected());
    MqttFeed feed(broker_->port());

    ASSERT_TRUE(feed.publish("readings/F-1", "one"));
    ASSERT_TRUE(feed.publish("elsewhere/F-1", "not for us"));
    ASSERT_TRUE(feed.publish("readings/F-2", ""));
    ASSERT_TRUE(feed.publish("readings/F-3", std::string("a\0b", 3), 0));

    ASSERT_TRUE(listener.has(3));
    EXPECT_EQ(listener.payloads(), (std::vector<std::string>{"one", "", std::string("a\0b", 3)}));
    EXPECT_EQ(listener.subscriber().counts().messages, 3U);
    EXPECT_EQ(listener.subscriber().counts().payload_bytes, 6U);
    EXPECT_GT(listener.rests(), 0);
}

TEST_F(MqttSubscriberTest, AGroupSharesTheMessagesOut) {
    ASSERT_NO_FATAL_FAILURE(begin());
    Listener first(settings("$share/rooms/readings/#", "reader-1"));
    Listener second(settings("$share/rooms/readings/#", "reader-2"));
    ASSERT_TRUE(first.connected());
    ASSERT_TRUE(second.connected());
    MqttFeed feed(broker_->port());

    std::multiset<std::string> sent;
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(feed.publish("readings/F-1", std::to_string(i)));
        sent.insert(std::to_string(i));
    }

    ASSERT_TRUE(eventually([&] { return first.payloads().size() + second.payloads().size() >= 50; }));
    std::multiset<std::string> got;
    for (Listener* listener : {&first, &second}) {
        EXPECT_FALSE(listener->payloads().empty());
        for (const std::string& payload : listener->payloads()) {
            got.insert(payload);
        }
    }
    EXPECT_EQ(got, sent);
}

TEST_F(MqttSubscriberTest, WhatCameWhileAwayIsDelivered) {
    ASSERT_NO_FATAL_FAILURE(begin());
    {
        Listener before(settings("readings/#"));
        ASSERT_TRUE(before.connected());
    }
    MqttFeed feed(broker_->port());
    ASSERT_TRUE(feed.publish("readings/F-1", "while away"));

    Listener after(settings("readings/#"));

    ASSERT_TRUE(after.has(1));
    EXPECT_EQ(after.payloads().front(), "while away");
}

TEST_F(MqttSubscriberTest, ARestartOfTheBrokerLosesNothingItKept) {
    std::filesystem::create_directories(folder_.path() / "kept");
    ASSERT_NO_FATAL_FAILURE(begin(persistent()));
    Listener listener(settings("readings/#"));
    ASSERT_TRUE(listener.connected());
    MqttFeed feed(broker_->port());
    std::set<std::string> sent;
    for (int i = 0; i < 300; ++i) {
        if (i % 100 == 50) {
            ASSERT_TRUE(broker_->restart().has_value());
            ASSERT_TRUE(feed.wait_for_connection());
        }
        const std::string payload = std::to_string(i);
        // Without an answer we do not know whether the broker has it: as any sender, we send again.
        while (!feed.publish("readings/F-1", payload)) {
            ASSERT_TRUE(feed.wait_for_connection());
        }
        sent.insert(payload);
    }

    ASSERT_TRUE(eventually([&] {
        const std::vector<std::string> payloads = listener.payloads();
        return std::set(payloads.begin(), payloads.end()) == sent;
    })) << listener.payloads().size()
        << " of " << sent.size();
    EXPECT_GE(listener.subscriber().counts().connections, 4U);
}

TEST_F(MqttSubscriberTest, TooLargeAPayloadIsCountedAndPassedOver) {
    ASSERT_NO_FATAL_FAILURE(begin());
    MqttSubscriberSettings bounded = settings("readings/#");
    bounded.payload_bytes_max = 100;
    Listener listener(bounded);
    ASSERT_TRUE(listener.connected());
    MqttFeed feed(broker_->port());

    ASSERT_TRUE(feed.publish("readings/F-1", std::string(101, 'x')));
    ASSERT_TRUE(feed.publish("readings/F-1", std::string(100, 'y')));

    ASSERT_TRUE(listener.has(1));
    EXPECT_EQ(listener.payloads(), (std::vector<std::string>{std::string(100, 'y')}));
    EXPECT_EQ(listener.subscriber().counts().oversize, 1U);
}

TEST_F(MqttSubscriberTest, ABrokerThatIsNotThereIsTriedAgain) {
    ASSERT_NO_FATAL_FAILURE(begin());
    const MqttSubscriberSettings where = settings("readings/#");
    broker_->kill();
    Listener listener(where);
    ASSERT_TRUE(eventually([&] { return listener.why().find("refused") != std::string::npos; }))
        << listener.why();

    ASSERT_TRUE(broker_->restart().has_value());

    EXPECT_TRUE(listener.connected());
}

TEST_F(MqttSubscriberTest, AWrongPasswordIsTold) {
    std::filesystem::create_directories(folder_.path());
    std::ofstream(folder_.path() / "users") << "";
    ASSERT_NO_FATAL_FAILURE(begin());
    broker_->stop();
    auto strict = BrokerProcess::start(
        folder_.path() / "strict",
        "password_file " + (folder_.path() / "users").string() + "\nallow_anonymous false\n");
    ASSERT_TRUE(strict.has_value()) << strict.error().message;
    MqttSubscriberSettings wrong = settings("readings/#");
    wrong.port = strict->port();
    wrong.user = "nobody";
    wrong.password = "guess";
    Listener listener(wrong);

    EXPECT_TRUE(eventually([&] {
        return listener.why().find("refused the connection") != std::string::npos;
    })) << listener.why();
}

TEST(MqttSubscriberSettingsTest, NamesTheFieldThatIsWrong) {
    MqttSubscriberSettings good;
    good.client_id = "reader";
    good.filters = {"readings/+/+", "$share/rooms/readings/#"};
    ASSERT_TRUE(check(good).has_value());
    const auto pointer_of = [&](auto change) {
        MqttSubscriberSettings settings = good;
        change(settings);
        const Result<void> checked = check(settings);
        return checked ? std::string("nothing") : checked.error().pointer;
    };

    EXPECT_EQ(pointer_of([](auto& s) { s.host.clear(); }), "/host");
    EXPECT_EQ(pointer_of([](auto& s) { s.client_id = std::string(65, 'a'); }), "/client_id");
    EXPECT_EQ(pointer_of([](auto& s) { s.password = "secret"; }), "/password");
    EXPECT_EQ(pointer_of([](auto& s) { s.user = std::string(257, 'a'); }), "/user");
    EXPECT_EQ(pointer_of([](auto& s) { s.key_file = "key.pem"; }), "/cert_file");
    EXPECT_EQ(pointer_of([](auto& s) { s.qos = 2; }), "/qos");
    EXPECT_EQ(pointer_of([](auto& s) { s.filters = {}; }), "/filter");
    EXPECT_EQ(pointer_of([](auto& s) { s.filters = {"readings/#/more"}; }), "/filter");
    EXPECT_EQ(pointer_of([](auto& s) { s.filters = {"$share//readings"}; }), "/filter");
    EXPECT_EQ(pointer_of([](auto& s) { s.filters = {"$share/g+/readings"}; }), "/filter");
    EXPECT_EQ(pointer_of([](auto& s) { s.filters = {"$share/group"}; }), "/filter");
    EXPECT_EQ(pointer_of([](auto& s) { s.payload_bytes_max = 0; }), "/payload_bytes_max");
}

}  // namespace
}  // namespace headroom::net
