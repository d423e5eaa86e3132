#include "net/mqtt_client.hpp"

#include "net/broker_process.hpp"
#include "unit/net/support.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>

namespace headroom::net {
namespace {

using testing::IoThread;

/// Waits, ten seconds at most, for things that the io thread tells.
template <class T>
class Told {
  public:
    void tell(T value) {
        const std::lock_guard lock(mutex_);
        values_.push_back(std::move(value));
        changed_.notify_all();
    }
    T next() {
        std::unique_lock lock(mutex_);
        const bool in_time = changed_.wait_for(lock, seconds{10}, [&] { return !values_.empty(); });
        HEADROOM_ASSERT(in_time);
        T value = std::move(values_.front());
        values_.pop_front();
        return value;
    }
    bool empty() {
        const std::lock_guard lock(mutex_);
        return values_.empty();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<T> values_;
};

class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "headroom-net-XXXXXX").string();
        HEADROOM_ASSERT(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// A client on the io thread that is connected when constructed with `wait`; with `early`, subscribed to
/// `filter` before it connects.
class TestClient {
  public:
    TestClient(IoThread& io, MqttSettings settings, bool wait = true, Told<MqttMessage>* early = nullptr,
               const std::string& filter = {})
        : io_(io) {
        settings.reconnect_first = milliseconds{5};
        settings.reconnect_longest = milliseconds{20};
        io_.call([&] {
            client_ = std::make_unique<MqttClient>(io_.context().get_executor(), std::move(settings));
            client_->on_state([this](bool connected, const std::string& why) {
                states.tell({connected, why});
            });
            if (early != nullptr) {
                auto subscribed = client_->subscribe(
                    filter, 1, [early](const MqttMessage& message) { early->tell(message); });
                io_.begin(std::move(subscribed), [](const Result<void>&) {});
            }
            HEADROOM_ASSERT(client_->start().has_value());
        });
        if (wait) {
            HEADROOM_ASSERT(states.next().first);
        }
    }
    ~TestClient() {
        io_.call([&] { client_.reset(); });
    }
    TestClient(const TestClient&) = delete;
    TestClient& operator=(const TestClient&) = delete;

    Result<PublishResult> publish(const std::string& topic, const std::string& payload, int qos = 1,
                                  MqttProperties properties = {}, bool retain = false) {
        return io_.await(client_->publish(topic, payload, qos, retain, std::move(properties)));
    }
    Result<void> subscribe(const std::string& filter, Told<MqttMessage>& into, int qos = 1) {
        return io_.await(
            client_->subscribe(filter, qos, [&into](const MqttMessage& message) { into.tell(message); }));
    }
    void unsubscribe(const std::string& filter) {
        io_.call([&] { client_->unsubscribe(filter); });
    }

    Told<std::pair<bool, std::string>> states;

  private:
    IoThread& io_;
    std::unique_ptr<MqttClient> client_;
};

class Mqtt : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!BrokerProcess::find_executable()) {
            GTEST_SKIP() << "no mosquitto is installed: apt-get install mosquitto";
        }
        auto started = BrokerProcess::start(folder.path());
        ASSERT_TRUE(started.has_value()) << started.error().message;
        broker.emplace(std::move(*started));
    }
    [[nodiscard]] MqttSettings settings(const std::string& id) const {
        MqttSettings out;
        out.port = broker->port();
        out.client_id = id;
        return out;
    }

    TemporaryFolder folder;
    std::optional<BrokerProcess> broker;
    IoThread io;
};

TEST_F(Mqtt, DeliversAMessageWithItsProperties) {
    TestClient device(io, settings("device"));
    TestClient core(io, settings("core"));
    Told<MqttMessage> orders;
    ASSERT_TRUE(device.subscribe("headroom/v1/+/down/order", orders).has_value());

    MqttProperties properties;
    properties.message_expiry_s = 60;
    properties.response_topic = "headroom/v1/D-1/up/ack";
    properties.correlation_data = std::string("order\0one", 9);
    properties.content_type = "application/json";
    properties.user = {{"traceparent", "00-ab-cd-01"}, {"x", "ü"}};
    const auto sent = core.publish("headroom/v1/D-1/down/order", R"({"v":1})", 1, properties);
    ASSERT_TRUE(sent.has_value()) << sent.error().message;
    EXPECT_EQ(sent->reason_code, 0);
    EXPECT_FALSE(sent->no_subscribers);

    const MqttMessage received = orders.next();
    EXPECT_EQ(received.topic, "headroom/v1/D-1/down/order");
    EXPECT_EQ(received.payload, R"({"v":1})");
    EXPECT_EQ(received.qos, 1);
    EXPECT_FALSE(received.retain);
    EXPECT_EQ(received.properties, properties);
}

