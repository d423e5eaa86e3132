#include "desk/quality.hpp"

#include "unit/desk/instants.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace headroom::desk {
namespace {

using namespace std::chrono_literals;
using test::noon;
using ::testing::HasSubstr;

grid::Network two_feeders() {
    const Result<grid::Network> network = grid::read_grid_csv(
        "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
        "substation,SS-1,,South,51,0,500,secondary,,\n"
        "feeder,F-1,SS-1,One,51,0,300,domestic,,\nfeeder,F-2,SS-1,Two,51,0,300,domestic,,\n",
        "grid.csv");
    EXPECT_TRUE(network.has_value());
    return *network;
}

/// A monitor, and readings that go the way they go in service: into the monitor, then to the desk.
class QualityTest : public ::testing::Test {
  protected:
    telemetry::Reading reading(const char* feeder, double kw, UtcTime at, const char* source = "north") {
        return {.value = kw,
                .interval_start = at,
                .interval_end = at,
                .point = registry_.find(feeder, grid::Quantity::p_kw, grid::Phase::sum),
                .source = registry_.intern_source(source)};
    }
    monitor::IngestCount ingest(const std::vector<telemetry::Reading>& readings) {
        std::vector<std::uint32_t> used;
        const monitor::IngestCount count = monitor_.ingest(readings, clock_.now(), &used);
        quality_.add_batch(readings, used, count);
        quality_.add_verdicts(monitor_.take_verdicts());
        return count;
    }
    std::vector<FindingAnswer> findings(const FindingQuery& query = {}) const {
        const Result<Page<FindingAnswer>> page = quality_.findings(query);
        EXPECT_TRUE(page.has_value());
        return page->items;
    }

