#include "agents/sources/iec104_source.hpp"
#include "unit/agents/instants.hpp"
#include "unit/net/iec104_station.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

namespace headroom::agents {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;
using net::iec104::SFrame;
using test::noon;

/// Object 10 of common address 1: a float of 100.0, without and with the tag 2026-11-20 17:30:01.
const std::string measured = "\x0d\x01\x03\x00\x01\x00\x0a\x00\x00\x00\x00\xc8\x42\x00"s;
const std::string tagged =
    "\x24\x01\x03\x00\x01\x00\x0a\x00\x00\x00\x00\xc8\x42\x00\xe8\x03\x1e\x11\xb4\x0b\x1a"s;
const std::string unmapped = "\x0d\x01\x03\x00\x01\x00\x0b\x00\x00\x00\x00\xc8\x42\x00"s;

class Iec104SourceTest : public ::testing::Test {
  protected:
    Iec104SourceTest() {
        const telemetry::PointRef point = registry_.intern({"F-1", grid::Quantity::p_kw, grid::Phase::sum});
        Iec104Station station{.id = "north", .link = {}, .mapping = Iec104Mapping({{1, 10, point}})};
        station.link.port = station_.port();
        station.link.reconnect_first = 1ms;
        station.link.rules.w = 2;
        std::vector<Iec104Station> stations;
        stations.push_back(std::move(station));
        source_ = std::make_unique<Iec104Source>(
            Iec104Source::Parts{registry_, [] { return noon; },
                                [this](std::span<const telemetry::Reading> readings) {
                                    const std::lock_guard lock(mutex_);
                                    readings_.insert(readings_.end(), readings.begin(), readings.end());
                                    changed_.notify_all();
                                },
                                [this](std::uint16_t, const telemetry::DecodeReport& report) {
                                    const std::lock_guard lock(mutex_);
                                    quarantined_ += report.quarantined_total();
                                    changed_.notify_all();
                                }},
            std::move(stations));
        source_->start();
    }
    template <class Condition>
    void until(Condition condition) {
        std::unique_lock lock(mutex_);
        ASSERT_TRUE(changed_.wait_for(lock, 10s, condition));
    }

    telemetry::PointRegistry registry_;
    net::testing::Iec104Station station_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<telemetry::Reading> readings_;
    std::uint64_t quarantined_ = 0;
    std::unique_ptr<Iec104Source> source_;  // first to go
};

TEST_F(Iec104SourceTest, HandsReadingsOnAndCountsTheRest) {
    station_.begin(1);
    station_.information(measured, 1);
    station_.information(tagged, 1);
    station_.expect(SFrame{2});
    station_.information(unmapped, 1);
    station_.information(measured.substr(0, 8), 1);  // no whole ASDU
    station_.expect(SFrame{4});
    until([this] { return readings_.size() == 2 && quarantined_ == 1; });
    source_->stop();
    EXPECT_EQ(readings_[0].interval_end, noon);
    EXPECT_EQ(readings_[0].quality, telemetry::Quality::estimated);
    EXPECT_EQ(readings_[1].interval_end, noon + 5h + 30min + 1s);
    EXPECT_EQ(readings_[1].quality, telemetry::Quality::measured);
    EXPECT_EQ(registry_.source(readings_[1].source), "north");

    const std::vector<Iec104Status> status = source_->status();
    ASSERT_EQ(status.size(), 1U);
    EXPECT_EQ(status[0].station, "north");
    EXPECT_EQ(status[0].connections, 1U);
    EXPECT_EQ(status[0].asdus, 3U);
    EXPECT_EQ(status[0].invalid_asdus, 1U);
    EXPECT_EQ(status[0].counts.objects, 3U);
    EXPECT_EQ(status[0].counts.untimed, 1U);
}

TEST_F(Iec104SourceTest, GoesOnAfterALostConnectionWithAnInterrogation) {
    station_.begin(1);
    station_.information(measured, 1);
    until([this] { return readings_.size() == 1; });
    station_.hang_up();
    station_.begin(1);  // which expects the interrogation
    station_.information(measured, 1);
    until([this] { return readings_.size() == 2; });
    EXPECT_EQ(source_->status()[0].connections, 2U);
    EXPECT_TRUE(source_->status()[0].is_running);
}

TEST_F(Iec104SourceTest, TellsWhyAStationIsAway) {
    station_.begin(1);
    station_.say("garbage");
    station_.expect_hang_up();
    station_.accept();  // it has come back, so the end of the first connection has been told
    EXPECT_FALSE(source_->status()[0].is_running);
    EXPECT_EQ(source_->status()[0].why, "a frame begins with 0x67, not 0x68");
}

}  // namespace
}  // namespace headroom::agents
