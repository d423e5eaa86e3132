#include "sim/world.hpp"

#include "unit/sim/small_world.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace headroom::sim {
namespace {

using dispatch::InstructionKind;
using test::small_world;

/// The first device for which `wanted` holds.
template <class Wanted>
std::size_t find_device(const World& world, Wanted wanted) {
    for (std::size_t d = 0; d < world.plan().devices().size(); ++d) {
        if (wanted(world.device(d))) {
            return d;
        }
    }
    ADD_FAILURE() << "no such device in this world";
    return 0;
}

double device_kw(const World& world, const std::vector<SimReading>& readings, std::size_t device) {
    return readings[world.plan().feeders().size() * 3 + device].kw;
}

/// Lives one minute and answers what the device's meter said.
double minute_kw(World& world, std::size_t device) {
    return device_kw(world, world.step(world.now() + minutes{1}), device);
}

DeviceOrder device_order(const World& world, std::string id, InstructionKind kind, std::int64_t watts,
                         minutes length) {
    return {.id = std::move(id),
            .kind = kind,
            .value = Watts{watts},
            .start = world.now(),
            .until = world.now() + length};
}

void apply(World& world, std::size_t device, DeviceOrder what) {
    const Result<void> applied = world.apply(world.device(device).id, std::move(what));
    ASSERT_TRUE(applied.has_value()) << applied.error().message;
}

bool is_home_battery(const DeviceSpec& spec) {
    return spec.der_class == grid::DerClass::battery && spec.phase != grid::Phase::sum;
}

TEST(WorldBattery, FollowsItsSetpointAndFallsBackWhenItRunsOut) {
    World world(small_world());
    const std::size_t battery = find_device(world, is_home_battery);
    EXPECT_EQ(minute_kw(world, battery), 0.0);
    apply(world, battery, device_order(world, "o1", InstructionKind::setpoint, -2500, minutes{10}));
    for (int minute = 0; minute < 10; ++minute) {
        EXPECT_EQ(minute_kw(world, battery), -2.5) << minute;
    }
    EXPECT_EQ(minute_kw(world, battery), 0.0);
    // 2.5 kW for ten minutes.
    EXPECT_NEAR(world.device_state(battery).owed_kwh, 2.5 / 6.0, 1e-12);
}

TEST(WorldBattery, ReleaseEndsTheOrderAtOnceAndForGood) {
    World world(small_world());
    const std::size_t battery = find_device(world, is_home_battery);
    apply(world, battery, device_order(world, "o1", InstructionKind::setpoint, -2000, minutes{240}));
    EXPECT_EQ(minute_kw(world, battery), -2.0);
    apply(world, battery, device_order(world, "r1", InstructionKind::release, 0, minutes{1}));
    for (int minute = 0; minute < 120; ++minute) {
        EXPECT_EQ(minute_kw(world, battery), 0.0) << minute;
    }
}

TEST(WorldBattery, NeverGoesBelowItsReserveAndIsFullAgainNextEvening) {
    World world(small_world());
    const std::size_t battery = find_device(world, is_home_battery);
    const DeviceSpec& spec = world.device(battery);
    apply(world, battery,
          device_order(world, "o1", InstructionKind::setpoint, -to_watts(Kilowatts{spec.rated_kw}).value,
                       minutes{300}));
    double given_kwh = 0.0;
    for (int minute = 0; minute < 300; ++minute) {
        given_kwh -= minute_kw(world, battery) / 60.0;
    }
    // From the 80 % that the morning left down to the reserve of 10 %.
    EXPECT_NEAR(given_kwh, 0.70 * spec.energy_kwh, 1e-6);
    EXPECT_EQ(world.charge_pct(battery), 10);

    double extra_import_kwh = 0.0;
    while (world.now() < world.options().start + hours{24}) {
        const double natural = world.natural_device_kw(battery, world.now());
        extra_import_kwh += (minute_kw(world, battery) - natural) / 60.0;
    }
    EXPECT_EQ(world.device_state(battery).owed_kwh, 0.0);
    EXPECT_EQ(world.charge_pct(battery), 80);
    // What charging took more, and late discharging gave less, fills the store again: nothing is made or
    // lost.
    const double missing_late_kwh = 0.35 * spec.energy_kwh;
    EXPECT_NEAR((extra_import_kwh - missing_late_kwh) * charge_efficiency + missing_late_kwh, given_kwh,
                1e-6);
}

TEST(WorldVehicle, ChargesLaterWhatWasHeldBack) {
    World world(small_world());
    const std::size_t vehicle = find_device(world, [&](const DeviceSpec& spec) {
        return spec.der_class == grid::DerClass::ev_charger && spec.phase != grid::Phase::sum &&
               spec.arrival_minute < 1080 && spec.unusual_arrival_minute < 0 &&
               session_of(spec, world.plan().random(), world.plan().moment(to_minute(world.now())).local_day)
                   .happens;
    });
    while (world.natural_device_kw(vehicle, world.now()) < 7.4) {
        static_cast<void>(world.step(world.now() + minutes{1}));
    }
    apply(world, vehicle, device_order(world, "o1", InstructionKind::limit_import, 1400, minutes{60}));
    double held_back_kwh = 0.0;
    for (int minute = 0; minute < 60; ++minute) {
        const double natural = world.natural_device_kw(vehicle, world.now());
        const double kw = minute_kw(world, vehicle);
        EXPECT_LE(kw, 1.4);
        held_back_kwh += (natural - kw) / 60.0;
    }
    EXPECT_NEAR(world.device_state(vehicle).owed_kwh, held_back_kwh, 1e-9);
    EXPECT_GT(held_back_kwh, 3.0);
    double made_up_kwh = 0.0;
    while (world.plan().moment(to_minute(world.now())).local_minute != departure_minute - 1) {
        const double natural = world.natural_device_kw(vehicle, world.now());
        const double kw = minute_kw(world, vehicle);
        EXPECT_LE(kw, world.device(vehicle).rated_kw);
        made_up_kwh += (kw - natural) / 60.0;
    }
    EXPECT_NEAR(made_up_kwh, held_back_kwh, 1e-6);
    EXPECT_EQ(world.device_state(vehicle).owed_kwh, 0.0);
    EXPECT_EQ(world.device_state(vehicle).unmet_kwh, 0.0);
}

TEST(WorldVehicle, CannotBeToldToChargeWhenItIsNotThere) {
    World world(small_world());
    const std::size_t vehicle = find_device(world, [](const DeviceSpec& spec) {
        return spec.der_class == grid::DerClass::ev_charger && spec.arrival_minute > 1000;
    });
    apply(world, vehicle, device_order(world, "o1", InstructionKind::setpoint, 7000, minutes{15}));
    EXPECT_EQ(minute_kw(world, vehicle), 0.0);
}

TEST(WorldGenerator, RampsUpAndDown) {
    World world(small_world());
    const std::size_t generator = find_device(
        world, [](const DeviceSpec& spec) { return spec.der_class == grid::DerClass::generator; });
    const double rated = world.device(generator).rated_kw;
    const double ramp = world.device(generator).ramp_kw_per_minute;
    apply(
        world, generator,
        device_order(world, "o1", InstructionKind::setpoint, -to_watts(Kilowatts{rated}).value, minutes{3}));
    EXPECT_DOUBLE_EQ(minute_kw(world, generator), -ramp);
    EXPECT_DOUBLE_EQ(minute_kw(world, generator), -rated);
    EXPECT_DOUBLE_EQ(minute_kw(world, generator), -rated);
    EXPECT_DOUBLE_EQ(minute_kw(world, generator), ramp - rated);
    EXPECT_DOUBLE_EQ(minute_kw(world, generator), 0.0);
}

TEST(WorldHeatPump, IsHeldBackThenGivesTheHeatLater) {
    World world(small_world());
    const std::size_t pump = find_device(
        world, [](const DeviceSpec& spec) { return spec.der_class == grid::DerClass::heat_pump; });
    apply(world, pump, device_order(world, "o1", InstructionKind::limit_import, 500, minutes{30}));
    for (int minute = 0; minute < 30; ++minute) {
        EXPECT_EQ(minute_kw(world, pump), 0.5);
    }
    const double natural = world.natural_device_kw(pump, world.now());
    EXPECT_GT(minute_kw(world, pump), natural);
    static_cast<void>(world.step(world.now() + hours{12}));
    EXPECT_EQ(world.device_state(pump).owed_kwh, 0.0);
    const double then = world.natural_device_kw(pump, world.now());
    EXPECT_EQ(minute_kw(world, pump), then);
}

TEST(WorldHeatPump, LooksAfterItsRoomsWhenTheyGetCold) {
    World world(small_world());
    const std::size_t pump = find_device(
        world, [](const DeviceSpec& spec) { return spec.der_class == grid::DerClass::heat_pump; });
    apply(world, pump, device_order(world, "o1", InstructionKind::limit_import, 0, minutes{360}));
    static_cast<void>(world.step(world.now() + minutes{350}));
    EXPECT_LE(world.device_state(pump).owed_kwh, world.device(pump).energy_kwh);
    EXPECT_GT(minute_kw(world, pump), 0.0);
}

TEST(WorldApply, RefusesWhatCannotBe) {
    World world(small_world());
    const DeviceOrder good = device_order(world, "o1", InstructionKind::setpoint, 0, minutes{5});
    EXPECT_EQ(world.apply("BAT-9999", good).error().code, Errc::not_found);
    DeviceOrder bad = good;
    bad.until = bad.start;
    EXPECT_EQ(world.apply("BAT-0001", bad).error().code, Errc::invalid);
    EXPECT_TRUE(world.apply("BAT-0001", good).has_value());
    EXPECT_TRUE(world.apply("BAT-0001", good).has_value()) << "the same id again changes nothing";
    EXPECT_EQ(world.device_state(*world.device_index("BAT-0001")).orders.size(), 1U);
}

TEST(WorldState, GoesOnBitForBitAfterARestore) {
    WorldOptions options = small_world();
    options.step = minutes{5};
    World uninterrupted(options);
    const std::size_t battery = find_device(uninterrupted, is_home_battery);
    const std::size_t pump = find_device(
        uninterrupted, [](const DeviceSpec& spec) { return spec.der_class == grid::DerClass::heat_pump; });
    static_cast<void>(uninterrupted.step(uninterrupted.now() + minutes{37}));
    apply(uninterrupted, battery,
          device_order(uninterrupted, "o1", InstructionKind::setpoint, -1234, minutes{50}));
    apply(uninterrupted, pump,
          device_order(uninterrupted, "o2", InstructionKind::limit_import, 333, minutes{50}));
    static_cast<void>(uninterrupted.step(uninterrupted.now() + minutes{16}));

    // Through text, as a file would hold it.
    const Result<json::Value> kept = json::parse(json::write(uninterrupted.state()));
    ASSERT_TRUE(kept.has_value());
    World restored(options);
    const Result<void> done = restored.restore(*kept);
    ASSERT_TRUE(done.has_value()) << done.error().message;
    EXPECT_EQ(restored.now(), uninterrupted.now());
    EXPECT_EQ(restored.step(restored.now() + hours{14}), uninterrupted.step(uninterrupted.now() + hours{14}));
    EXPECT_EQ(json::write(restored.state()), json::write(uninterrupted.state()));
}

TEST(WorldState, RefusesAnotherWorldsState) {
    World world(small_world());
    WorldOptions other = small_world();
    other.seed = 8;
    const World another(other);
    EXPECT_EQ(world.restore(another.state()).error().pointer, "/seed");
    EXPECT_FALSE(world.restore(json::Object{{"v", 1}}).has_value());
    json::Value damaged = world.state();
    damaged.as_object()->set("devices", json::Array{json::Object{{"id", "nobody"}}});
    EXPECT_FALSE(world.restore(damaged).has_value());
    EXPECT_EQ(world.now(), world.options().start);
}

}  // namespace
}  // namespace headroom::sim