    VirtualClock clock_{noon};
    grid::Network network_ = two_feeders();
    telemetry::PointRegistry registry_;
    monitor::Monitor monitor_{network_, registry_, {}};
    Quality quality_{{network_, registry_, monitor_, clock_}};
};

TEST_F(QualityTest, TellsWhatASourceSent) {
    const auto first = reading("F-1", 10.0, noon - 1min);
    ingest({first});
    ingest({first});
    const QualityAnswer answer = quality_.summary();
    ASSERT_EQ(answer.sources.size(), 1U);
    EXPECT_EQ(answer.sources[0].source, "north");
    EXPECT_EQ(answer.sources[0].state, "ok");
    EXPECT_EQ(answer.sources[0].age_s, 60.0);
    EXPECT_EQ(answer.sources[0].accepted, 1);
    EXPECT_EQ(answer.sources[0].duplicates, 1);
    ASSERT_EQ(findings().size(), 1U);
    EXPECT_EQ(findings()[0].kind, "duplicate");
    EXPECT_EQ(findings()[0].point_id, "F-1");
}

TEST_F(QualityTest, ASourceGrowsOldAndIsToldAsSilent) {
    ingest({reading("F-1", 10.0, noon)});
    clock_.advance_to(noon + 6min);
    EXPECT_EQ(quality_.summary().sources[0].state, "stale");
    clock_.advance_to(noon + 31min);
    EXPECT_EQ(quality_.summary().sources[0].state, "silent");
    quality_.tick();
    FindingQuery query;
    query.kind = telemetry::FindingKind::stale;
    query.open_only = true;
    ASSERT_EQ(findings(query).size(), 1U);
    EXPECT_EQ(findings(query)[0].source, "north");
    EXPECT_EQ(quality_.summary().coverage.stale, 1);
    EXPECT_EQ(quality_.summary().coverage.silent, 1);
}

TEST_F(QualityTest, AClockTenMinutesAheadIsToldAlthoughNothingOfItIsTaken) {
    for (int i = 0; i < 10; ++i) {
        const auto count = ingest({reading("F-1", 10.0 + i, noon + 10min + seconds{i})});
        EXPECT_EQ(count.accepted, 0U);
    }
    const SourceQualityAnswer source = quality_.summary().sources[0];
    EXPECT_EQ(source.clock.verdict, "ahead");
    EXPECT_EQ(source.clock.detail, "its clock is 10 min ahead of ours: readings end after they arrive");
    EXPECT_EQ(source.quarantined.at("future"), 10);
    EXPECT_FALSE(source.last_at.has_value());
}

TEST_F(QualityTest, WhatTrustDoubtsIsFoundByFeederButNotOfPointsThatAreSentOnChange) {
    const telemetry::PointRef on_change = registry_.find("F-2", grid::Quantity::p_kw, grid::Phase::sum);
    quality_.expect_changes_only(std::vector{on_change});
    for (int i = 0; i < 12; ++i) {
        clock_.advance_to(noon + i * 1min);
        ingest({reading("F-1", 10.0, clock_.now()), reading("F-2", 10.0, clock_.now())});
    }
    FindingQuery query;
    query.kind = telemetry::FindingKind::stuck;
    ASSERT_EQ(findings(query).size(), 1U);
    EXPECT_EQ(findings(query)[0].point_id, "F-1");
    EXPECT_EQ(findings(query)[0].source, "north");
    query.place = "F-2";
    EXPECT_TRUE(findings(query).empty());
}

TEST_F(QualityTest, ListsInPagesAndOrders) {
    quality_.add_verdicts(std::vector<trust::Verdict>{
        {.point = 5, .at = noon, .doubt = trust::Doubt::gap, .detail = "nothing for 60 s"},
        {.point = 5, .at = noon, .doubt = trust::Doubt::gap, .detail = "nothing for 60 s"},
        {.point = 4, .at = noon, .doubt = trust::Doubt::gap, .detail = "nothing for 60 s"},
        {.point = 4, .at = noon, .doubt = trust::Doubt::none, .detail = ""}});
    FindingQuery query{.order = FindingOrder::count, .page = {.limit = 1}};
    const Result<Page<FindingAnswer>> first = quality_.findings(query);
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(first->items[0].count, 2);
    query.page.cursor = first->next.value_or("");
    EXPECT_EQ(quality_.findings(query)->items[0].count, 1);
    query.page.cursor = "elsewhere";
    EXPECT_EQ(quality_.findings(query).error().code, Errc::invalid);
    EXPECT_EQ(findings({.source = "nobody"}).size(), 0U);
}

TEST_F(QualityTest, WritesTablesThatASpreadsheetDoesNotRun) {
    const std::string csv = findings_csv(std::vector<FindingAnswer>{{.point_id = "F-1",
                                                                     .quantity = "p_kw",
                                                                     .phase = "L1",
                                                                     .kind = "gap",
                                                                     .source = "=cmd",
                                                                     .count = 2,
                                                                     .first_at = noon,
                                                                     .last_at = noon,
                                                                     .open = true,
                                                                     .detail = "one, two"}});
    EXPECT_THAT(
        csv, HasSubstr("point_id,quantity,phase,kind,source,count,first_at_utc,last_at_utc,open,detail\r\n"));
    EXPECT_THAT(csv,
                HasSubstr("F-1,p_kw,L1,gap,'=cmd,2,2026-11-20T12:00:00.000Z,2026-11-20T12:00:00.000Z,true,"
                          "\"one, two\"\r\n"));
    ingest({reading("F-1", 10.0, noon)});
    EXPECT_THAT(sources_csv(quality_.summary().sources),
                HasSubstr("north,ok,2026-11-20T12:00:00.000Z,1,0,0,0,"));
}

TEST_F(QualityTest, CountsExactlyWhatSeveralThreadsSend) {
    constexpr int batches = 200;
    const auto send = [this](const char* feeder, const char* source) {
        const std::vector<telemetry::Reading> readings{reading(feeder, 10.0, noon, source)};
        for (int i = 0; i < batches; ++i) {
            quality_.add_batch(readings, std::vector<std::uint32_t>{0}, {.accepted = 1});
        }
    };
    std::thread north([&] { send("F-1", "north"); });
    std::thread south([&] { send("F-2", "south"); });
    for (int i = 0; i < 20; ++i) {
        quality_.tick();
        static_cast<void>(quality_.summary());
    }
    north.join();
    south.join();
    std::int64_t accepted = 0;
    for (const SourceQualityAnswer& source : quality_.summary().sources) {
        accepted += source.accepted;
    }
    EXPECT_EQ(accepted, 2 * batches);
}

}  // namespace
}  // namespace headroom::desk
