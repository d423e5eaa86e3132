#include "sim/world.hpp"

#include "unit/sim/small_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace headroom::sim {
namespace {

using test::small_world;

double limit_kw(const World& world, const SimReading& reading) {
    return world.plan().feeders()[reading.point / 3].phases[reading.point % 3].limit_kw;
}

/// Loads by feeder phase over a window, had nobody been told anything.
std::map<std::uint32_t, std::vector<double>> evening_loading(const WorldOptions& options) {
    World world(options);
    std::map<std::uint32_t, std::vector<double>> loading;
    for (const SimReading& reading : world.step(options.start + hours{6})) {
        if (reading.kind == SimReading::Kind::feeder) {
            loading[reading.point].push_back(reading.kw / limit_kw(world, reading));
        }
    }
    return loading;
}

TEST(World, HoldsTheNetworkThatWasAskedFor) {
    const World world;
    const grid::Network& network = world.network();
    EXPECT_EQ(network.feeders().size(), 300U);
    EXPECT_EQ(network.ders().size(), 400U);
    EXPECT_EQ(network.limits().size(), 900U);
    const auto primaries = std::count_if(network.substations().begin(), network.substations().end(),
                                         [](const auto& each) { return each.kind == "primary"; });
    EXPECT_EQ(primaries, 3);
    std::map<grid::DerClass, int> classes;
    for (const grid::Der& der : network.ders()) {
        classes[der.der_class] += 1;
        EXPECT_TRUE(dispatch::is_device_id(der.id.value)) << der.id.value;
    }
    EXPECT_GE(classes[grid::DerClass::battery], 110);
    EXPECT_GE(classes[grid::DerClass::ev_charger], 120);
    EXPECT_GE(classes[grid::DerClass::heat_pump], 90);
    EXPECT_GE(classes[grid::DerClass::hvac], 40);
    EXPECT_GE(classes[grid::DerClass::generator], 1);
    EXPECT_EQ(world.providers().size(), 4U);
}

TEST(World, SaysOfEveryLimitThatItIsSimulated) {
    const World world(small_world());
    for (const grid::Limit& limit : world.network().limits()) {
        EXPECT_EQ(limit.verified_by, "simulated grid (seed 7)");
        EXPECT_NE(limit.phase, grid::Phase::sum);
    }
}

TEST(World, ConservesEnergyEveryMinute) {
    World world(small_world());
    ASSERT_TRUE(world
                    .apply("BAT-0001", {.id = "a",
                                        .kind = dispatch::InstructionKind::setpoint,
                                        .value = Watts{-2000},
                                        .start = world.now(),
                                        .until = world.now() + minutes{15}})
                    .has_value());
    for (int minute = 0; minute < 180; ++minute) {
        const Moment moment = world.plan().moment(to_minute(world.now()));
        const std::vector<SimReading> readings = world.step(world.now() + minutes{1});
        for (const SimReading& reading : readings) {
            if (reading.kind != SimReading::Kind::feeder) {
                continue;
            }
            const PhaseModel& phase = world.plan().feeders()[reading.point / 3].phases[reading.point % 3];
            double parts = world.plan().customers_kw(phase, moment);
            for (const auto& [device, share] : phase.devices) {
                parts += readings[world.plan().feeders().size() * 3 + device].kw * share;
            }
            ASSERT_NEAR(reading.kw, parts, 1e-9) << reading.point_id << " minute " << minute;
        }
    }
}

TEST(World, IsTheSameForTheSameSeed) {
    World one(small_world());
    World two(small_world());
    EXPECT_EQ(one.step(one.now() + hours{3}), two.step(two.now() + hours{3}));
    const std::vector<store::SeriesBlock> first = one.history();
    const std::vector<store::SeriesBlock> second = two.history();
    ASSERT_EQ(first.size(), second.size());
    for (std::size_t i = 0; i < first.size(); ++i) {
        EXPECT_EQ(first[i].key, second[i].key);
        EXPECT_EQ(first[i].values, second[i].values);
    }
}

TEST(World, IsAnotherForAnotherSeed) {
    WorldOptions other = small_world();
    other.seed = 8;
    World one(small_world());
    World two(other);
    const std::vector<SimReading> first = one.step(one.now() + minutes{1});
    const std::vector<SimReading> second = two.step(two.now() + minutes{1});
    ASSERT_EQ(first.size(), second.size());
    std::size_t different = 0;
    for (std::size_t i = 0; i < first.size(); ++i) {
        different += first[i].kw != second[i].kw ? 1 : 0;
    }
    EXPECT_GT(different, 120U);
}

TEST(World, DoesNotDependOnHowItIsStepped) {
    World once(small_world());
    World often(small_world());
    const std::vector<SimReading> all = once.step(once.now() + minutes{45});
    std::vector<SimReading> pieces;
    while (often.now() < once.now()) {
        for (const SimReading& reading : often.step(often.now() + minutes{5})) {
            pieces.push_back(reading);
        }
    }
    EXPECT_EQ(all, pieces);
}

TEST(World, AveragesOverLongerMeteringIntervals) {
    WorldOptions half_hourly = small_world();
    half_hourly.step = minutes{30};
    World coarse(half_hourly);
    World fine(small_world());
    const std::vector<SimReading> mean = coarse.step(coarse.now() + minutes{30});
    const std::vector<SimReading> minutely = fine.step(fine.now() + minutes{30});
    ASSERT_EQ(mean.size() * 30, minutely.size());
    for (const SimReading& reading : mean) {
        double sum = 0.0;
        for (std::size_t k = 0; k < 30; ++k) {
            sum += minutely[k * mean.size() + reading.point].kw;
        }
        EXPECT_NEAR(reading.kw, sum / 30.0, 1e-9);
        EXPECT_EQ(reading.end - reading.start, minutes{30});
    }
}

TEST(World, GivesHalfAnIntervalNoReading) {
    WorldOptions options = small_world();
    options.step = minutes{5};
    World world(options);
    EXPECT_TRUE(world.step(world.now() + minutes{4}).empty());
    EXPECT_EQ(world.step(world.now() + minutes{1}).size(), world.points().size());
}

TEST(World, TwinIsTheSameUntilTheFirstOrderAndDiffersOnlyWhereItActs) {
    World world(small_world());
    World without = world.twin();
    EXPECT_EQ(world.step(world.now() + minutes{90}), without.step(without.now() + minutes{90}));

    const std::size_t battery = *world.device_index("BAT-0001");
    ASSERT_NE(world.device(battery).phase, grid::Phase::sum);
    ASSERT_TRUE(world
                    .apply("BAT-0001", {.id = "first",
                                        .kind = dispatch::InstructionKind::setpoint,
                                        .value = Watts{-1000},
                                        .start = world.now(),
                                        .until = world.now() + minutes{15}})
                    .has_value());
    const std::vector<SimReading> with = world.step(world.now() + minutes{10});
    const std::vector<SimReading> twin = without.step(without.now() + minutes{10});
    std::set<std::string> differing;
    for (std::size_t i = 0; i < with.size(); ++i) {
        if (with[i].kw != twin[i].kw) {
            differing.insert(world.points()[with[i].point].text());
        }
    }
    const std::string feeder = world.plan().feeders()[world.device(battery).feeder].id;
    const std::string phase(grid::to_string(world.device(battery).phase));
    EXPECT_EQ(differing, (std::set<std::string>{"BAT-0001/p_kw/sum", feeder + "/p_kw/" + phase}));
}

TEST(WorldHistory, IsTheLiveWorldAveragedOverHalfHours) {
    const World world(small_world());
    const std::vector<store::SeriesBlock> history = world.history();
    ASSERT_EQ(history.size(), world.points().size());
    const std::size_t feeder_points = world.plan().feeders().size() * 3;
    for (const std::size_t point : {std::size_t{0}, std::size_t{31}, feeder_points, feeder_points + 30,
                                    feeder_points + 70, history.size() - 1}) {
        const store::SeriesBlock& block = history[point];
        EXPECT_EQ(block.key, world.points()[point].text());
        EXPECT_EQ(block.step, period_length);
        ASSERT_EQ(block.values.size(), 16U * 48U);
        EXPECT_EQ(block.start + block.step * static_cast<std::int64_t>(block.values.size()),
                  world.options().start);
        for (std::size_t period = block.values.size() - 96; period < block.values.size(); period += 5) {
            const UtcTime from = block.start + block.step * static_cast<std::int64_t>(period);
            double mean = 0.0;
            for (int minute = 0; minute < 30; ++minute) {
                const UtcTime at = from + minutes{minute};
                mean += (point < feeder_points ? world.natural_feeder_kw(point / 3, point % 3, at)
                                               : world.natural_device_kw(point - feeder_points, at)) /
                        30.0;
            }
            EXPECT_NEAR(block.values[period], mean, 1e-3 + 2e-3 * std::abs(mean))
                << block.key << " " << period;
        }
    }
}

TEST(WorldHistory, GetsColderTowardsTheEvening) {
    const World world(small_world());
    const Minute coldest = to_minute(world.options().start) + 150;
    EXPECT_NEAR(world.plan().moment(coldest).outdoor_c, -2.0, 1e-9);
    EXPECT_GT(world.plan().moment(coldest - 1440).outdoor_c, -1.0);
    EXPECT_GT(world.plan().moment(coldest - 7 * 1440).outdoor_c, 3.0);
}

TEST(DefaultWorld, OverloadsAFewPhasesForAnHourOrSo) {
    for (const std::uint64_t seed : {7U, 1U, 42U}) {
        WorldOptions options;
        options.seed = seed;
        std::size_t overloaded = 0;
        for (const auto& [point, loading] : evening_loading(options)) {
            const auto minutes_over =
                std::count_if(loading.begin(), loading.end(), [](double each) { return each > 1.0; });
            const double peak = *std::max_element(loading.begin(), loading.end());
            if (minutes_over == 0) {
                EXPECT_LT(peak, 0.92) << "neither overloaded nor at ease, point " << point;
                continue;
            }
            overloaded += 1;
            EXPECT_GE(peak, 1.03) << point;
            EXPECT_LE(peak, 1.25) << point;
            EXPECT_GE(minutes_over, 15) << point;
            EXPECT_LE(minutes_over, 200) << point;
        }
        EXPECT_GE(overloaded, 8U) << "seed " << seed;
        EXPECT_LE(overloaded, 16U) << "seed " << seed;
    }
}

TEST(DefaultWorld, ForetellsMostOverloadsAndSurprisesWithSome) {
    const World world;
    const std::vector<store::SeriesBlock> history = world.history();
    std::size_t foretold = 0;
    std::size_t surprises = 0;
    for (const Stress& stress : world.plan().stresses()) {
        const auto& values = history[stress.feeder * 3 + stress.phase].values;
        const float yesterday = *std::max_element(values.end() - 48, values.end());
        const double limit = world.plan().feeders()[stress.feeder].phases[stress.phase].limit_kw;
        if (stress.kind == Stress::Kind::expected) {
            foretold += yesterday > 0.9 * limit ? 1 : 0;
        } else {
            surprises += 1;
            EXPECT_LT(yesterday, 0.93 * limit) << world.plan().feeders()[stress.feeder].id;
        }
    }
    EXPECT_GE(foretold, 9U);
    EXPECT_EQ(surprises, 3U);
}

TEST(WorldOptionsCheck, NamesTheOptionAtFault) {
    WorldOptions options;
    options.feeders = 0;
    EXPECT_NE(check(options).error().message.find("feeders"), std::string::npos);
    options = {};
    options.step = minutes{7};
    EXPECT_NE(check(options).error().message.find("step"), std::string::npos);
    options = {};
    options.silent_ppm = -1;
    EXPECT_NE(check(options).error().message.find("silent_ppm"), std::string::npos);
    options = {};
    options.start += minutes{1};
    EXPECT_NE(check(options).error().message.find("start"), std::string::npos);
    EXPECT_TRUE(check(WorldOptions{}).has_value());
}

TEST(World, CanBeAsSmallAsOneFeederWithoutDevices) {
    WorldOptions options;
    options.feeders = 1;
    options.ders = 0;
    World world(options);
    EXPECT_EQ(world.step(world.now() + minutes{1}).size(), 3U);
}

}  // namespace
}  // namespace headroom::sim
