// One suite over every way to devices: MQTT through a real broker, and the WebSocket gateway protocol.
#include "dispatch/channel.hpp"

#include "dispatch/channels/mqtt.hpp"
#include "dispatch/channels/websocket.hpp"
#include "dispatch/presence.hpp"
#include "net/broker_process.hpp"
#include "net/http_server.hpp"
#include "net/mqtt_client.hpp"
#include "net/websocket_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headroom::dispatch {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

const UtcTime evening = parse_utc("2026-11-20T17:00:00Z").value();
constexpr auto patience = std::chrono::seconds{20};

Instruction order_for(const std::string& der) {
    Instruction made;
    made.id = make_instruction_id(evening, der);
    made.event = EventId{"ev-20261120-abcdefgh"};
    made.der = der;
    made.fence = 7;
    made.value = Watts{-5'000};
    made.start = evening;
    made.expires = evening + minutes{5};
    return made;
}

/// A transport with devices at its far end.
class Rig {
  public:
    Rig() : clock(evening), wall(evening) {}
    Rig(const Rig&) = delete;
    Rig& operator=(const Rig&) = delete;
    virtual ~Rig() = default;

    virtual Channel& channel() = 0;
    /// A device (or its gateway) appears and listens.
    virtual void connect(const std::vector<std::string>& ders) = 0;
    virtual void disconnect() = 0;
    /// What a device says: an ack or measurement payload.
    virtual void say(const std::string& der, const std::string& what, const std::string& payload) = 0;
    /// The control path goes away.
    virtual void cut() = 0;

    bool run_until(const std::function<bool()>& done) {
        const SteadyTime limit = steady_now() + patience;
        while (!done()) {
            if (steady_now() > limit) {
                return false;
            }
            context.restart();
            context.run_one_for(std::chrono::milliseconds{20});
        }
        return true;
    }
    Result<void> send(const Instruction& instruction) {
        std::optional<Result<void>> result;
        spawn(context.get_executor(), keep(channel(), instruction, result));
        EXPECT_TRUE(run_until([&result] { return result.has_value(); }));
        return result.value_or(Result<void>(Error{Errc::timeout, "the send did not end"}));
    }
    void listen() {
        Channel::Handlers handlers;
        handlers.on_ack = [this](Ack ack) { acks.push_back(std::move(ack)); };
        handlers.on_measurement = [this](DeviceMeasurement measurement) {
            measurements.push_back(std::move(measurement));
        };
        handlers.on_presence = [this](const std::string& der, bool is_online) {
            presence.emplace_back(der, is_online);
        };
        channel().set_handlers(std::move(handlers));
    }

    asio::io_context context;
    VirtualClock clock;
    ManualWallClock wall;
    std::vector<Ack> acks;
    std::vector<DeviceMeasurement> measurements;
    std::vector<std::pair<std::string, bool>> presence;
    std::vector<Instruction> received;  ///< at the devices

  private:
    static Awaitable<void> keep(Channel& channel, Instruction instruction,
                                std::optional<Result<void>>& result) {
        Result<void> sent = co_await channel.send(instruction);
        result.emplace(std::move(sent));
    }
};

class WebSocketRig final : public Rig {
  public:
    WebSocketRig() : channel_(make_websocket_channel(context.get_executor(), clock)), server_(context) {
        serve_gateways(server_, "/devices/v1", *channel_);
        EXPECT_TRUE(server_.listen().has_value());
    }
    ~WebSocketRig() override {
        disconnect();
        static_cast<void>(run_until([this] { return channel_->devices() == 0; }));
    }

    Channel& channel() override { return *channel_; }
    void connect(const std::vector<std::string>& ders) override {
        spawn(context.get_executor(), gateway(ders));
        EXPECT_TRUE(run_until([this, &ders] { return channel_->devices() == ders.size(); }));
    }
    void disconnect() override {
        if (socket_) {
            socket_->close();
            socket_.reset();
        }
    }
    void say(const std::string& der, const std::string& what, const std::string& payload) override {
        socket_->post(R"({"type":")" + what + R"(","der":")" + der + R"(",")" + what + R"(":)" + payload +
                      "}");
    }
    void cut() override { disconnect(); }
    GatewayChannel& gateways() { return *channel_; }
    net::WebSocket& socket() { return *socket_; }

  private:
    Awaitable<void> gateway(std::vector<std::string> ders) {
        std::string url = "ws://127.0.0.1:" + std::to_string(server_.port()) + "/devices/v1";
        const Result<std::shared_ptr<net::WebSocket>> opened =
            co_await net::connect_websocket(std::move(url));
        if (!opened) {
            ADD_FAILURE() << opened.error().message;
            co_return;
        }
        const std::shared_ptr<net::WebSocket> socket = opened.value();
        socket_ = socket;
        socket->post(encode_hello(ders));
        for (;;) {
            const Result<std::string> frame = co_await socket->read();
            if (!frame) {
                co_return;
            }
            const Result<Instruction> order = decode_order_frame(*frame);
            EXPECT_TRUE(order.has_value()) << (order ? "" : order.error().message);
            if (order) {
                received.push_back(*order);
            }
        }
    }

    std::unique_ptr<GatewayChannel> channel_;
    net::HttpServer server_;
    std::shared_ptr<net::WebSocket> socket_;
};

class MqttRig final : public Rig {
  public:
    MqttRig() {
        std::string pattern = (std::filesystem::temp_directory_path() / "headroom-channel-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        Result<net::BrokerProcess> broker = net::BrokerProcess::start(folder_);
        EXPECT_TRUE(broker.has_value()) << (broker ? "" : broker.error().message);
        broker_.emplace(std::move(broker).value());
        core_ = start_client("core");
        channel_ = make_mqtt_channel(context.get_executor(), *core_, "headroom/v1", clock, wall);
        EXPECT_TRUE(run_until([this] { return channel_->is_connected(); }));
        await_subscriptions();
    }
    ~MqttRig() override {
        channel_.reset();
        device_.reset();
        probe_.reset();
        core_.reset();
        broker_.reset();
        context.restart();
        context.poll();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    Channel& channel() override { return *channel_; }
    void connect(const std::vector<std::string>& ders) override {
        device_ = start_client("gateway");
        EXPECT_TRUE(run_until([this] { return device_->connected(); }));
        std::size_t done = 0;
        for (const std::string& der : ders) {
            spawn(context.get_executor(), listen_as(der, done));
        }
        EXPECT_TRUE(run_until([&done, &ders] { return done == ders.size(); }));
        for (const std::string& der : ders) {
            say(der, "state", encode_presence(true));
        }
    }
    void disconnect() override {
        say("bess-1", "state", encode_presence(false));
        EXPECT_TRUE(run_until([this] { return !presence.empty() && !presence.back().second; }));
        device_->stop();
    }
    void say(const std::string& der, const std::string& what, const std::string& payload) override {
        spawn(context.get_executor(), publish(*device_, "headroom/v1/" + der + "/up/" + what, payload));
    }
    void cut() override {
        device_->stop();
        broker_->kill();
        EXPECT_TRUE(run_until([this] { return !channel_->is_connected(); }));
    }
    std::vector<net::MqttMessage>& messages() { return messages_; }

  private:
    std::unique_ptr<net::MqttClient> start_client(std::string id) {
        net::MqttSettings settings;
        settings.port = broker_->port();
        settings.client_id = std::move(id);
        auto client = std::make_unique<net::MqttClient>(context.get_executor(), std::move(settings));
        EXPECT_TRUE(client->start().has_value());
        return client;
    }

    /// The channel subscribes by itself; once it hears the probe, what others say is heard too.
    void await_subscriptions() {
        probe_ = start_client("probe");
        EXPECT_TRUE(run_until([this] { return probe_->connected(); }));
        std::size_t heard = 0;
        Channel::Handlers handlers;
        handlers.on_ack = [&heard](const Ack&) { ++heard; };
        handlers.on_presence = [&heard](const std::string&, bool) { ++heard; };
        handlers.on_measurement = [&heard](const DeviceMeasurement&) { ++heard; };
        channel_->set_handlers(std::move(handlers));
        std::size_t published = 0;
        spawn(context.get_executor(), probe(published));
        EXPECT_TRUE(run_until([&heard, &published] { return published > 0 && published == heard; }));
        channel_->set_handlers({});
    }

    /// Says something on each topic until somebody listens there.
    Awaitable<void> probe(std::size_t& published) {
        const Instruction order = order_for("probe");
        const std::vector<std::pair<std::string, std::string>> payloads{
            {"ack", encode_ack({order.id, "probe", AckResult::accepted, "", evening})},
            {"meas", encode_measurement({"probe", Watts{1}, std::nullopt, "", evening})},
            {"state", encode_presence(false)}};
        std::size_t reached = 0;
        for (const auto& [what, payload] : payloads) {
            for (bool is_heard = false; !is_heard;) {
                std::string topic = "headroom/v1/probe/up/" + what;
                std::string copy = payload;
                const Result<net::PublishResult> result =
                    co_await probe_->publish(std::move(topic), std::move(copy), 1, false);
                is_heard = result.has_value() && !result->no_subscribers;
            }
            ++reached;
        }
        published = reached;
    }

    Awaitable<void> listen_as(std::string der, std::size_t& done) {
        std::string filter = "headroom/v1/" + der + "/down/order";
        net::MqttClient::MessageCallback callback = [this, der](const net::MqttMessage& message) {
            messages_.push_back(message);
            Result<Instruction> order = decode_order(message.payload);
            EXPECT_TRUE(order.has_value());
            if (order) {
                order->der = der;
                received.push_back(*order);
            }
        };
        const Result<void> subscribed =
            co_await device_->subscribe(std::move(filter), 1, std::move(callback));
        EXPECT_TRUE(subscribed.has_value());
        ++done;
    }

    static Awaitable<void> publish(net::MqttClient& client, std::string topic, std::string payload) {
        // A test may end before the broker has answered; what does not arrive shows where it is awaited.
        static_cast<void>(co_await client.publish(std::move(topic), std::move(payload), 1, false));
    }

    std::filesystem::path folder_;
    std::optional<net::BrokerProcess> broker_;
    std::unique_ptr<net::MqttClient> core_;
    std::unique_ptr<net::MqttClient> device_;
    std::unique_ptr<net::MqttClient> probe_;
    std::unique_ptr<Channel> channel_;
    std::vector<net::MqttMessage> messages_;
};

class ChannelContract : public ::testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        if (is_mqtt() && !net::BrokerProcess::find_executable()) {
            GTEST_SKIP() << "mosquitto is not installed: apt-get install mosquitto";
        }
        rig_ =
            is_mqtt() ? std::unique_ptr<Rig>(std::make_unique<MqttRig>()) : std::make_unique<WebSocketRig>();
        rig_->listen();
    }
    [[nodiscard]] static bool is_mqtt() { return std::string_view(GetParam()) == "mqtt"; }
    Rig& rig() { return *rig_; }

    std::unique_ptr<Rig> rig_;
};

TEST_P(ChannelContract, CarriesAnOrderToTheDeviceAndItsAnswerBack) {
    rig().connect({"bess-1"});
    const Instruction order = order_for("bess-1");
    ASSERT_TRUE(rig().send(order).has_value());
    ASSERT_TRUE(rig().run_until([this] { return !rig().received.empty(); }));
    EXPECT_EQ(encode_order(rig().received.front()), encode_order(order));
    EXPECT_EQ(rig().received.front().der, "bess-1");

    rig().say("bess-1", "ack", encode_ack({order.id, "bess-1", AckResult::accepted, "", evening}));
    ASSERT_TRUE(rig().run_until([this] { return !rig().acks.empty(); }));
    EXPECT_EQ(rig().acks.front().instruction, order.id);
    EXPECT_EQ(rig().acks.front().der, "bess-1");
    EXPECT_TRUE(rig().channel().is_connected());
    EXPECT_EQ(rig().channel().name(), GetParam());
}

TEST_P(ChannelContract, ADeviceThatNobodyHearsIsUnavailable) {
    const Result<void> sent = rig().send(order_for("nobody"));
    ASSERT_FALSE(sent.has_value());
    EXPECT_EQ(sent.error().code, Errc::unavailable);
    EXPECT_THAT(sent.error().message, HasSubstr("nobody"));
}

TEST_P(ChannelContract, WithoutAControlPathASendIsUnavailable) {
    rig().connect({"bess-1"});
    rig().cut();
    ASSERT_TRUE(rig().run_until([this] { return !rig().channel().is_connected(); }));
    const Result<void> sent = rig().send(order_for("bess-1"));
    ASSERT_FALSE(sent.has_value());
    EXPECT_EQ(sent.error().code, Errc::unavailable);
}

TEST_P(ChannelContract, TellsMeasurementsAndPresence) {
    rig().connect({"bess-1"});
    ASSERT_TRUE(rig().run_until([this] { return !rig().presence.empty(); }));
    EXPECT_THAT(rig().presence, Contains(Pair("bess-1", true)));
    rig().say("bess-1", "meas", encode_measurement({"bess-1", Watts{-4'900}, 61, "", evening}));
    ASSERT_TRUE(rig().run_until([this] { return !rig().measurements.empty(); }));
    EXPECT_EQ(rig().measurements.front().power, Watts{-4'900});
    EXPECT_EQ(rig().measurements.front().soc_pct, 61);
    rig().disconnect();
    ASSERT_TRUE(rig().run_until([this] { return !rig().presence.back().second; }));
    EXPECT_THAT(rig().presence.back(), Pair("bess-1", false));
}

TEST_P(ChannelContract, BelievesNoDeviceThatSpeaksForAnother) {
    rig().connect({"bess-1"});
    const InstructionId id = order_for("bess-1").id;
    rig().say("bess-1", "ack",
              R"({"der":"bess-2","order_id":")" + id.value +
                  R"(","result":"accepted","ts":"2026-11-20T17:00:00Z","v":1})");
    rig().say("bess-1", "ack", R"({"order_id":")" + id.value + R"("})");
    rig().say("bess-1", "meas", R"({"p_w":"much"})");
    rig().say("bess-1", "ack", encode_ack({id, "bess-1", AckResult::refused, "fault", evening}));
    ASSERT_TRUE(rig().run_until([this] { return !rig().acks.empty(); }));
    ASSERT_THAT(rig().acks, SizeIs(1));
    EXPECT_EQ(rig().acks.front().reason, "fault");
    EXPECT_THAT(rig().measurements, IsEmpty());
}

TEST_P(ChannelContract, CallsNobodyAfterItsHandlersAreGone) {
    rig().connect({"bess-1"});
    rig().channel().set_handlers({});
    rig().say("bess-1", "meas", encode_measurement({"bess-1", Watts{1}, std::nullopt, "", evening}));
    ASSERT_TRUE(rig().send(order_for("bess-1")).has_value());
    ASSERT_TRUE(rig().run_until([this] { return !rig().received.empty(); }));
    EXPECT_THAT(rig().measurements, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Transports, ChannelContract, ::testing::Values("websocket", "mqtt"),
                         [](const auto& info) { return std::string(info.param); });

TEST(MqttChannel, OrdersCarryTheirProperties) {
    if (!net::BrokerProcess::find_executable()) {
        GTEST_SKIP() << "mosquitto is not installed: apt-get install mosquitto";
    }
    MqttRig rig;
    rig.connect({"bess-1"});
    const Instruction order = order_for("bess-1");
    ASSERT_TRUE(rig.send(order).has_value());
    ASSERT_TRUE(rig.run_until([&rig] { return !rig.messages().empty(); }));
    const net::MqttMessage& message = rig.messages().front();
    EXPECT_EQ(message.qos, 1);
    EXPECT_FALSE(message.retain);
    EXPECT_LE(message.properties.message_expiry_s.value_or(0), 300U);
    EXPECT_GE(message.properties.message_expiry_s.value_or(0), 290U);
    EXPECT_EQ(message.properties.response_topic, "headroom/v1/bess-1/up/ack");
    EXPECT_EQ(message.properties.correlation_data, order.id.value);
    EXPECT_EQ(message.properties.content_type, "application/json");

    Instruction dotted = order;
    dotted.der = "site.1";
    EXPECT_EQ(rig.send(dotted).error().code, Errc::invalid);
}

TEST(WebSocketChannel, AGatewaySpeaksOnlyForDevicesItSaidHelloFor) {
    WebSocketRig rig;
    rig.listen();
    rig.connect({"bess-1", "bess-2"});
    rig.say("bess-9", "ack",
            encode_ack({order_for("bess-9").id, "bess-9", AckResult::accepted, "", evening}));
    rig.say("bess-2", "ack",
            encode_ack({order_for("bess-2").id, "bess-2", AckResult::accepted, "", evening}));
    ASSERT_TRUE(rig.run_until([&rig] { return !rig.acks.empty(); }));
    ASSERT_THAT(rig.acks, SizeIs(1));
    EXPECT_EQ(rig.acks.front().der, "bess-2");
    EXPECT_EQ(rig.gateways().dropped(), 1U);

    rig.socket().post(encode_hello({"bess-2"}));  // bess-1 is given up
    ASSERT_TRUE(rig.run_until([&rig] { return rig.gateways().devices() == 1; }));
    EXPECT_THAT(rig.presence, Contains(Pair("bess-1", false)));
    EXPECT_FALSE(rig.send(order_for("bess-1")).has_value());
}

TEST(WebSocketChannel, ADeviceMovesToTheConnectionThatSaidHelloLast) {
    WebSocketRig first;
    first.listen();
    first.connect({"bess-1"});
    net::WebSocket* old = &first.socket();
    first.connect({"bess-1"});
    ASSERT_TRUE(first.run_until([&first, old] { return &first.socket() != old; }));
    ASSERT_TRUE(first.run_until([&first] { return first.presence.size() == 2; }));
    ASSERT_TRUE(first.send(order_for("bess-1")).has_value());
    ASSERT_TRUE(first.run_until([&first] { return !first.received.empty(); }));
}

TEST(WebSocketChannel, DoesNotSendWhatHasExpired) {
    WebSocketRig rig;
    rig.connect({"bess-1"});
    Instruction old = order_for("bess-1");
    old.expires = evening;
    EXPECT_EQ(rig.send(old).error().code, Errc::invalid);
}

TEST(WebSocketChannel, CutsOffAGatewayThatTalksNonsense) {
    WebSocketRig rig;
    rig.connect({"bess-1"});
    for (int i = 0; i < 100; ++i) {
        rig.socket().post("nonsense");
    }
    EXPECT_TRUE(rig.run_until([&rig] { return rig.gateways().devices() == 0; }));
    EXPECT_EQ(rig.gateways().dropped(), 100U);
}

}  // namespace
}  // namespace headroom::dispatch
