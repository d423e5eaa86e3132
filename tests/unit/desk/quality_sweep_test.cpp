#include "desk/quality_sweep.hpp"

#include "unit/desk/instants.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace headroom::desk {
namespace {

using namespace std::chrono_literals;
using telemetry::FindingKind;
using telemetry::QualityFinding;
using test::noon;

/// One busbar with two three-phase feeders, and the newest readings as the test sets them.
class QualitySweepTest : public ::testing::Test {
  protected:
    QualitySweepTest() {
        const Result<grid::Network> network = grid::read_grid_csv(
            "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
            "substation,SS-1,,South,51,0,500,secondary,,\n"
            "feeder,F-1,SS-1,One,51,0,300,domestic,,\nfeeder,F-2,SS-1,Two,51,0,300,domestic,,\n",
            "grid.csv");
        EXPECT_TRUE(network.has_value());
        network_ = *network;
        sweep_.emplace(network_, registry_);
        source_ = registry_.intern_source("north");
        views_.resize(registry_.size());
        for (telemetry::PointRef point = 0; point < views_.size(); ++point) {
            views_[point].point = point;
            views_[point].load_kw = std::numeric_limits<double>::quiet_NaN();
            const bool is_limited = registry_.key(point).point_id != "SS-1";
            views_[point].limit_kw = is_limited ? 100.0 : std::numeric_limits<double>::quiet_NaN();
        }
    }
    void reads(const char* id, grid::Phase phase, double kw, UtcTime at) {
        monitor::PointView& view = views_[registry_.find(id, grid::Quantity::p_kw, phase)];
        view.load_kw = kw;
        view.at = at;
        view.source = source_;
        view.readings += 1;
    }
    void all_phases(const char* id, double kw, UtcTime at) {
        for (const grid::Phase phase : grid::live_phases) {
            reads(id, phase, kw, at);
        }
    }
    void look(UtcTime now) {
        sweep_->step(
            100, now,
            [this](std::span<const telemetry::PointRef> points, std::vector<monitor::PointView>& out) {
                out.clear();
                for (const telemetry::PointRef point : points) {
                    out.push_back(views_[point]);
                }
            },
            ledger_);
    }
    std::vector<QualityFinding> findings(FindingKind kind, bool open_only = true) const {
        std::vector<QualityFinding> found;
        ledger_.visit([&](const QualityFinding& finding) {
            if (finding.kind == kind && (finding.is_open || !open_only)) {
                found.push_back(finding);
            }
        });
        return found;
    }

