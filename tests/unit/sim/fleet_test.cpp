#include "sim/fleet.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace headroom::sim {
namespace {

using dispatch::Ack;
using dispatch::AckResult;
using dispatch::Instruction;
using dispatch::InstructionKind;

class FleetTest : public ::testing::Test {
  protected:
    FleetTest() {
        std::string name = (std::filesystem::temp_directory_path() / "headroom-fleet-XXXXXX").string();
        HEADROOM_ASSERT(::mkdtemp(name.data()) != nullptr);
        folder = name;
        options.feeders = 40;
        options.ders = 80;
        options.silent_ppm = 0;
        options.silent = {"BAT-0003"};
    }
    ~FleetTest() override {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }

    std::unique_ptr<store::Records> open() {
        Result<std::unique_ptr<store::Records>> records = store::open_sqlite_records(folder / "sim.db");
        HEADROOM_ASSERT(records.has_value());
        return std::move(*records);
    }
    Instruction order(const World& world, const std::string& der, std::int64_t watts,
                      std::string_view what = "1") {
        Instruction instruction;
        instruction.id = make_instruction_id(world.now(), der + std::string(what));
        instruction.event = {"ev-20270114-TEST"};
        instruction.der = der;
        instruction.fence = 3;
        instruction.kind = InstructionKind::setpoint;
        instruction.value = Watts{watts};
        instruction.start = world.now();
        instruction.expires = world.now() + minutes{10};
        return instruction;
    }
    static double kw_of(World& world, const std::string& der) {
        return world.device_state(*world.device_index(der)).power_kw;
    }