TEST_F(Mqtt, TellsThatNobodyListens) {
    TestClient core(io, settings("core"));
    const auto sent = core.publish("nobody/here", "x");
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->reason_code, 16);
    EXPECT_TRUE(sent->no_subscribers);
}

TEST_F(Mqtt, CompletesQosZeroWhenItIsWritten) {
    TestClient core(io, settings("core"));
    Told<MqttMessage> messages;
    ASSERT_TRUE(core.subscribe("t", messages, 0).has_value());
    const auto sent = core.publish("t", "", 0);
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->reason_code, 0);
    EXPECT_EQ(messages.next().payload, "");
}

TEST_F(Mqtt, KeepsTheOrderOfManyMessages) {
    TestClient core(io, settings("core"));
    Told<MqttMessage> messages;
    ASSERT_TRUE(core.subscribe("n/#", messages).has_value());
    for (int i = 0; i < 1000; ++i) {
        ASSERT_TRUE(core.publish("n/" + std::to_string(i % 7), std::to_string(i)).has_value());
    }
    for (int i = 0; i < 1000; ++i) {
        ASSERT_EQ(messages.next().payload, std::to_string(i));
    }
}

TEST_F(Mqtt, SlowsTheBrokerWhenNobodyTakesTheMessages) {
    MqttSettings slow = settings("slow");
    slow.incoming_max = 4;
    TestClient device(io, slow);
    Told<MqttMessage> messages;
    ASSERT_TRUE(device.subscribe("n", messages).has_value());
    TestClient core(io, settings("core"));
    for (int i = 0; i < 500; ++i) {
        ASSERT_TRUE(core.publish("n", std::to_string(i)).has_value());
    }
    for (int i = 0; i < 500; ++i) {
        ASSERT_EQ(messages.next().payload, std::to_string(i));
    }
}

