#include "agents/grid_monitoring.hpp"

#include "unit/agents/instants.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <thread>

#include <unistd.h>

namespace headroom::agents {
namespace {

using test::january_noon;

/// Monitoring of one feeder, for what it tells others.
class GridMonitoringHooksTest : public ::testing::Test {
  protected:
    GridMonitoringHooksTest() {
        EXPECT_TRUE(network_.add(grid::Substation{.id = {"S-1"}, .name = "S-1"}));
        EXPECT_TRUE(network_.add(grid::Feeder{.id = {"F-1"}, .parent = "S-1", .name = "F-1"}));
        Result<std::unique_ptr<store::Series>> store = store::open_sqlite_series(path_);
        EXPECT_TRUE(store.has_value());
        series_ = std::make_unique<SeriesStore>(std::move(*store));
        monitor_ = std::make_unique<monitor::Monitor>(network_, registry_, monitor::MonitorOptions{});
        monitoring_ = std::make_unique<GridMonitoring>(GridMonitoring::Parts{
            context_.get_executor(), clock_, *bus_, *series_, network_, registry_, *monitor_});
    }
    ~GridMonitoringHooksTest() override {
        monitoring_.reset();
        series_.reset();
        for (const char* end : {"", "-wal", "-shm"}) {
            std::filesystem::remove(path_.string() + end);
        }
    }

    std::filesystem::path path_ =
        std::filesystem::temp_directory_path() / ("headroom-hooks-" + std::to_string(::getpid()) + ".db");
    asio::io_context context_{1};
    VirtualClock clock_{january_noon};
    std::unique_ptr<bus::Bus> bus_ = bus::make_in_process_bus(context_.get_executor());
    telemetry::PointRegistry registry_;
    const std::uint16_t source_ = registry_.intern_source("north");
    grid::Network network_;
    std::unique_ptr<SeriesStore> series_;
    std::unique_ptr<monitor::Monitor> monitor_;
    std::unique_ptr<GridMonitoring> monitoring_;
};

TEST_F(GridMonitoringHooksTest, WhatASourceRefusedIsCountedAndTold) {
    std::map<std::uint16_t, std::uint64_t> told;
    monitoring_->on_refused([&told](std::uint16_t from, const telemetry::DecodeReport& report) {
        told[from] += report.quarantined_total();
    });
    telemetry::DecodeReport report;
    report.quarantine({.line = 1, .reason = telemetry::Quarantine::unknown_point, .detail = "F-9"});
    report.quarantine({.line = 2, .reason = telemetry::Quarantine::bad_quality, .detail = "IV"});
    std::thread([&] { monitoring_->count_refused(source_, report); }).join();
    EXPECT_EQ(told.at(source_), 2U);
    const monitor::IngestCount totals = monitoring_->totals();
    EXPECT_EQ(totals.quarantined[static_cast<std::size_t>(telemetry::Quarantine::unknown_point)], 1U);
    EXPECT_EQ(totals.quarantined[static_cast<std::size_t>(telemetry::Quarantine::bad_quality)], 1U);
}

TEST_F(GridMonitoringHooksTest, DoubtsAreToldOnTheExecutorsThread) {
    std::vector<trust::Verdict> told;
    std::thread::id teller;
    monitoring_->on_verdicts([&](std::span<const trust::Verdict> verdicts) {
        told.insert(told.end(), verdicts.begin(), verdicts.end());
        teller = std::this_thread::get_id();
    });
    std::thread([this] {
        const telemetry::PointRef point = registry_.find("F-1", grid::Quantity::p_kw, grid::Phase::sum);
        std::vector<telemetry::Reading> readings;
        for (int i = 0; i < 10; ++i) {
            const UtcTime at = january_noon - minutes{10 - i};
            readings.push_back(
                {.value = 42.0, .interval_start = at, .interval_end = at, .point = point, .source = source_});
        }
        monitoring_->ingest(readings, steady_now());
    }).join();
    EXPECT_TRUE(told.empty());
    context_.run();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].doubt, trust::Doubt::stuck);
    EXPECT_EQ(teller, std::this_thread::get_id());
}

}  // namespace
}  // namespace headroom::agents