    std::filesystem::path folder;
    WorldOptions options;
};

TEST_F(FleetTest, ObeysAnOrderAndSaysSo) {
    World world(options);
    const auto records = open();
    Fleet fleet(world, *records);
    const Instruction sent = order(world, "BAT-0001", -2000);
    const std::optional<Ack> ack = fleet.receive("BAT-0001", dispatch::encode_order(sent), world.now());
    ASSERT_TRUE(ack.has_value());
    EXPECT_EQ(ack->result, AckResult::accepted);
    EXPECT_EQ(ack->instruction, sent.id);
    EXPECT_EQ(ack->der, "BAT-0001");
    static_cast<void>(world.step(world.now() + minutes{1}));
    EXPECT_EQ(kw_of(world, "BAT-0001"), -2.0);
    const dispatch::DeviceMeasurement measured = fleet.measurement(*world.device_index("BAT-0001"));
    EXPECT_EQ(measured.power, Watts{-2000});
    EXPECT_EQ(measured.active_order, sent.id.value);
    EXPECT_EQ(fleet.active(), (std::vector<std::size_t>{*world.device_index("BAT-0001")}));
}

TEST_F(FleetTest, AnswersARepeatAsDuplicateAndDoesNothingElse) {
    World world(options);
    const auto records = open();
    Fleet fleet(world, *records);
    const std::string payload = dispatch::encode_order(order(world, "BAT-0001", -2000));
    ASSERT_EQ(fleet.receive("BAT-0001", payload, world.now())->result, AckResult::accepted);
    EXPECT_EQ(fleet.receive("BAT-0001", payload, world.now())->result, AckResult::duplicate);
    EXPECT_EQ(world.device_state(*world.device_index("BAT-0001")).orders.size(), 1U);
}

TEST_F(FleetTest, RefusesALowerFenceAnExpiredOrderOneBeyondItsRangeAndAReusedId) {
    World world(options);
    const auto records = open();
    Fleet fleet(world, *records);
    Instruction first = order(world, "BAT-0001", -2000);
    ASSERT_EQ(fleet.receive(first, world.now())->result, AckResult::accepted);

    Instruction lower = order(world, "BAT-0001", -1000, "2");
    lower.fence = 2;
    EXPECT_EQ(fleet.receive(lower, world.now())->reason, "fence");
    Instruction late = order(world, "BAT-0001", -1000, "3");
    EXPECT_EQ(fleet.receive(late, world.now() + minutes{11})->reason, "expired");
    EXPECT_EQ(fleet.receive(order(world, "BAT-0001", -900'000, "4"), world.now())->reason, "range");
    first.value = Watts{-1};
    EXPECT_EQ(fleet.receive(first, world.now())->reason, "id_reuse");
    EXPECT_EQ(world.device_state(*world.device_index("BAT-0001")).orders.size(), 1U);
}

TEST_F(FleetTest, SilentDevicesDoNothingAndLetNobodyWait) {
    World world(options);
    World twin = world.twin();
    const auto records = open();
    Fleet fleet(world, *records);
    std::vector<std::string> unanswered;
    fleet.on_silent([&unanswered](const std::string& order_id) { unanswered.push_back(order_id); });
    const Instruction sent = order(world, "BAT-0003", -2000);
    EXPECT_FALSE(fleet.receive(sent, world.now()).has_value());
    EXPECT_FALSE(fleet.receive(sent, world.now()).has_value());
    EXPECT_EQ(unanswered, (std::vector<std::string>{sent.id.value, sent.id.value}));
    EXPECT_EQ(world.step(world.now() + minutes{5}), twin.step(twin.now() + minutes{5}));
}

TEST_F(FleetTest, AnswersNothingToBytesThatAreNoOrder) {
    World world(options);
    const auto records = open();
    Fleet fleet(world, *records);
    std::vector<std::string> unanswered;
    fleet.on_silent([&unanswered](const std::string& order_id) { unanswered.push_back(order_id); });
    EXPECT_FALSE(fleet.receive("BAT-0001", "garbage", world.now()).has_value());
    EXPECT_FALSE(fleet.receive("BAT-0001", R"({"order_id":"x1","v":9})", world.now()).has_value());
    EXPECT_FALSE(fleet.receive(order(world, "NOBODY", 0), world.now()).has_value());
    EXPECT_EQ(fleet.unreadable(), 2U);
    EXPECT_EQ(unanswered.size(), 2U) << "the readable id, and the unknown device's";
    EXPECT_EQ(unanswered.front(), "x1");
}

TEST_F(FleetTest, GoesOnAfterBeingKilledAsIfNothingHadHappened) {
    World uninterrupted(options);
    Instruction first = order(uninterrupted, "BAT-0001", -2000);
    static_cast<void>(uninterrupted.apply(
        "BAT-0001", {first.id.value, first.kind, first.value, first.start, first.expires}));
    const std::vector<SimReading> expected_before = uninterrupted.step(options.start + minutes{4});
    Instruction second = order(uninterrupted, "HP-0001", 0, "2");
    second.kind = InstructionKind::limit_import;
    static_cast<void>(uninterrupted.apply(
        "HP-0001", {second.id.value, second.kind, second.value, second.start, second.expires}));
    const std::vector<SimReading> expected_after = uninterrupted.step(options.start + minutes{40});
    {
        World world(options);
        const auto records = open();
        Fleet fleet(world, *records);
        ASSERT_EQ(fleet.receive(first, world.now())->result, AckResult::accepted);
        EXPECT_EQ(world.step(options.start + minutes{4}), expected_before);
        ASSERT_TRUE(fleet.keep_world().has_value());
        ASSERT_EQ(fleet.receive(second, world.now())->result, AckResult::accepted);
    }  // killed: the world was not kept again after the second order
    World world(options);
    const auto records = open();
    Fleet fleet(world, *records);
    const Result<bool> loaded = fleet.load();
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    EXPECT_TRUE(*loaded);
    EXPECT_EQ(world.now(), options.start + minutes{4});
    EXPECT_EQ(fleet.receive(second, world.now())->result, AckResult::duplicate);
    EXPECT_EQ(world.step(options.start + minutes{40}), expected_after);
}

TEST_F(FleetTest, BeginsNewWhenNothingWasKept) {
    World world(options);
    const auto records = open();
    Fleet fleet(world, *records);
    const Result<bool> loaded = fleet.load();
    ASSERT_TRUE(loaded.has_value());
    EXPECT_FALSE(*loaded);
}

TEST_F(FleetTest, RefusesTheMemoryOfAnotherWorld) {
    {
        World world(options);
        const auto records = open();
        Fleet fleet(world, *records);
        ASSERT_TRUE(fleet.keep_world().has_value());
    }
    WorldOptions other = options;
    other.seed = 8;
    World world(other);
    const auto records = open();
    Fleet fleet(world, *records);
    EXPECT_EQ(fleet.load().error().code, Errc::invalid);
}

TEST_F(FleetTest, SaysWhatItsDevicesCanDo) {
    World world(options);
    const auto records = open();
    const Fleet fleet(world, *records);
    ASSERT_EQ(fleet.ders().size(), 80U);
    for (std::size_t d = 0; d < fleet.ders().size(); ++d) {
        const dispatch::DeviceBirth birth = fleet.birth(d);
        EXPECT_EQ(birth.der, fleet.ders()[d]);
        EXPECT_LT(birth.power_min, birth.power_max);
        const Result<dispatch::DeviceBirth> read =
            dispatch::decode_birth(dispatch::encode_birth(birth), birth.der);
        ASSERT_TRUE(read.has_value()) << read.error().message;
        EXPECT_EQ(*read, birth);
    }
}

}  // namespace
}  // namespace headroom::sim
