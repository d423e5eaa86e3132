#include "sim/fleet_mqtt.hpp"

#include "dispatch/channels/mqtt.hpp"
#include "net/broker_process.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

namespace headroom::sim {
namespace {

/// A private broker, the control room's channel and the fleet's gateway, on one io_context.
class FleetBroker : public ::testing::Test {
  protected:
    FleetBroker() {
        std::string name = (std::filesystem::temp_directory_path() / "headroom-broker-XXXXXX").string();
        HEADROOM_ASSERT(::mkdtemp(name.data()) != nullptr);
        folder = name;
    }
    ~FleetBroker() override {
        gateway.reset();
        channel.reset();
        devices.reset();
        core.reset();
        io.restart();
        io.run_for(std::chrono::milliseconds{50});
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }
    void SetUp() override {
        if (!net::BrokerProcess::find_executable()) {
            GTEST_SKIP() << "no mosquitto is installed: apt-get install mosquitto";
        }
        Result<net::BrokerProcess> started = net::BrokerProcess::start(folder / "broker");
        ASSERT_TRUE(started.has_value()) << started.error().message;
        broker.emplace(std::move(*started));
        records = std::move(store::open_sqlite_records(folder / "sim.db")).value();
        fleet = std::make_unique<Fleet>(world, *records);
        core = client("core");
        devices = client("devices");
        channel = dispatch::make_mqtt_channel(io.get_executor(), *core, "headroom/v1", clock, *wall);
        dispatch::Channel::Handlers handlers;
        handlers.on_ack = [this](dispatch::Ack ack) { acks.push_back(std::move(ack)); };
        handlers.on_measurement = [this](dispatch::DeviceMeasurement each) {
            measurements.push_back(std::move(each));
        };
        handlers.on_presence = [this](std::string der, bool is_online) {
            if (is_online) {
                online.insert(std::move(der));
            } else {
                online.erase(der);
            }
        };
        channel->set_handlers(std::move(handlers));
        gateway = std::make_unique<FleetMqtt>(io.get_executor(), *devices, *fleet, clock);
        ASSERT_TRUE(core->start().has_value());
        ASSERT_TRUE(devices->start().has_value());
        ASSERT_TRUE(run_until([&] { return core->connected() && devices->connected(); }));
        ASSERT_TRUE(wait(gateway->start()).has_value());
    }
    static WorldOptions small_world() {
        WorldOptions options;
        options.feeders = 20;
        options.ders = 30;
        options.silent_ppm = 0;
        return options;
    }
    std::unique_ptr<net::MqttClient> client(const std::string& id) {
        net::MqttSettings settings;
        settings.port = broker->port();
        settings.client_id = id;
        return std::make_unique<net::MqttClient>(io.get_executor(), settings);
    }
    template <class Done>
    bool run_until(Done done) {
        const SteadyTime until = steady_now() + seconds{10};
        while (!done() && steady_now() < until) {
            io.restart();
            io.run_one_for(std::chrono::milliseconds{20});
        }
        return done();
    }
    static Awaitable<void> into(Awaitable<Result<void>> work, std::optional<Result<void>>& result) {
        result = co_await std::move(work);
    }
    Result<void> wait(Awaitable<Result<void>> work) {
        std::optional<Result<void>> result;
        spawn(io.get_executor(), into(std::move(work), result));
        EXPECT_TRUE(run_until([&] { return result.has_value(); }));
        return result.value_or(Error{Errc::timeout, "never done"});
    }

    std::filesystem::path folder;
    std::optional<net::BrokerProcess> broker;
    asio::io_context io;
    World world{small_world()};
    VirtualClock clock{world.now()};
    std::unique_ptr<WallClock> wall = make_system_wall_clock();
    std::unique_ptr<store::Records> records;
    std::unique_ptr<Fleet> fleet;
    std::unique_ptr<net::MqttClient> core;
    std::unique_ptr<net::MqttClient> devices;
    std::unique_ptr<dispatch::Channel> channel;
    std::unique_ptr<FleetMqtt> gateway;
    std::vector<dispatch::Ack> acks;
    std::vector<dispatch::DeviceMeasurement> measurements;
    std::set<std::string> online;
};

TEST_F(FleetBroker, AnswersOrdersAndMeasures) {
    dispatch::Instruction order;
    order.id = make_instruction_id(world.now(), "mqtt");
    order.event = {"ev-20270114-TEST"};
    order.der = "BAT-0001";
    order.value = Watts{-1500};
    order.start = world.now();
    order.expires = world.now() + minutes{10};
    ASSERT_TRUE(wait(channel->send(order)).has_value());
    ASSERT_TRUE(run_until([&] { return acks.size() == 1; }));
    EXPECT_EQ(acks[0].der, "BAT-0001");
    EXPECT_EQ(acks[0].instruction, order.id);
    EXPECT_EQ(acks[0].result, dispatch::AckResult::accepted);

    static_cast<void>(world.step(world.now() + minutes{1}));
    gateway->publish_measurements();
    ASSERT_TRUE(run_until([&] { return !measurements.empty(); }));
    EXPECT_EQ(measurements[0].der, "BAT-0001");
    EXPECT_EQ(measurements[0].power, Watts{-1500});
}

TEST_F(FleetBroker, SaysWhichDevicesAreThere) {
    ASSERT_TRUE(wait(gateway->announce()).has_value());
    EXPECT_TRUE(run_until([&] { return online.size() == 30; }));
    ASSERT_TRUE(wait(gateway->leave()).has_value());
    EXPECT_TRUE(run_until([&] { return online.empty(); }));
}

}  // namespace
}  // namespace headroom::sim
