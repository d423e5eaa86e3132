#include "agents/delivered_load.hpp"

#include "unit/agents/instants.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace headroom::agents {
namespace {

using settlement::Delivery;
using settlement::DeliveryPeriod;
using test::evening;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

constexpr double unknown_kw = std::numeric_limits<double>::quiet_NaN();

/// A grid substation over a primary one with two feeders; D-1 and D-2 hang on F-1, D-3 on F-2.
grid::Network primary_with_devices() {
    return grid::read_grid_csv(
               "type,id,parent_id,name,lat,lon,rating_kw,kind,phase,energy_kwh\n"
               "substation,G-1,,City Road Grid,51.53,-0.10,60000,grid,,\n"
               "substation,P-1,G-1,Trowse Grid 33,51.53,-0.10,24000,primary,,\n"
               "feeder,F-1,P-1,One,51.53,-0.10,3000,domestic,,\n"
               "feeder,F-2,P-1,Two,51.53,-0.10,3000,domestic,,\n"
               "der,D-1,F-1,One,51.53,-0.10,100,battery,sum,200\n"
               "der,D-2,F-1,Two,51.53,-0.10,100,battery,sum,200\n"
               "der,D-3,F-2,Three,51.53,-0.10,100,battery,sum,200\n",
               "grid.csv")
        .value();
}

bool believed(const std::string& /*der*/, UtcTime /*period*/) {
    return false;
}

struct Settled {
    settlement::SettlementInput input;
    settlement::SettlementResult result;

