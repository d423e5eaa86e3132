#include "telemetry/data_quality.hpp"

#include "telemetry/busbar_balance.hpp"
#include "unit/telemetry/instants.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::telemetry {
namespace {

using ::testing::HasSubstr;

class DataQualityTest : public ::testing::Test {
  protected:
    PointRef point(const std::string& id, grid::Quantity quantity = grid::Quantity::p_kw,
                   grid::Phase phase = grid::Phase::l1) {
        return registry_.intern({id, quantity, phase});
    }
    /// Of ten minutes, the `slot`-th from noon.
    static Reading reading(PointRef point, int slot, double value) {
        const UtcTime start = noon + minutes{10} * slot;
        return {.value = value, .interval_start = start, .interval_end = start + minutes{10}, .point = point};
    }

    PointRegistry registry_;
    DataQuality quality_{registry_};
};

TEST(CadenceLearner, TakesTheMiddleStep) {
    CadenceLearner learner;
    EXPECT_EQ(learner.cadence(), milliseconds{0});
    learner.take(noon);
    learner.take(noon);
    EXPECT_EQ(learner.cadence(), milliseconds{0});
    for (const int minute : {10, 20, 80, 90, 100}) {  // an hour is missing
        learner.take(noon + minutes{minute});
    }
    EXPECT_EQ(learner.cadence(), minutes{10});
}

TEST_F(DataQualityTest, HasNothingToSayOfSoundReadings) {
    const PointRef feeder = point("F-1");
    quality_.expect_cadence(feeder, minutes{10});
    quality_.expect_load(feeder);
    for (int slot = 0; slot < 100; ++slot) {
        EXPECT_EQ(quality_.take(reading(feeder, slot, 5.0 + slot % 7)), Arrival::first);
    }
    EXPECT_TRUE(quality_.findings().empty());
}

TEST_F(DataQualityTest, FindsValuesThatStandStill) {
    const PointRef feeder = point("F-1");
    int slot = 0;
    for (const double kw : {4.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 6.0}) {
        quality_.take(reading(feeder, slot++, kw));
    }
    const auto found = quality_.findings();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].point_id, "F-1");
    EXPECT_EQ(found[0].kind, "stuck");
    EXPECT_EQ(
        found[0].detail,
        "p_kw L1: 7 readings in a row are 5 kW, from 2026-11-20T12:10:00.000Z to 2026-11-20T13:20:00.000Z");
}

TEST_F(DataQualityTest, ZeroAndFiveInARowAndVoltageMayStandStill) {
    const PointRef dead = point("F-1");
    const PointRef slow = point("F-2");
    const PointRef volts = point("F-3", grid::Quantity::v_v);
    for (int slot = 0; slot < 20; ++slot) {
        quality_.take(reading(dead, slot, 0.0));
        quality_.take(reading(slow, slot, static_cast<double>(1 + slot / 5)));
        quality_.take(reading(volts, slot, 230.0));
    }
    EXPECT_TRUE(quality_.findings().empty());
}

TEST_F(DataQualityTest, CountsGapsAndWhatIsMissing) {
    const PointRef feeder = point("F-1");
    quality_.expect_cadence(feeder, minutes{10});
    for (const int slot : {0, 1, 3, 4, 8, 9}) {
        quality_.take(reading(feeder, slot, slot));
    }
    const auto found = quality_.findings();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].kind, "gap");
    EXPECT_EQ(found[0].detail,
              "p_kw L1: 4 readings missing in 2 gaps, the longest from 2026-11-20T12:50:00.000Z to "
              "2026-11-20T13:20:00.000Z");
}

TEST_F(DataQualityTest, TellsRepeatedFromConflictingReadings) {
    const PointRef feeder = point("F-1");
    EXPECT_EQ(quality_.take(reading(feeder, 0, 1.0)), Arrival::first);
    EXPECT_EQ(quality_.take(reading(feeder, 0, 1.0)), Arrival::repeated);
    EXPECT_EQ(quality_.take(reading(feeder, 0, 2.0)), Arrival::conflicting);
    EXPECT_EQ(quality_.take(reading(feeder, 1, 2.0)), Arrival::first);
    const auto found = quality_.findings();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].kind, "duplicate");
    EXPECT_EQ(found[1].kind, "conflict");
    EXPECT_THAT(found[1].detail, HasSubstr("1 reading gives another value"));
}

TEST_F(DataQualityTest, FindsALoadThatReadsNegativeThroughout) {
    const PointRef load = point("F-1");
    const PointRef generator = point("G-1");
    quality_.expect_load(load);
    for (int slot = 0; slot < 50; ++slot) {
        quality_.take(reading(load, slot, slot == 7 ? 1.0 : -4.0 - slot % 3));
        quality_.take(reading(generator, slot, -4.0 - slot % 3));
    }
    const auto found = quality_.findings();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].point_id, "F-1");
    EXPECT_EQ(found[0].kind, "sign");
    EXPECT_THAT(found[0].detail, HasSubstr("49 of 50"));
}

class BusbarBalanceTest : public DataQualityTest {
  protected:
    /// `busbar_kw` against feeders of 10 and 20 kW at each of `times` times.
    void run(BusbarBalance& balance, double busbar_kw, int times) {
        const PointRef busbar = point("S-1");
        const PointRef one = point("S-1-1");
        const PointRef two = point("S-1-2");
        balance.expect(busbar, {one, two});
        for (int slot = 0; slot < times; ++slot) {
            balance.take(reading(busbar, slot, busbar_kw));
            balance.take(reading(one, slot, 10.0));
            balance.take(reading(two, slot, 20.0));
        }
    }
};

TEST_F(BusbarBalanceTest, AcceptsRoundingAndMeterClass) {
    BusbarBalance balance(registry_);
    run(balance, 30.59, 20);  // 2 % of 30 kW are 0.6 kW
    EXPECT_TRUE(balance.findings().empty());
}

TEST_F(BusbarBalanceTest, FindsABusbarThatIsNotTheSumOfItsFeeders) {
    BusbarBalance balance(registry_);
    run(balance, 30.7, 20);
    const auto found = balance.findings();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].point_id, "S-1");
    EXPECT_EQ(found[0].kind, "balance");
    EXPECT_EQ(
        found[0].detail,
        "the busbar is not the sum of its feeders: L1 at 20 of 20 times, on average 30.7 kW against 30.0 "
        "kW of 2 feeders");
}

TEST_F(BusbarBalanceTest, ComparesOnlyTimesAtWhichAllAreKnown) {
    BusbarBalance balance(registry_);
    const PointRef busbar = point("S-1");
    const PointRef one = point("S-1-1");
    const PointRef two = point("S-1-2");
    balance.expect(busbar, {one, two});
    for (int slot = 0; slot < 40; ++slot) {
        balance.take(reading(busbar, slot, 30.0));
        balance.take(reading(one, slot, 10.0));
        if (slot % 2 == 0) {
            balance.take(reading(two, slot, 20.0));
        }
    }
    EXPECT_TRUE(balance.findings().empty());
}

TEST_F(BusbarBalanceTest, LetsAMomentGo) {
    BusbarBalance balance(registry_);
    run(balance, 30.0, 59);
    balance.take(reading(point("S-1"), 59, 0.0));
    balance.take(reading(point("S-1-1"), 59, 10.0));
    balance.take(reading(point("S-1-2"), 59, 20.0));
    EXPECT_TRUE(balance.findings().empty()) << "1 of 60 times";
}

}  // namespace
}  // namespace headroom::telemetry