TEST_F(Mqtt, RefusesWhatMqttForbids) {
    TestClient core(io, settings("core"));
    Told<MqttMessage> messages;
    EXPECT_EQ(core.publish("a/+/b", "x").error().code, Errc::invalid);
    EXPECT_EQ(core.publish("", "x").error().code, Errc::invalid);
    EXPECT_EQ(core.publish("a", "x", 2).error().code, Errc::invalid);
    EXPECT_EQ(core.publish("a", std::string(100'000, 'x')).error().code,
              Errc::invalid);  // over the broker's limit
    MqttProperties zero;
    zero.content_type = std::string("a\0b", 3);
    EXPECT_EQ(core.publish("a", "x", 1, zero).error().code, Errc::invalid);
    EXPECT_EQ(core.subscribe("a/#/b", messages).error().code, Errc::invalid);
    EXPECT_TRUE(core.publish("a", "x").has_value());  // the connection has survived all of it
}

TEST_F(Mqtt, StopsDeliveringAfterUnsubscribe) {
    TestClient core(io, settings("core"));
    Told<MqttMessage> first;
    Told<MqttMessage> second;
    ASSERT_TRUE(core.subscribe("a", first).has_value());
    ASSERT_TRUE(core.subscribe("#", second).has_value());
    core.unsubscribe("a");
    ASSERT_TRUE(core.publish("a", "x").has_value());
    EXPECT_EQ(second.next().payload, "x");
    EXPECT_TRUE(first.empty());
}

TEST_F(Mqtt, PublishesItsWillOnlyWhenItDoesNotSayGoodbye) {
    TestClient core(io, settings("core"));
    Told<MqttMessage> states;
    ASSERT_TRUE(core.subscribe("+/up/state", states).has_value());
    const auto with_will = [&](const std::string& id) {
        MqttSettings out = settings(id);
        out.will = MqttWill{.message = {.topic = id + "/up/state",
                                        .payload = "offline",
                                        .qos = 1,
                                        .retain = false,
                                        .properties = {}},
                            .delay_s = 0};
        return out;
    };
    { TestClient polite(io, with_will("polite")); }
    {
        // The same client id twice: the broker cuts the first off, as a crash would.
        TestClient first(io, with_will("rude"));
        MqttSettings other = settings("rude");
        TestClient second(io, other);
        EXPECT_EQ(states.next().topic, "rude/up/state");
    }
}

TEST_F(Mqtt, ComesBackAfterTheBrokerDied) {
    TestClient core(io, settings("core"));
    Told<MqttMessage> messages;
    ASSERT_TRUE(core.subscribe("t", messages).has_value());

    broker->kill();
    const auto [connected, why] = core.states.next();
    EXPECT_FALSE(connected);
    EXPECT_FALSE(why.empty());
    EXPECT_EQ(core.publish("t", "lost").error().code, Errc::unavailable);
    Told<MqttMessage> late;
    EXPECT_EQ(core.subscribe("late", late).error().code, Errc::unavailable);

    const auto restarted = broker->restart();
    ASSERT_TRUE(restarted.has_value()) << restarted.error().message;
    EXPECT_TRUE(core.states.next().first);
    // The subscriptions go out before this publish on the same connection, so the broker knows them first.
    ASSERT_TRUE(core.publish("t", "found").has_value());
    EXPECT_EQ(messages.next().payload, "found");
    ASSERT_TRUE(core.publish("late", "too").has_value());
    EXPECT_EQ(late.next().payload, "too");
}

TEST_F(Mqtt, DropsAnExpiredMessageAndKeepsAFreshOneForASessionThatReturns) {
    MqttSettings kept = settings("device");
    kept.clean_start = false;
    kept.session_expiry_s = 300;
    Told<MqttMessage> orders;
    {
        TestClient device(io, kept);
        ASSERT_TRUE(device.subscribe("orders", orders).has_value());
    }
    TestClient core(io, settings("core"));
    MqttProperties brief;
    brief.message_expiry_s = 1;
    MqttProperties lasting;
    lasting.message_expiry_s = 60;
    ASSERT_FALSE(core.publish("orders", "brief", 1, brief)->no_subscribers);
    ASSERT_TRUE(core.publish("orders", "lasting", 1, lasting).has_value());
    // The broker counts real seconds, and whole ones; there is no other way to make it see two of them pass.
    io.await([](asio::any_io_executor executor) -> Awaitable<void> {
        asio::steady_timer timer(executor, milliseconds{2100});
        co_await timer.async_wait(asio::use_awaitable);
    }(io.context().get_executor()));
    TestClient device(io, kept, true, &orders, "orders");
    ASSERT_TRUE(core.publish("orders", "last").has_value());
    const MqttMessage first = orders.next();
    EXPECT_EQ(first.payload, "lasting");
    EXPECT_LE(first.properties.message_expiry_s.value_or(0), 59U);
    EXPECT_EQ(orders.next().payload, "last");
}

TEST_F(Mqtt, TellsWhyTheBrokerRefusesIt) {
    MqttSettings nobody = settings("nobody");
    broker->stop();
    TestClient core(io, nobody, false);
    const auto [connected, why] = core.states.next();
    EXPECT_FALSE(connected);
    EXPECT_NE(why.find(std::to_string(broker->port())), std::string::npos) << why;
}

TEST_F(Mqtt, TellsThatTheBrokerForbidsAPublish) {
    std::ofstream(folder.path() / "acl") << "topic read #\ntopic write open/#\n";
    std::filesystem::permissions(folder.path(), std::filesystem::perms{0755});
    std::filesystem::permissions(folder.path() / "acl", std::filesystem::perms{0644});
    auto guarded = BrokerProcess::start(folder.path(), "acl_file " + (folder.path() / "acl").string() + "\n");
    ASSERT_TRUE(guarded.has_value()) << guarded.error().message;
    MqttSettings to_guarded = settings("core");
    to_guarded.port = guarded->port();
    TestClient core(io, to_guarded);
    EXPECT_TRUE(core.publish("open/door", "x").has_value());
    const auto refused = core.publish("closed/door", "x");
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Errc::denied);
    EXPECT_NE(refused.error().message.find("135"), std::string::npos) << refused.error().message;
}

TEST_F(Mqtt, EndsWhatIsPendingWhenItStops) {
    auto client = std::make_unique<TestClient>(io, settings("core"));
    broker->stop();
    EXPECT_EQ(client->publish("t", "x").error().code, Errc::unavailable);
    client.reset();
}

TEST(MqttSettingsCheck, RefusesWhatCannotWork) {
    IoThread io;
    io.call([&] {
        MqttClient anonymous(io.context().get_executor(), {.client_id = "", .clean_start = false});
        EXPECT_EQ(anonymous.start().error().code, Errc::invalid);
        MqttClient half_tls(io.context().get_executor(), {.ca_file = "ca.pem", .cert_file = "c.pem"});
        EXPECT_EQ(half_tls.start().error().code, Errc::invalid);
    });
}

TEST(BrokerProcess, TakesAPortOfItsOwnAndEndsWithItsOwner) {
    if (!BrokerProcess::find_executable()) {
        GTEST_SKIP() << "no mosquitto is installed: apt-get install mosquitto";
    }
    TemporaryFolder folder;
    pid_t pid = 0;
    {
        const auto first = BrokerProcess::start(folder.path() / "a");
        const auto second = BrokerProcess::start(folder.path() / "b");
        ASSERT_TRUE(first.has_value() && second.has_value());
        EXPECT_NE(first->port(), second->port());
        pid = first->pid();
        EXPECT_EQ(::kill(pid, 0), 0);
    }
    EXPECT_NE(::kill(pid, 0), 0);
}

}  // namespace
}  // namespace headroom::net