    explicit Settled(std::string event = "ev-1") { input.event = EventId{std::move(event)}; }
    /// (instructed, delivered) Wh of the half-hours from `start` on.
    Settled& line(const std::string& der, std::vector<std::pair<std::int64_t, std::int64_t>> halves,
                  std::string state = "VERIFIED", UtcTime start = evening) {
        settlement::SettlementLineInput line;
        line.der = der;
        line.start = start;
        line.instructed_wh.resize(halves.size());
        input.lines.push_back(std::move(line));
        Delivery delivery;
        delivery.der = der;
        delivery.state = std::move(state);
        for (std::size_t i = 0; i < halves.size(); ++i) {
            DeliveryPeriod period;
            period.period = start + period_length * static_cast<std::int64_t>(i);
            period.instructed = WattHours{halves[i].first};
            period.delivered = WattHours{halves[i].second};
            delivery.periods.push_back(period);
        }
        result.deliveries.push_back(std::move(delivery));
        return *this;
    }
    VerifiedDelivery verified(const IsKeptApart& is_kept_apart = believed) const {
        return verified_delivery(input, result, primary_with_devices(), is_kept_apart);
    }
};

TEST(VerifiedDelivery, SumsTheDersOfAFeederByHalfHours) {
    const VerifiedDelivery delivery =
        Settled().line("D-1", {{5000, 4000}, {5000, 5000}}).line("D-2", {{0, 900}, {2000, 1500}}).verified();
    EXPECT_EQ(delivery.start, evening);
    EXPECT_THAT(delivery.wh, ElementsAre(Pair("F-1", ElementsAre(4000, 6500))));
}

TEST(VerifiedDelivery, IsNothingBelowZeroAndNothingBeyondWhatWasInstructed) {
    const VerifiedDelivery delivery = Settled().line("D-1", {{5000, -300}, {5000, 9000}}).verified();
    EXPECT_THAT(delivery.wh, ElementsAre(Pair("F-1", ElementsAre(0, 5000))));
}

TEST(VerifiedDelivery, AMeterInDoubtCountsForNothing) {
    for (const char* state : {"HELD", "PENDING_DATA", "NO_BASELINE"}) {
        EXPECT_THAT(Settled().line("D-1", {{5000, 4000}}, state).verified().wh, IsEmpty()) << state;
    }
    const auto first_half = [](const std::string& der, UtcTime period) {
        return der == "D-1" && period == evening;
    };
    EXPECT_THAT(Settled().line("D-1", {{5000, 4000}, {5000, 3000}}).verified(first_half).wh,
                ElementsAre(Pair("F-1", ElementsAre(0, 3000))));
    EXPECT_THAT(Settled().line("D-9", {{5000, 4000}}).verified().wh, IsEmpty()) << "nobody knows where it is";
}

TEST(VerifiedDelivery, LoadThatWasTurnedUpIsTakenOff) {
    Settled settled;
    settled.line("D-1", {{5000, 4000}});
    settled.input.lines[0].turn_up = true;
    EXPECT_THAT(settled.verified().wh, ElementsAre(Pair("F-1", ElementsAre(-4000))));
}

TEST(VerifiedDelivery, ReadsBackWhatItWrote) {
    const VerifiedDelivery delivery =
        Settled().line("D-1", {{5000, 4000}}).line("D-3", {{0, 0}, {100, 90}}).verified();
    const Result<VerifiedDelivery> again = verified_delivery_from_json(to_json(delivery));
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(*again, delivery);
    EXPECT_TRUE(json::write_canonical(to_json(delivery)).has_value()) << "whole numbers only";
    EXPECT_EQ(verified_delivery_from_json(json::Object{{"event", "ev-1"}, {"start", "2027-01-14T17:10:00Z"}})
                  .error()
                  .pointer,
              "/start");
}

TEST(DeliveredLoad, StandsAtTheFeederAndAtWhatSuppliesItAndNowhereElse) {
    DeliveredLoad load;
    const std::vector<store::SeriesBlock> blocks =
        load.take(Settled().line("D-1", {{5000, 4000}, {5000, 5000}}).verified(), primary_with_devices());
    std::vector<std::string> keys;
    for (const store::SeriesBlock& block : blocks) {
        keys.push_back(block.key);
        EXPECT_EQ(block.start, evening);
        EXPECT_EQ(block.step, period_length);
        EXPECT_THAT(block.values, ElementsAre(8.0F, 10.0F)) << "kW: two half-hours an hour";
    }
    EXPECT_THAT(keys, testing::UnorderedElementsAre("F-1/p_kw/sum/delivered", "P-1/p_kw/sum/delivered",
                                                    "G-1/p_kw/sum/delivered"));
}

std::vector<float> of(const std::vector<store::SeriesBlock>& blocks, const std::string& element) {
    for (const store::SeriesBlock& block : blocks) {
        if (block.key == delivered_key(element)) {
            return block.values;
        }
    }
    return {};
}

TEST(DeliveredLoad, TwoEventsAddUpAndOneThatComesAgainCountsOnce) {
    DeliveredLoad load;
    const grid::Network grid = primary_with_devices();
    EXPECT_THAT(load.take(Settled("ev-1").line("D-1", {{5000, 4000}}).verified(), grid), SizeIs(3));
    const std::vector<store::SeriesBlock> both =
        load.take(Settled("ev-2").line("D-3", {{5000, 1000}}).verified(), grid);
    EXPECT_THAT(of(both, "F-2"), ElementsAre(2.0F));
    EXPECT_THAT(of(both, "P-1"), ElementsAre(10.0F));
    EXPECT_THAT(of(load.take(Settled("ev-2").line("D-3", {{5000, 1000}}).verified(), grid), "P-1"),
                ElementsAre(10.0F));
}

// A person lets a held delivery pass, or takes back what had passed.
TEST(DeliveredLoad, ACorrectionTakesThePlaceOfWhatItCorrects) {
    DeliveredLoad load;
    const grid::Network grid = primary_with_devices();
    EXPECT_THAT(load.take(Settled().line("D-1", {{5000, 4000}}, "HELD").verified(), grid), IsEmpty());
    EXPECT_THAT(of(load.take(Settled().line("D-1", {{5000, 4000}}).verified(), grid), "F-1"),
                ElementsAre(8.0F));
    EXPECT_THAT(of(load.take(Settled().line("D-1", {{5000, 4000}}, "HELD").verified(), grid), "F-1"),
                ElementsAre(0.0F));
}

/// What a meter showed in half-hours from five on, W.
flex::MeterSeries showed(const std::string& meter, std::vector<std::int64_t> baseline_w,
                         std::vector<std::int64_t> usage_w) {
    return {.meter = meter,
            .baseline_w = flex::IntervalGrid{evening, period_length, std::move(baseline_w)},
            .usage_w = flex::IntervalGrid{evening, period_length, std::move(usage_w)}};
}

flex::IntervalGrid awarded(std::vector<std::int64_t> watts) {
    return {evening, period_length, std::move(watts)};
}

TEST(VerifiedOrder, CountsWhatItsMetersShowUnderTheFeedersThatTheyAreUnder) {
    flex::Performance shown;
    shown.meters = {showed("D-1", {9'000, 9'000}, {1'000, 9'500}),
                    showed("D-3", {7'000, 7'000}, {3'000, 1'000})};
    const VerifiedDelivery verified =
        verified_delivery("t-1", shown, awarded({20'000, 20'000}), primary_with_devices(), believed);
    EXPECT_EQ(verified.event, "t-1");
    EXPECT_EQ(verified.start, evening);
    EXPECT_THAT(verified.wh,
                ElementsAre(Pair("F-1", ElementsAre(4'000, 0)), Pair("F-2", ElementsAre(2'000, 3'000))));
}

TEST(VerifiedOrder, CountsForNoMoreThanWasAwardedAndEachMeterInProportion) {
    flex::Performance shown;
    shown.meters = {showed("D-1", {9'000}, {1'000}), showed("D-3", {7'000}, {3'000})};
    EXPECT_THAT(verified_delivery("t-1", shown, awarded({6'000}), primary_with_devices(), believed).wh,
                ElementsAre(Pair("F-1", ElementsAre(2'000)), Pair("F-2", ElementsAre(1'000))));
    EXPECT_THAT(verified_delivery("t-1", shown, awarded({0}), primary_with_devices(), believed).wh,
                IsEmpty());
}

TEST(VerifiedOrder, AMeterOfWhichNobodyKnowsTheFeederIsPassedOverButFillsTheAward) {
    flex::Performance shown;
    shown.meters = {showed("somebody's", {9'000}, {1'000}), showed("D-1", {9'000}, {1'000})};
    EXPECT_THAT(verified_delivery("t-1", shown, awarded({8'000}), primary_with_devices(), believed).wh,
                ElementsAre(Pair("F-1", ElementsAre(2'000))));
}

TEST(VerifiedOrder, WhatTrustKeepsApartAndWhatIsNotWholeDoesNotCount) {
    flex::Performance shown;
    shown.meters = {showed("D-1", {9'000, 9'000}, {1'000, 1'000}), showed("D-2", {9'000, 9'000}, {9'000, 0})};
    shown.meters[1].usage_w.reset();
    const auto second_half = [](const std::string& der, UtcTime period) {
        return der == "D-1" && period == evening + period_length;
    };
    EXPECT_THAT(
        verified_delivery("t-1", shown, awarded({20'000, 20'000}), primary_with_devices(), second_half).wh,
        ElementsAre(Pair("F-1", ElementsAre(4'000))));
}

TEST(VerifiedOrder, OtherSlotsThanHalfHoursAreNotKept) {
    flex::Performance shown;
    shown.meters = {showed("D-1", {9'000}, {1'000})};
    flex::IntervalGrid quarters = awarded({8'000, 8'000});
    quarters.step = std::chrono::minutes{15};
    EXPECT_THAT(verified_delivery("t-1", shown, quarters, primary_with_devices(), believed).wh, IsEmpty());
}

// The longest need lasts a week: what is kept of it is read back whole.
TEST(VerifiedOrder, AWholeWeekIsReadBack) {
    flex::Performance shown;
    shown.meters = {
        showed("D-1", std::vector<std::int64_t>(336, 9'000), std::vector<std::int64_t>(336, 1'000))};
    const VerifiedDelivery week = verified_delivery(
        "t-1", shown, awarded(std::vector<std::int64_t>(336, 9'000)), primary_with_devices(), believed);
    EXPECT_EQ(verified_delivery_from_json(to_json(week)).value(), week);
}

TEST(AddedBack, WhatIsPublishedAndMayHoldOurEventsIsNotCountedTwice) {
    EXPECT_EQ(added_back_kw(unknown_kw, unknown_kw), 0.0);
    EXPECT_EQ(added_back_kw(60.0, unknown_kw), 60.0);
    EXPECT_EQ(added_back_kw(unknown_kw, 40.0), 40.0);
    EXPECT_EQ(added_back_kw(60.0, 40.0), 60.0);
    EXPECT_EQ(added_back_kw(30.0, 40.0), 40.0);
    EXPECT_EQ(added_back_kw(-30.0, -40.0), -40.0);
    EXPECT_EQ(added_back_kw(60.0, -40.0), 20.0) << "one turned down, another up";
}

}  // namespace
}  // namespace headroom::agents
