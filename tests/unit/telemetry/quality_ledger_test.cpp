#include "telemetry/quality_ledger.hpp"

#include "unit/telemetry/instants.hpp"

#include <gtest/gtest.h>

namespace headroom::telemetry {
namespace {

using namespace std::chrono_literals;

class QualityLedgerTest : public ::testing::Test {
  protected:
    QualityLedgerTest()
        : point_(registry_.intern({"F-1", grid::Quantity::p_kw, grid::Phase::l1})),
          north_(registry_.intern_source("north")),
          south_(registry_.intern_source("south")) {}

    Reading reading(std::uint16_t source, UtcTime end, Quality quality = Quality::measured) const {
        return {.value = 1.0,
                .interval_start = end,
                .interval_end = end,
                .point = point_,
                .source = source,
                .quality = quality};
    }
    std::vector<QualityFinding> findings() const {
        std::vector<QualityFinding> all;
        ledger_.visit([&](const QualityFinding& finding) { all.push_back(finding); });
        return all;
    }
    const QualityLedger::KindCount& count(FindingKind kind) const {
        return ledger_.kinds()[static_cast<std::size_t>(kind)];
    }

    PointRegistry registry_;
    PointRef point_;
    std::uint16_t north_, south_;
    QualityLedger ledger_{registry_};
};

TEST_F(QualityLedgerTest, CountsABatchOfOneSource) {
    const std::vector<Reading> readings{reading(north_, noon - 2s),
                                        reading(north_, noon - 1s, Quality::estimated),
                                        reading(north_, noon + 1h)};
    IngestTotals became{.accepted = 2};
    became.quarantined[static_cast<std::size_t>(Quarantine::future)] = 1;
    ledger_.take_batch(readings, std::vector<std::uint32_t>{0, 1}, became, noon);
    const SourceQuality& source = ledger_.sources()[north_];
    EXPECT_TRUE(source.is_seen);
    EXPECT_EQ(source.became.accepted, 2U);
    EXPECT_EQ(source.became.quarantined[static_cast<std::size_t>(Quarantine::future)], 1U);
    EXPECT_EQ(source.estimated, 1U);
    EXPECT_EQ(source.looked_at, 3U);
    EXPECT_EQ(source.newest_end, noon - 1s);  // not the one of the future
    EXPECT_EQ(source.skew.quantile(1.0), 2s);
}

TEST_F(QualityLedgerTest, GivesEachSourceOfAMixedBatchWhatIsItsOwn) {
    const std::vector<Reading> readings{reading(north_, noon), reading(south_, noon), reading(south_, noon)};
    ledger_.take_batch(readings, std::vector<std::uint32_t>{0, 1}, {.accepted = 2, .conflicts = 1}, noon);
    EXPECT_EQ(ledger_.sources()[north_].became.accepted, 1U);
    EXPECT_EQ(ledger_.sources()[south_].became.accepted, 1U);
    EXPECT_EQ(ledger_.mixed().accepted, 0U);
    EXPECT_EQ(ledger_.mixed().conflicts, 1U);
}

TEST_F(QualityLedgerTest, ABatchSentAgainTellsOfItsPoints) {
    const std::vector<Reading> readings{reading(north_, noon), reading(north_, noon)};
    ledger_.take_batch(readings, std::vector<std::uint32_t>{0}, {.accepted = 1, .duplicates = 1}, noon);
    ASSERT_EQ(findings().size(), 1U);
    EXPECT_EQ(findings()[0].kind, FindingKind::duplicate);
    EXPECT_EQ(findings()[0].point_id, "F-1");
    EXPECT_EQ(findings()[0].source, "north");
}

TEST_F(QualityLedgerTest, LooksAtSamplesOfLargeBatches) {
    const std::vector<Reading> readings(100'000, reading(north_, noon));
    std::vector<std::uint32_t> used(readings.size());
    for (std::uint32_t i = 0; i < used.size(); ++i) {
        used[i] = i;
    }
    ledger_.take_batch(readings, used, {.accepted = readings.size()}, noon);
    EXPECT_EQ(ledger_.sources()[north_].became.accepted, 100'000U);
    EXPECT_LE(ledger_.sources()[north_].looked_at, QualityLedger::looked_at_a_batch);
}

TEST_F(QualityLedgerTest, UnknownFeedersAreCountedAndShownByExample) {
    DecodeReport report;
    for (const char* id : {"F-98", "F-99", "F-99"}) {
        report.quarantine({.pointer = "/0",
                           .reason = Quarantine::unknown_point,
                           .detail = std::string(id) + " is no point of this network"});
    }
    ledger_.take_report(north_, report, noon);
    const SourceQuality& source = ledger_.sources()[north_];
    EXPECT_EQ(source.became.quarantined[static_cast<std::size_t>(Quarantine::unknown_point)], 3U);
    ASSERT_EQ(source.examples.size(), 2U);  // the same again is one example
    EXPECT_EQ(source.examples[0].detail, "F-98 is no point of this network");
    EXPECT_EQ(source.examples[1].detail, "F-99 is no point of this network");
    EXPECT_EQ(source.examples[1].where, "/0");
}

TEST_F(QualityLedgerTest, KeepsTheNewestExamplesOnly) {
    DecodeReport report;
    for (int i = 0; i < 50; ++i) {
        report.quarantine({.line = 1, .reason = Quarantine::malformed, .detail = std::to_string(i)});
    }
    ledger_.take_report(north_, report, noon);
    const SourceQuality& source = ledger_.sources()[north_];
    ASSERT_EQ(source.examples.size(), QualityLedger::examples_max);
    EXPECT_EQ(source.examples.back().detail, "49");
    EXPECT_EQ(source.examples.back().where, "line 1");
}

TEST_F(QualityLedgerTest, WhatNeverBecameAReadingStillTellsOfTheClock) {
    DecodeReport report;
    for (int i = 0; i < 20; ++i) {
        report.quarantine({.line = 1, .reason = Quarantine::future, .detail = "ahead", .ahead = 10min});
    }
    ledger_.take_report(north_, report, noon);
    EXPECT_EQ(ledger_.sources()[north_].skew.verdict(), SkewVerdict::ahead);
    EXPECT_EQ(ledger_.sources()[north_].skew.quantile(0.5), -10min);
}

TEST_F(QualityLedgerTest, TheSameFindingIsOneEntryWithACount) {
    ledger_.note(point_, FindingKind::gap, noon, "north", "nothing for 60 s");
    ledger_.note(point_, FindingKind::gap, noon + 1h, "north", "nothing for 90 s", 2);
    ASSERT_EQ(findings().size(), 1U);
    const QualityFinding finding = findings()[0];
    EXPECT_EQ(finding.count, 3U);
    EXPECT_EQ(finding.first_at, noon);
    EXPECT_EQ(finding.last_at, noon + 1h);
    EXPECT_EQ(finding.detail, "nothing for 90 s");
    EXPECT_EQ(finding.phase, grid::Phase::l1);
    EXPECT_FALSE(finding.is_open);
    EXPECT_EQ(count(FindingKind::gap).times, 3U);
    EXPECT_EQ(count(FindingKind::gap).findings, 1U);
}

TEST_F(QualityLedgerTest, AConditionBeginsGoesOnAndEnds) {
    ledger_.set(point_, FindingKind::stale, false, noon, "north", "never was");
    EXPECT_TRUE(findings().empty());
    ledger_.set(point_, FindingKind::stale, true, noon, "north", "no reading since 11:45");
    ledger_.set(point_, FindingKind::stale, true, noon + 1s, "north", "no reading since 11:45");
    EXPECT_EQ(count(FindingKind::stale).open, 1U);
    EXPECT_EQ(findings()[0].count, 1U);
    ledger_.set(point_, FindingKind::stale, false, noon + 1h, "north", "readings again");
    EXPECT_EQ(count(FindingKind::stale).open, 0U);
    EXPECT_FALSE(findings()[0].is_open);
    EXPECT_EQ(findings()[0].detail, "readings again");
    ledger_.set(point_, FindingKind::stale, true, noon + 2h, "north", "again");
    EXPECT_EQ(findings()[0].count, 2U);
}

TEST_F(QualityLedgerTest, WhatIsLongestUnchangedGivesWay) {
    for (std::size_t i = 0; i <= QualityLedger::findings_max; ++i) {
        const PointRef point =
            registry_.intern({"F-" + std::to_string(i + 100), grid::Quantity::p_kw, grid::Phase::sum});
        if (i == QualityLedger::findings_max) {
            ledger_.note(2, FindingKind::gap, noon, "north", "of the second point, touched again");
        }
        ledger_.note(point, FindingKind::gap, noon, "north", "a gap");
    }
    EXPECT_EQ(findings().size(), QualityLedger::findings_max);
    EXPECT_EQ(ledger_.forgotten(), 1U);
    EXPECT_EQ(count(FindingKind::gap).findings, QualityLedger::findings_max);
    EXPECT_EQ(count(FindingKind::gap).times, QualityLedger::findings_max + 2);
    EXPECT_EQ(findings().back().point_id, "F-102");  // F-100 gave way, F-101 was touched
}

TEST(FindingKind, WordsLeadBack) {
    for (std::size_t i = 0; i < finding_kinds; ++i) {
        const auto kind = static_cast<FindingKind>(i);
        EXPECT_EQ(parse_finding_kind(to_string(kind)), kind);
    }
    EXPECT_EQ(parse_finding_kind("odd"), std::nullopt);
}

}  // namespace
}  // namespace headroom::telemetry
