#include "sim/fleet_websocket.hpp"

#include "dispatch/channels/websocket.hpp"
#include "net/http_server.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace headroom::sim {
namespace {

/// A control room's device door and a fleet that dials in, on one io_context and a clock moved by hand.
class FleetGateway : public ::testing::Test {
  protected:
    FleetGateway() {
        std::string name = (std::filesystem::temp_directory_path() / "headroom-gateway-XXXXXX").string();
        HEADROOM_ASSERT(::mkdtemp(name.data()) != nullptr);
        folder = name;
        records = std::move(store::open_sqlite_records(folder / "sim.db")).value();
        fleet = std::make_unique<Fleet>(world, *records);
        channel = dispatch::make_websocket_channel(io.get_executor(), clock);
        dispatch::Channel::Handlers handlers;
        handlers.on_ack = [this](dispatch::Ack ack) { acks.push_back(std::move(ack)); };
        handlers.on_measurement = [this](dispatch::DeviceMeasurement measurement) {
            measurements.push_back(std::move(measurement));
        };
        channel->set_handlers(std::move(handlers));
    }
    ~FleetGateway() override {
        gateway.reset();
        server.reset();
        io.restart();
        io.run_for(std::chrono::milliseconds{50});
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }
    static WorldOptions small_world() {
        WorldOptions options;
        options.feeders = 40;
        options.ders = 80;
        options.silent_ppm = 0;
        options.silent = {"BAT-0003"};
        return options;
    }
    void listen() {
        server = std::make_unique<net::HttpServer>(io);
        dispatch::serve_gateways(*server, "/devices/v1", *channel);
        const Result<void> bound = server->listen("127.0.0.1", port);
        ASSERT_TRUE(bound.has_value()) << bound.error().message;
        port = server->port();
    }
    void dial() {
        gateway = std::make_unique<FleetWebSocket>(io.get_executor(), *fleet, clock,
                                                   "ws://127.0.0.1:" + std::to_string(port) + "/devices/v1");
        gateway->start();
    }
    /// Runs handlers until `done`, ten seconds at most.
    template <class Done>
    bool run_until(Done done) {
        const SteadyTime until = steady_now() + seconds{10};
        while (!done() && steady_now() < until) {
            io.restart();
            io.run_one_for(std::chrono::milliseconds{20});
        }
        return done();
    }
    Result<void> send(dispatch::Instruction instruction) {
        std::optional<Result<void>> sent;
        spawn(io.get_executor(), send_into(*channel, std::move(instruction), sent));
        EXPECT_TRUE(run_until([&] { return sent.has_value(); }));
        return sent.value_or(Error{Errc::timeout, "never sent"});
    }
    static Awaitable<void> send_into(dispatch::Channel& channel, dispatch::Instruction instruction,
                                     std::optional<Result<void>>& sent) {
        sent = co_await channel.send(instruction);
    }
    dispatch::Instruction order(const std::string& der, std::int64_t watts) const {
        dispatch::Instruction instruction;
        instruction.id = make_instruction_id(world.now(), der);
        instruction.event = {"ev-20270114-TEST"};
        instruction.der = der;
        instruction.value = Watts{watts};
        instruction.start = world.now();
        instruction.expires = world.now() + minutes{10};
        return instruction;
    }

    std::filesystem::path folder;
    asio::io_context io;
    World world{small_world()};
    VirtualClock clock{world.now()};
    std::unique_ptr<store::Records> records;
    std::unique_ptr<Fleet> fleet;
    std::unique_ptr<dispatch::GatewayChannel> channel;
    std::unique_ptr<net::HttpServer> server;
    std::unique_ptr<FleetWebSocket> gateway;
    std::vector<dispatch::Ack> acks;
    std::vector<dispatch::DeviceMeasurement> measurements;
    std::uint16_t port = 0;
};

TEST_F(FleetGateway, AnswersOrdersForEveryDeviceItSaidHelloFor) {
    listen();
    dial();
    ASSERT_TRUE(run_until([&] { return channel->devices() == 80; }));
    const dispatch::Instruction sent = order("BAT-0001", -1500);
    ASSERT_TRUE(send(sent).has_value());
    ASSERT_TRUE(run_until([&] { return acks.size() == 1; }));
    EXPECT_EQ(acks[0].instruction, sent.id);
    EXPECT_EQ(acks[0].der, "BAT-0001");
    EXPECT_EQ(acks[0].result, dispatch::AckResult::accepted);
    EXPECT_EQ(acks[0].ts, clock.now());

    static_cast<void>(world.step(world.now() + minutes{1}));
    gateway->publish_measurements();
    ASSERT_TRUE(run_until([&] { return !measurements.empty(); }));
    EXPECT_EQ(measurements[0].power, Watts{-1500});
    EXPECT_EQ(measurements[0].active_order, sent.id.value);
}

TEST_F(FleetGateway, SaysAtOnceThatASilentDeviceWillNotAnswer) {
    std::vector<std::string> unanswered;
    fleet->on_silent([&](const std::string& order_id) { unanswered.push_back(order_id); });
    listen();
    dial();
    ASSERT_TRUE(run_until([&] { return channel->devices() == 80; }));
    const dispatch::Instruction sent = order("BAT-0003", -1500);
    ASSERT_TRUE(send(sent).has_value());
    ASSERT_TRUE(run_until([&] { return !unanswered.empty(); }));
    EXPECT_EQ(unanswered[0], sent.id.value);
    EXPECT_TRUE(acks.empty());
}

TEST_F(FleetGateway, DialsAgainWhenTheConnectionIsCut) {
    listen();
    dial();
    ASSERT_TRUE(run_until([&] { return channel->devices() == 80; }));
    server.reset();
    ASSERT_TRUE(run_until([&] { return channel->devices() == 0 && !gateway->is_connected(); }));
    listen();  // where it was before
    ASSERT_TRUE(run_until([&] { return channel->devices() == 80; }));
    EXPECT_TRUE(gateway->is_connected());
    gateway->stop();
    ASSERT_TRUE(run_until([&] { return channel->devices() == 0; }));
    EXPECT_FALSE(gateway->is_connected());
}

}  // namespace
}  // namespace headroom::sim
