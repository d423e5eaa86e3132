#include "monitor/monitor.hpp"

#include "unit/monitor/noon.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace headroom::monitor {
namespace {

using telemetry::PointRef;
using telemetry::Reading;

struct FeederLimit {
    std::string id;
    double kw;
};
grid::Network network_with(const std::vector<FeederLimit>& feeders) {
    grid::Network network;
    EXPECT_TRUE(network.add(grid::Substation{.id = {"S-1"}, .name = "S-1"}));
    for (const FeederLimit& feeder : feeders) {
        EXPECT_TRUE(network.add(grid::Feeder{.id = {feeder.id}, .parent = "S-1", .name = feeder.id}));
        EXPECT_TRUE(network.add(
            grid::Limit{.asset = feeder.id, .value = feeder.kw, .source = "test", .verified_by = "t"}));
    }
    return network;
}

/// The network the monitor began with is gone by the time it is fed again.
class ChangedNetwork : public testing::Test {
  protected:
    ChangedNetwork() {
        begin = std::make_unique<grid::Network>(network_with({{"F-1", 100.0}, {"F-2", 100.0}}));
        registry.intern_source("test");
        monitor = std::make_unique<Monitor>(*begin, registry, MonitorOptions{});
    }
    void change(const std::vector<FeederLimit>& feeders) {
        auto next = std::make_unique<grid::Network>(network_with(feeders));
        monitor->apply(*next);
        begin = std::move(next);
    }
    IngestCount take(const std::string& feeder, int minute, double kw) {
        const UtcTime at = noon + minutes{minute};
        const Reading reading{.value = kw,
                              .interval_start = at,
                              .interval_end = at,
                              .point = registry.find(feeder, grid::Quantity::p_kw, grid::Phase::sum)};
        return monitor->ingest(std::span(&reading, 1), at);
    }
    std::unique_ptr<grid::Network> begin;
    telemetry::PointRegistry registry;
    std::unique_ptr<Monitor> monitor;
};

TEST_F(ChangedNetwork, AFeederThatAppearsIsWatchedFromThenOn) {
    change({{"F-0", 50.0}, {"F-1", 100.0}, {"F-2", 100.0}, {"F-3", 70.0}});
    take("F-3", 0, 80.0);
    take("F-3", 1, 81.0);
    const std::vector<RaisedOverload> raised = monitor->take_overloads();
    ASSERT_EQ(raised.size(), 1U);
    EXPECT_EQ(raised[0].overload.feeder, "F-3");
    EXPECT_EQ(raised[0].overload.limit.value, 70.0);
}

TEST_F(ChangedNetwork, ARatingThatChangesAppliesToTheNextReadingAndKeepsTheOpenEvent) {
    take("F-1", 0, 110.0);
    take("F-1", 1, 111.0);
    const std::vector<RaisedOverload> raised = monitor->take_overloads();
    ASSERT_EQ(raised.size(), 1U);
    change({{"F-1", 105.0}, {"F-2", 40.0}});
    take("F-1", 2, 112.0);
    take("F-1", 3, 113.0);
    EXPECT_TRUE(monitor->take_overloads().empty()) << "still the same event";
    take("F-2", 2, 50.0);
    take("F-2", 3, 51.0);
    EXPECT_EQ(monitor->take_overloads().size(), 1U);
    for (int minute = 58; minute < 64; ++minute) {
        take("F-1", minute, 60.0 + minute);
    }
    change({{"F-1", 200.0}, {"F-2", 40.0}});
    for (int minute = 64; minute < 68; ++minute) {
        take("F-1", minute, 60.0 + minute);
    }
    monitor->tick(noon + minutes{68});
    EXPECT_EQ(monitor->take_cleared(), std::vector{raised[0].overload.event});
}

TEST_F(ChangedNetwork, AFeederThatDisappearsTakesNoReadingsAndItsEventEndsOnce) {
    take("F-1", 0, 110.0);
    take("F-1", 1, 111.0);
    const EventId event = monitor->take_overloads().at(0).overload.event;
    change({{"F-2", 100.0}});
    const IngestCount count = take("F-1", 2, 112.0);
    EXPECT_EQ(count.accepted, 0U);
    EXPECT_EQ(count.quarantined[static_cast<std::size_t>(telemetry::Quarantine::unknown_point)], 1U);
    monitor->tick(noon + minutes{30});
    EXPECT_TRUE(monitor->take_cleared().empty()) << "its window is not over";
    monitor->tick(noon + hours{2});
    EXPECT_EQ(monitor->take_cleared(), std::vector{event});
    monitor->tick(noon + hours{4});
    EXPECT_TRUE(monitor->take_cleared().empty());
}

TEST_F(ChangedNetwork, AFeederThatDisappearsUnheardTakesNoReadingsEither) {
    change({{"F-1", 100.0}});
    EXPECT_EQ(take("F-2", 0, 60.0).accepted, 0U);
    const Reading phase{.value = 20.0,
                        .interval_start = noon,
                        .interval_end = noon,
                        .point = registry.find("F-2", grid::Quantity::p_kw, grid::Phase::l1)};
    EXPECT_EQ(monitor->ingest(std::span(&phase, 1), noon).accepted, 0U)
        << "without a limit, so never looked at";
}

TEST_F(ChangedNetwork, AFeederThatComesBackIsStillInItsEvent) {
    take("F-1", 0, 110.0);
    take("F-1", 1, 111.0);
    EXPECT_EQ(monitor->take_overloads().size(), 1U);
    change({{"F-2", 100.0}});
    change({{"F-2", 100.0}, {"F-1", 100.0}});
    take("F-1", 3, 112.0);
    take("F-1", 4, 113.0);
    EXPECT_TRUE(monitor->take_overloads().empty());
    EXPECT_EQ(take("F-1", 5, 90.0).accepted, 1U);
}

}  // namespace
}  // namespace headroom::monitor
