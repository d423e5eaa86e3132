#include "agents/grid_monitoring.hpp"

#include "unit/agents/instants.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

namespace headroom::agents {
namespace {

using test::january_noon;

constexpr std::size_t feeder_count = 8;

/// Nothing is kept: half-hours are only counted.
class CountedSeries final : public store::Series {
  public:
    explicit CountedSeries(std::atomic<std::size_t>& blocks) : blocks_(blocks) {}
    Result<void> write(const std::vector<store::SeriesBlock>& blocks) override {
        blocks_ += blocks.size();
        return {};
    }
    Result<store::SeriesBlock> read(std::string_view key, UtcTime from, UtcTime) override {
        return store::SeriesBlock{std::string(key), from, period_length, {}};
    }
    Result<store::SeriesSummary> summarise(std::string_view, UtcTime, UtcTime, milliseconds) override {
        return store::SeriesSummary{};
    }
    Result<std::vector<std::string>> keys() override { return std::vector<std::string>{}; }
    Result<void> drop_before(UtcTime) override { return {}; }
    Result<void> record(const std::vector<store::Measurement>&) override { return {}; }
    Result<std::vector<store::Measurement>> recorded(std::string_view, UtcTime, UtcTime,
                                                     std::size_t) override {
        return std::vector<store::Measurement>{};
    }
    Result<bool> upkeep(UtcTime, const store::SeriesRetention&) override { return false; }
    Result<void> flush() override { return {}; }

  private:
    std::atomic<std::size_t>& blocks_;
};

grid::Network network_of_feeders() {
    grid::Network network;
    EXPECT_TRUE(network.add(grid::Substation{.id = {"S-1"}, .name = "S-1"}));
    for (std::size_t i = 0; i < feeder_count; ++i) {
        const std::string id = "F-" + std::to_string(i);
        EXPECT_TRUE(network.add(grid::Feeder{.id = {id}, .parent = "S-1", .name = id}));
        EXPECT_TRUE(network.add(
            grid::Limit{.asset = id, .value = 100.0, .source = "grid file", .verified_by = "test"}));
    }
    return network;
}

class GridMonitoringTest : public ::testing::Test {
  protected:
    /// Minutes of one feeder that grows past its limit in the second half.
    std::vector<telemetry::Reading> minutes_of(std::size_t feeder, int count) {
        std::vector<telemetry::Reading> readings;
        const telemetry::PointRef point =
            registry.find("F-" + std::to_string(feeder), grid::Quantity::p_kw, grid::Phase::sum);
        for (int i = 0; i < count; ++i) {
            const UtcTime at = january_noon + minutes{i};
            readings.push_back({.value = 60.0 + 66.0 * i / count,
                                .interval_start = at,
                                .interval_end = at,
                                .point = point,
                                .source = source});
        }
        return readings;
    }
    std::int64_t raised() const {
        return json::Value(monitoring.status().metrics).integer("/overloads_raised");
    }

    asio::io_context context{1};
    VirtualClock clock{january_noon + hours{1}};
    std::unique_ptr<bus::Bus> bus = bus::make_in_process_bus(context.get_executor());
    std::atomic<std::size_t> blocks{0};
    SeriesStore series{std::make_unique<CountedSeries>(blocks)};
    telemetry::PointRegistry registry;
    const std::uint16_t source = registry.intern_source("test");
    grid::Network network = network_of_feeders();
    monitor::Monitor monitor{network, registry, {.late_after = hours{24}}};
    GridMonitoring monitoring{{context.get_executor(), clock, *bus, series, network, registry, monitor}};
};

TEST_F(GridMonitoringTest, OnTheExecutorsThreadFindingsAreHandedOnAtOnce) {
    const auto count = monitoring.ingest(minutes_of(0, 60), steady_now());
    EXPECT_EQ(count.accepted, 60U);
    EXPECT_EQ(raised(), 1);
}

TEST_F(GridMonitoringTest, AnotherThreadsFindingsAreHandedOnByTheExecutor) {
    std::thread([this] { monitoring.ingest(minutes_of(0, 60), steady_now()); }).join();
    EXPECT_EQ(monitoring.totals().accepted, 60U);
    EXPECT_EQ(raised(), 0) << "only the executor's thread hands on";
    context.run();
    EXPECT_EQ(raised(), 1);
}

TEST_F(GridMonitoringTest, ABatchThatFindsNothingCostsTheExecutorNothing) {
    std::thread([this] { monitoring.ingest(minutes_of(0, 2), steady_now()); }).join();
    EXPECT_EQ(context.poll(), 0U);
}

TEST_F(GridMonitoringTest, CountsOfManyThreadsAddUp) {
    std::atomic<std::size_t> used{0};
    monitoring.on_used(
        [&used](auto, std::span<const std::uint32_t> positions, const auto&) { used += positions.size(); });
    std::vector<std::thread> sources;
    for (std::size_t feeder = 0; feeder < feeder_count; ++feeder) {
        sources.emplace_back([this, feeder] {
            const std::vector<telemetry::Reading> readings = minutes_of(feeder, 60);
            for (std::size_t at = 0; at < readings.size(); at += 10) {
                const auto part = std::span(readings).subspan(at, 10);
                monitoring.ingest(part, steady_now());
                monitoring.ingest(part, steady_now());  // everything is sent twice
            }
            monitoring.count_quarantined(telemetry::Quarantine::malformed, 3);
        });
    }
    for (std::thread& source : sources) {
        source.join();
    }
    context.run();
    const monitor::IngestCount totals = monitoring.totals();
    EXPECT_EQ(totals.accepted + totals.duplicates, feeder_count * 120);
    EXPECT_GE(totals.accepted, feeder_count * 60);
    EXPECT_EQ(totals.quarantined[static_cast<std::size_t>(telemetry::Quarantine::malformed)],
              feeder_count * 3);
    EXPECT_EQ(raised(), static_cast<std::int64_t>(feeder_count)) << "once for each feeder";
    EXPECT_GT(used.load(), 0U);
    EXPECT_LE(used.load(), totals.accepted);
}

}  // namespace
}  // namespace headroom::agents
