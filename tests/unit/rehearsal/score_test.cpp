#include "rehearsal/score.hpp"
#include "unit/rehearsal/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::rehearsal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr std::int64_t front = 1'000'000;  // half-hour at which the walks begin; January 2027

/// A walk whose forecast has all quantiles at the alarm's value.
LimitWalk walk(std::vector<float> truth, const std::vector<float>& alarm) {
    LimitWalk out;
    out.watched = watched("F-1", {}, front);
    out.first = front;
    out.truth_kw = std::move(truth);
    for (const float kw : alarm) {
        std::array<float, forecast::quantile_count> row{};
        row.fill(kw);
        out.foretold_kw.push_back(row);
    }
    return out;
}

Rehearsal scored(LimitWalk of, const std::vector<flex::Offer>& offers = {}) {
    Rehearsal out;
    out.first = front;
    out.end = front + static_cast<std::int64_t>(of.truth_kw.size());
    out.has_offers = !offers.empty();
    out.limits.push_back(std::move(of));
    const grid::Network network = network_of_feeders(1);
    const Result<void> done = score(out, network, offers, {});
    EXPECT_TRUE(done) << done.error().message;
    return out;
}

TEST(Score, TellsTheFatesApart) {
    //                                seen            missed        late                    needless
    const std::vector<float> truth{90,  110, 90, 90, 105, 90, 90, 120, 110,
                                   105, 90,  90, 90, 90,  90, 90, 90,  90};
    const std::vector<float> alarm{90, 115, 90, 90, 90, 90, 90, 90, 90, 108, 90, 90, 90, 90, 90, 90, 104, 90};
    const Rehearsal out = scored(walk(truth, alarm));
    ASSERT_THAT(out.overloads, SizeIs(3));
    EXPECT_EQ(out.overloads[0].fate, Fate::hit);
    EXPECT_EQ(out.overloads[1].fate, Fate::missed);
    EXPECT_EQ(out.overloads[2].fate, Fate::late);
    EXPECT_DOUBLE_EQ(out.overloads[2].energy_kwh, 17.5);
    ASSERT_THAT(out.alarms, SizeIs(3));
    EXPECT_EQ(out.alarms[2].fate, AlarmFate::needless);
    EXPECT_EQ(out.feeders.at(0).score.hit, 1U);
    EXPECT_EQ(out.feeders.at(0).score.needless_winter, 1U);
}

TEST(Score, AnAlarmShortlyBeforeAnOverloadIsEarlyNotNeedless) {
    const Rehearsal out = scored(walk({90, 90, 90, 105, 90}, {105, 90, 90, 90, 90}));
    ASSERT_THAT(out.alarms, SizeIs(1));
    EXPECT_EQ(out.alarms[0].fate, AlarmFate::early);
    EXPECT_EQ(out.overloads.at(0).fate, Fate::missed);
}

TEST(Score, WithoutOffersWhatIsNeededIsReckonedAtTheReferencePrice) {
    const Rehearsal out = scored(walk({110}, {120}));
    const Purchase& purchase = out.alarms.at(0).purchase;
    EXPECT_TRUE(purchase.is_assumed);
    EXPECT_EQ(purchase.needed.value, 10'000);   // 20 kW for half an hour
    EXPECT_EQ(purchase.cost.value, 3'500'000);  // at 350 GBP/MWh
    EXPECT_DOUBLE_EQ(out.overloads.at(0).left_kwh, 0.0);
}

TEST(Score, OffersThatDoNotReachLeaveTheRest) {
    const Rehearsal out =
        scored(walk({110}, {120}), {offer("near", "F-1", 4'000, 100), offer("far", "F-9", 50'000, 1)});
    const Purchase& purchase = out.alarms.at(0).purchase;
    EXPECT_EQ(purchase.bought.value, 2'000);
    EXPECT_EQ(purchase.orders, 1U);
    EXPECT_GT(purchase.shortfall_peak.value, 15'000);
    EXPECT_DOUBLE_EQ(out.overloads.at(0).energy_kwh, 5.0);
    EXPECT_DOUBLE_EQ(out.overloads.at(0).left_kwh, 3.0);
}

TEST(Score, SaysWhyAnOfferWasRefused) {
    flex::Offer slow = offer("slow", "F-1", 30'000, 10);
    slow.notice = hours{4};
    const Rehearsal out = scored(walk({110}, {120}), {slow});
    EXPECT_THAT(out.alarms.at(0).purchase.refused, ElementsAre(HasSubstr("notice of 240 min")));
}

TEST(Score, CoverageCountsReadingsWithAForecast) {
    const float unknown = std::numeric_limits<float>::quiet_NaN();
    const Rehearsal out = scored(walk({10, 30, unknown, 10}, {20, 20, 20, unknown}));
    EXPECT_DOUBLE_EQ(out.coverage[0], 0.5);
    EXPECT_EQ(out.feeders.at(0).score.compared, 2U);
    EXPECT_DOUBLE_EQ(out.feeders.at(0).data_share(), 0.5);
}

TEST(Score, AQuantileBetweenTwoIsDrawnStraight) {
    const std::array<float, forecast::quantile_count> row{0, 1, 2, 3, 4, 10, 20};
    EXPECT_DOUBLE_EQ(at_quantile(row, 0.9), 10.0);
    EXPECT_NEAR(at_quantile(row, 0.925), 15.0, 1e-9);
    EXPECT_DOUBLE_EQ(at_quantile(row, 0.99), 20.0);
    EXPECT_DOUBLE_EQ(at_quantile(row, 0.01), 0.0);
}

}  // namespace
}  // namespace headroom::rehearsal