    grid::Network network_;
    telemetry::PointRegistry registry_;
    telemetry::QualityLedger ledger_{registry_};
    std::optional<QualitySweep> sweep_;
    std::vector<monitor::PointView> views_;
    std::uint16_t source_ = 0;
};

TEST_F(QualitySweepTest, CountsCoverage) {
    all_phases("F-1", 10.0, noon);
    look(noon);
    const Coverage& coverage = sweep_->coverage();
    EXPECT_EQ(coverage.as_of, noon);
    EXPECT_EQ(coverage.feeders, 2U);
    EXPECT_EQ(coverage.fresh, 1U);
    EXPECT_EQ(coverage.silent, 1U);
    EXPECT_EQ(coverage.points, 3U);
    EXPECT_EQ(coverage.points_fresh, 3U);
    EXPECT_TRUE(findings(FindingKind::stale).empty());
}

TEST_F(QualitySweepTest, AFeederThatDisappearsIsToldAndItsReturnToo) {
    all_phases("F-1", 10.0, noon);
    look(noon + 15min);
    EXPECT_TRUE(findings(FindingKind::stale).empty());
    look(noon + 15min + 1s);
    ASSERT_EQ(findings(FindingKind::stale).size(), 1U);
    EXPECT_EQ(findings(FindingKind::stale)[0].point_id, "F-1");
    EXPECT_EQ(findings(FindingKind::stale)[0].source, "north");
    EXPECT_EQ(findings(FindingKind::stale)[0].detail, "no reading since 2026-11-20T12:00:00.000Z");
    EXPECT_TRUE(findings(FindingKind::missing_phase).empty());  // one finding, not four
    EXPECT_EQ(sweep_->coverage().stale, 1U);
    all_phases("F-1", 10.0, noon + 20min);
    look(noon + 20min);
    EXPECT_TRUE(findings(FindingKind::stale).empty());
    EXPECT_EQ(findings(FindingKind::stale, false).size(), 1U);
}

TEST_F(QualitySweepTest, AMissingPhaseIsMissing) {
    reads("F-1", grid::Phase::l1, 10.0, noon);
    reads("F-1", grid::Phase::l3, 10.0, noon);
    look(noon);
    ASSERT_EQ(findings(FindingKind::missing_phase).size(), 1U);
    const QualityFinding finding = findings(FindingKind::missing_phase)[0];
    EXPECT_EQ(finding.phase, grid::Phase::l2);
    EXPECT_EQ(
        finding.detail,
        "has had no reading at all, while L1, L3 report; the phase is missing and nothing stands for it");
    reads("F-1", grid::Phase::l2, 10.0, noon + 1min);
    look(noon + 1min);
    EXPECT_TRUE(findings(FindingKind::missing_phase).empty());
}

TEST_F(QualitySweepTest, AFeederMeasuredAsAWholeLacksNoPhase) {
    reads("F-1", grid::Phase::sum, 10.0, noon);
    look(noon);
    EXPECT_TRUE(findings(FindingKind::missing_phase).empty());
    EXPECT_EQ(sweep_->coverage().points, 1U);
}

TEST_F(QualitySweepTest, ComparesABusbarWithItsFeedersPhaseByPhase) {
    for (int i = 0; i < 20; ++i) {
        const UtcTime at = noon + i * 1min;
        all_phases("F-1", 10.0, at);
        all_phases("F-2", 20.0, at);
        all_phases("SS-1", 30.2, at);
        reads("SS-1", grid::Phase::l2, 40.0, at);
        look(at);
        look(at);  // the same moment counts once
    }
    ASSERT_EQ(findings(FindingKind::balance).size(), 1U);
    EXPECT_EQ(findings(FindingKind::balance)[0].phase, grid::Phase::l2);
    EXPECT_EQ(findings(FindingKind::balance)[0].detail,
              "the busbar reads 40.0 kW and its 2 feeders 30.0 kW together; so off in 20 of 20 comparisons");
    ASSERT_EQ(sweep_->balances().size(), 3U);
    EXPECT_EQ(sweep_->balances()[0].state, Balance::State::ok);
    EXPECT_EQ(sweep_->balances()[1].state, Balance::State::off);
    EXPECT_EQ(sweep_->balances()[1].compared, 20U);
}

TEST_F(QualitySweepTest, AFeederMeteredByPhaseCountsInTheSumOfTheBusbar) {
    all_phases("F-1", 10.0, noon);
    reads("F-2", grid::Phase::sum, 20.0, noon);
    reads("SS-1", grid::Phase::sum, 50.0, noon);
    look(noon);
    ASSERT_EQ(sweep_->balances().size(), 1U);
    EXPECT_EQ(sweep_->balances()[0].feeders_kw, 50.0);
    EXPECT_EQ(sweep_->balances()[0].state, Balance::State::ok);
    reads("F-1", grid::Phase::l3, 10.0, noon + 2min);  // its phases are of one moment no more
    look(noon);
    EXPECT_EQ(sweep_->balances()[0].state, Balance::State::incomplete);
}

TEST_F(QualitySweepTest, NothingStandsForAFeederThatIsMissing) {
    all_phases("F-1", 10.0, noon);
    all_phases("F-2", 20.0, noon - 2min);  // of another moment
    all_phases("SS-1", 30.0, noon);
    look(noon);
    for (const Balance& balance : sweep_->balances()) {
        EXPECT_EQ(balance.state, Balance::State::incomplete);
        EXPECT_EQ(balance.missing, "F-2");
        EXPECT_EQ(balance.feeders_seen, 1U);
        EXPECT_EQ(balance.compared, 0U);
    }
}

TEST_F(QualitySweepTest, ALoadThatIsNegativeThroughoutIsTold) {
    for (int i = 0; i < 47; ++i) {
        reads("F-1", grid::Phase::sum, -5.0, noon + i * 1min);
        look(noon + i * 1min);
    }
    EXPECT_TRUE(findings(FindingKind::sign).empty());
    reads("F-1", grid::Phase::sum, -5.0, noon + 47min);
    look(noon + 47min);
    ASSERT_EQ(findings(FindingKind::sign).size(), 1U);
}

TEST_F(QualitySweepTest, GoesRoundInSteps) {
    const QualitySweep::Views views = [this](std::span<const telemetry::PointRef> points,
                                             std::vector<monitor::PointView>& out) {
        out.clear();
        for (const telemetry::PointRef point : points) {
            out.push_back(views_[point]);
        }
    };
    sweep_->step(2, noon, views, ledger_);
    EXPECT_EQ(sweep_->coverage().as_of, UtcTime{});
    sweep_->step(2, noon, views, ledger_);
    EXPECT_EQ(sweep_->coverage().feeders, 2U);
}

}  // namespace
}  // namespace headroom::desk
