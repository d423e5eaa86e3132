#include "monitor/monitor.hpp"

#include "unit/monitor/noon.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

namespace headroom::monitor {
namespace {

using telemetry::PointRef;
using telemetry::Reading;
using trust::IncidentKind;

grid::Network one_feeder() {
    grid::Network network;
    EXPECT_TRUE(network.add(grid::Feeder{.id = {"F-1"}, .name = "F-1"}));
    EXPECT_TRUE(network.add(
        grid::Limit{.asset = "F-1", .value = 100.0, .source = "grid file", .verified_by = "test"}));
    return network;
}

class DistrustTest : public testing::Test {
  protected:
    DistrustTest() : network(one_feeder()), monitor(network, registry, {}) {}

    IngestCount take(UtcTime at, double kw) {
        const Reading reading{.value = kw,
                              .interval_start = at,
                              .interval_end = at,
                              .point = point,
                              .source = registry.intern_source("test")};
        return monitor.ingest(std::span(&reading, 1), at);
    }
    void take_for(UtcTime from, int count, double kw) {
        for (int i = 0; i < count; ++i) {
            take(from + minutes{i}, kw + 0.01 * (i % 5));
        }
    }
    /// Of the half-hour from noon; NaN when it is not among them.
    static double first_value(const std::vector<store::SeriesBlock>& blocks, const std::string& key) {
        const auto found = std::find_if(blocks.begin(), blocks.end(), [&](const store::SeriesBlock& block) {
            return block.key == key && block.start == noon;
        });
        return found == blocks.end() ? std::nan("") : static_cast<double>(found->values.front());
    }
    /// A week and more of half-hours at 60 kW, so that there is a forecast.
    void warm() {
        store::SeriesBlock history{
            .key = "F-1/p_kw/sum", .start = noon - hours{24 * 9}, .step = period_length};
        history.values.assign(9 * 48, 60.0F);
        monitor.warm(point, history);
        monitor.train(noon);
        monitor.tick(noon);
    }

    telemetry::PointRegistry registry;
    grid::Network network;
    Monitor monitor;
    const PointRef point = registry.find("F-1", grid::Quantity::p_kw, grid::Phase::sum);
};

TEST_F(DistrustTest, ADistrustedReadingRaisesNothing) {
    warm();
    take_for(noon, 5, 60.0);
    monitor.distrust(point, noon + minutes{5}, IncidentKind::tampering);
    take_for(noon + minutes{5}, 20, 150.0);
    EXPECT_TRUE(monitor.take_overloads().empty());

    monitor.believe(point);
    take_for(noon + minutes{25}, 5, 150.0);
    EXPECT_EQ(monitor.take_overloads().size(), 1U) << "the same load, believed";
}

TEST_F(DistrustTest, ADistrustedReadingEndsNothing) {
    take_for(noon, 5, 150.0);
    const std::vector<RaisedOverload> raised = monitor.take_overloads();
    ASSERT_EQ(raised.size(), 1U);
    monitor.adopt_open(raised.front().overload.event, network.limits().front(), noon, noon + minutes{30});
    monitor.distrust(point, noon + minutes{5}, IncidentKind::masking);
    take_for(noon + minutes{5}, 55, 10.0);
    monitor.tick(noon + minutes{60});
    EXPECT_TRUE(monitor.take_cleared().empty()) << "low readings of a meter that is not believed";

    monitor.believe(point);
    take_for(noon + minutes{60}, 10, 10.0);
    monitor.tick(noon + minutes{70});
    EXPECT_EQ(monitor.take_cleared().size(), 1U);
}

TEST_F(DistrustTest, TheForecastStandsForItAndTheReadingIsKept) {
    warm();
    take_for(noon, 5, 60.0);
    monitor.distrust(point, noon + minutes{5}, IncidentKind::tampering);
    const IngestCount count = take(noon + minutes{6}, 20.0);
    EXPECT_EQ(count.accepted, 1U) << "counted like any other";
    PointView view = monitor.view(point);
    EXPECT_EQ(view.distrusted, IncidentKind::tampering);
    EXPECT_EQ(view.raw_kw, 20.0);
    EXPECT_NEAR(view.load_kw, 60.0, 6.0);
    EXPECT_EQ(view.quality, telemetry::Quality::substituted);

    take_for(noon + minutes{7}, 60, 20.0);
    EXPECT_NEAR(monitor.period_mean_kw(point, noon), 60.0, 6.0);
    monitor.tick(noon + minutes{67});
    const std::vector<store::SeriesBlock> blocks = monitor.take_rollups();
    EXPECT_NEAR(first_value(blocks, "F-1/p_kw/sum/raw"), 27.0, 1.0)
        << "half an hour, five minutes of it at 60 kW and the rest at 20";
    EXPECT_NEAR(first_value(blocks, "F-1/p_kw/sum"), 60.0, 6.0);

    monitor.believe(point);
    take(noon + minutes{67}, 21.0);
    view = monitor.view(point);
    EXPECT_EQ(view.load_kw, 21.0);
    EXPECT_FALSE(view.distrusted);
}

TEST_F(DistrustTest, TheFirstReadingThatIsBelievedIsNoSpike) {
    take_for(noon, 30, 20.0);
    monitor.distrust(point, noon + minutes{30}, IncidentKind::commissioning);
    monitor.believe(point);
    take(noon + minutes{31}, 90.0);
    EXPECT_EQ(monitor.view(point).load_kw, 90.0);
    take_for(noon + minutes{32}, 30, 90.0);
    take(noon + minutes{63}, 20.0);
    EXPECT_NEAR(monitor.view(point).load_kw, 90.0, 0.1) << "later ones may be";
}

TEST_F(DistrustTest, WhatCameSinceIsReplacedToo) {
    warm();
    take_for(noon, 60, 20.0);
    static_cast<void>(monitor.take_rollups());
    monitor.distrust(point, noon, IncidentKind::masking);
    EXPECT_NEAR(monitor.period_mean_kw(point, noon), 60.0, 1.0);
    EXPECT_NEAR(first_value(monitor.take_rollups(), "F-1/p_kw/sum/raw"), 20.0, 0.1);
}

TEST_F(DistrustTest, TheFlagOutlivesARestart) {
    take_for(noon, 5, 60.0);
    monitor.distrust(point, noon, IncidentKind::tampering);
    const std::filesystem::path file =
        std::filesystem::path(testing::TempDir()) / "headroom_distrust_test.snapshot";
    ASSERT_TRUE(monitor.save(file, {}));
    telemetry::PointRegistry other_registry;
    Monitor other(network, other_registry, {});
    const Result<SnapshotInfo> restored = other.restore(file);
    ASSERT_TRUE(restored) << restored.error().message;
    const PointRef same = other_registry.find("F-1", grid::Quantity::p_kw, grid::Phase::sum);
    EXPECT_TRUE(other.view(same).distrusted);
    std::filesystem::remove(file);
}

TEST_F(DistrustTest, AnUnknownPointIsIgnored) {
    monitor.distrust(telemetry::no_point, noon, IncidentKind::tampering);
    monitor.believe(telemetry::no_point);
    EXPECT_FALSE(monitor.view(point).distrusted);
}

}  // namespace
}  // namespace headroom::monitor
