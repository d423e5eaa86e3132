#include "sim/story.hpp"
#include "sim/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace headroom::sim {
namespace {

/// 48 low-voltage feeders below 6 high-voltage ones; one of these and a phase below it are stressed.
WorldOptions small_hv_world() {
    WorldOptions options;
    options.feeders = 48;
    options.ders = 90;
    options.hv_feeders = 6;
    options.history_days = 2;
    options.silent_ppm = 0;
    options.stresses = {{"HV-01", grid::Phase::sum, 1.10}, {"F-0001", grid::Phase::l3, 1.08}};
    options.evening_peak = {.begin = 1045, .full = 1055, .fades = 1070, .gone = 1075, .share = 0.3};
    return options;
}

TEST(HvFeeders, StandBetweenPrimariesAndSecondaries) {
    const World world(small_hv_world());
    const grid::Network& network = world.network();
    EXPECT_EQ(network.feeders().size(), 54U);
    std::set<std::string> seen;
    for (const char* id : {"HV-01", "HV-02", "HV-03", "HV-04", "HV-05", "HV-06"}) {
        const grid::Feeder* hv = network.feeder(id);
        ASSERT_NE(hv, nullptr);
        EXPECT_EQ(hv->level, grid::VoltageLevel::hv);
        EXPECT_EQ(network.substation(hv->parent)->kind, "primary");
        const auto limits = network.limits_of(id);
        ASSERT_EQ(limits.size(), 1U);
        EXPECT_EQ(limits.front()->phase, grid::Phase::sum);
        for (const grid::Feeder* below : network.feeders_below(id)) {
            EXPECT_EQ(below->level, grid::VoltageLevel::lv);
            EXPECT_TRUE(seen.insert(below->id.value).second) << below->id.value << " is supplied twice";
        }
    }
    EXPECT_EQ(seen.size(), 48U);
}

TEST(HvFeeders, CarryWhatIsBelowThemAndLosses) {
    World world(small_hv_world());
    const WorldPlan& plan = world.plan();
    const std::vector<SimReading> readings = world.step(world.options().start + minutes{3});
    const std::size_t points = world.points().size();
    ASSERT_EQ(readings.size(), 3 * points);
    for (std::size_t h = 0; h < plan.hv_feeders().size(); ++h) {
        const HvFeederModel& hv = plan.hv_feeders()[h];
        double below_kw = 0.0;
        for (const std::size_t feeder : hv.feeders) {
            for (std::size_t p = 0; p < 3; ++p) {
                below_kw += readings[feeder * 3 + p].kw;
            }
        }
        const SimReading& reading = readings[points - plan.hv_feeders().size() + h];
        EXPECT_EQ(reading.point_id, hv.id);
        EXPECT_EQ(reading.phase, grid::Phase::sum);
        const double loss_kw =
            0.6 * static_cast<double>(hv.secondaries) + 0.02 * below_kw * below_kw / hv.limit_kw;
        EXPECT_NEAR(reading.kw, below_kw + loss_kw, 1e-6);
        EXPECT_LT(loss_kw, 0.04 * below_kw);
    }
}

TEST(HvFeeders, ThePastIsTheSameSum) {
    const World world(small_hv_world());
    const std::vector<store::SeriesBlock> past = world.history();
    ASSERT_EQ(past.size(), world.points().size());
    const HvFeederModel& hv = world.plan().hv_feeders().back();
    double below_kw = 0.0;
    for (const std::size_t feeder : hv.feeders) {
        for (std::size_t p = 0; p < 3; ++p) {
            below_kw += static_cast<double>(past[feeder * 3 + p].values.back());
        }
    }
    EXPECT_NEAR(static_cast<double>(past.back().values.back()), hv.load_kw(below_kw), 1e-3);
}

TEST(HvFeeders, OnlyTheToldLimitsAreExceeded) {
    World world(small_hv_world());
    std::map<std::string, double> loading;
    for (const SimReading& reading : world.step(world.options().start + hours{7})) {
        if (reading.kind != SimReading::Kind::feeder) {
            continue;
        }
        const std::string id(reading.point_id);
        for (const grid::Limit* limit : world.network().limits_of(id)) {
            if (limit->phase == reading.phase) {
                double& worst = loading[id + "/" + std::string(grid::to_string(reading.phase))];
                worst = std::max(worst, reading.kw / limit->value);
            }
        }
    }
    for (const auto& [point, worst] : loading) {
        const double told = point == "HV-01/sum" ? 1.10 : point == "F-0001/L3" ? 1.08 : 0.0;
        if (told > 0.0) {
            EXPECT_NEAR(worst, told, 0.04) << point;
        } else {
            EXPECT_LT(worst, 0.97) << point;
        }
    }
}

TEST(HvFeeders, OffersOfAllFeedersBelowRelieveThem) {
    const World world(small_hv_world());
    const UtcTime from = world.options().start + hours{2};
    std::set<std::string> feeders;
    for (const std::string& provider : provider_ids()) {
        for (const flex::Offer& offer : world.offers(provider, "HV-01", from, from + minutes{30})) {
            EXPECT_TRUE(world.network().is_supplied_by(offer.feeder, "HV-01"));
            EXPECT_EQ(world.network().der(offer.der)->feeder.value, offer.feeder);
            feeders.insert(offer.feeder);
        }
    }
    EXPECT_GT(feeders.size(), 2U);
}

TEST(HvFeeders, ATwinWithoutOrdersShowsReliefAtBothLevels) {
    World world(small_hv_world());
    World twin = world.twin();
    const UtcTime start = world.options().start;
    const auto battery = std::find_if(
        world.plan().devices().begin(), world.plan().devices().end(), [&](const DeviceSpec& spec) {
            return spec.der_class == grid::DerClass::battery &&
                   world.network().is_supplied_by(world.plan().feeders()[spec.feeder].id, "HV-01");
        });
    ASSERT_NE(battery, world.plan().devices().end());
    const Watts all = -to_watts(Kilowatts{battery->rated_kw});
    ASSERT_TRUE(world.apply(battery->id, {.id = "o1",
                                          .kind = dispatch::InstructionKind::setpoint,
                                          .value = all,
                                          .start = start,
                                          .until = start + minutes{30}}));
    const std::vector<SimReading> with = world.step(start + minutes{2});
    const std::vector<SimReading> without = twin.step(start + minutes{2});
    const std::size_t hv = with.size() - world.plan().hv_feeders().size();
    EXPECT_EQ(with[hv].point_id, "HV-01");
    EXPECT_NEAR(without[hv].kw - with[hv].kw, battery->rated_kw, 0.06 * battery->rated_kw);
    EXPECT_GE(without[hv].kw - with[hv].kw, battery->rated_kw);  // losses fall too
}

TEST(HvFeeders, StateOfAnotherStoryIsRefused) {
    WorldOptions options = small_hv_world();
    options.story = "cold_thursday";
    const World told(options);
    World other(small_hv_world());
    const Result<void> restored = other.restore(told.state());
    ASSERT_FALSE(restored.has_value());
    EXPECT_NE(restored.error().message.find("cold_thursday"), std::string::npos);
}

TEST(HvFeeders, OptionsThatCannotBeAreNamed) {
    const auto fault = [](auto change) {
        WorldOptions options = small_hv_world();
        change(options);
        const Result<void> checked = check(options);
        return checked ? std::string() : checked.error().message;
    };
    EXPECT_NE(fault([](auto& o) { o.hv_feeders = 7; }).find("hv_feeders is 7"), std::string::npos);
    EXPECT_NE(fault([](auto& o) {
                  o.stresses->push_back({"HV-07", grid::Phase::sum, 1.1});
              }).find("HV-07"),
              std::string::npos);
    EXPECT_NE(fault([](auto& o) {
                  o.stresses->push_back({"F-0049", grid::Phase::l1, 1.1});
              }).find("F-0049"),
              std::string::npos);
    EXPECT_NE(fault([](auto& o) {
                  o.stresses->push_back({"F-0002", grid::Phase::sum, 1.1});
              }).find("L1"),
              std::string::npos);
    EXPECT_NE(fault([](auto& o) {
                  o.stresses->push_back({"HV-02", grid::Phase::l1, 1.1});
              }).find("sum"),
              std::string::npos);
    EXPECT_NE(fault([](auto& o) {
                  o.stresses->push_back({"HV-01", grid::Phase::sum, 1.1});
              }).find("twice"),
              std::string::npos);
    EXPECT_NE(fault([](auto& o) { o.evening_peak.full = 1052; }).find("five minutes"), std::string::npos);
}

TEST(EveningPeak, RunsInStraightLines) {
    const EveningPeak peak{.begin = 100, .full = 110, .fades = 120, .gone = 140, .share = 1.0};
    EXPECT_EQ(peak.at(100), 0.0);
    EXPECT_EQ(peak.at(105), 0.5);
    EXPECT_EQ(peak.at(110), 1.0);
    EXPECT_EQ(peak.at(120), 1.0);
    EXPECT_EQ(peak.at(130), 0.5);
    EXPECT_EQ(peak.at(140), 0.0);
    EXPECT_EQ(EveningPeak{}.at(0), 0.0);
}

TEST(DeviceSpec, FallsSilentAtItsMoment) {
    WorldOptions options = small_hv_world();
    options.silent_from = {{"BAT-0001", options.start + hours{1}}};
    const World world(options);
    const DeviceSpec& spec = world.device(*world.device_index("BAT-0001"));
    EXPECT_FALSE(spec.is_silent_at(options.start));
    EXPECT_TRUE(spec.is_silent_at(options.start + hours{1}));
    EXPECT_FALSE(world.device(*world.device_index("BAT-0002")).is_silent_at(options.start + hours{9}));
}

}  // namespace
}  // namespace headroom::sim
