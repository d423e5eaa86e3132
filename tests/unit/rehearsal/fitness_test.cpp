#include "rehearsal/fitness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::rehearsal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A feeder that may act by itself.
FeederScore good() {
    FeederScore feeder;
    feeder.feeder = "F-1";
    feeder.limits = 1;
    feeder.score.days = 151;
    feeder.score.days_winter = 151;
    feeder.score.days_span = 151;
    feeder.score.overloads = 40;
    feeder.score.hit = 39;
    feeder.score.missed = 1;
    feeder.score.alarms = 42;
    feeder.score.needless = 2;
    feeder.score.needless_winter = 2;
    feeder.score.compared = 7248;
    feeder.score.over_p90 = 725;
    feeder.score.needed = WattHours{1000};
    feeder.score.bought = WattHours{1000};
    return feeder;
}

TEST(Fitness, ActsOnlyWithEveryBarTaken) {
    FeederScore feeder = good();
    judge(feeder, {});
    EXPECT_EQ(feeder.fit, Fit::act);
    EXPECT_THAT(feeder.because, ElementsAre(HasSubstr("98 % of 40 overloads")));
}

TEST(Fitness, ALimitThatNobodyAnswersForNeverActs) {
    FeederScore feeder = good();
    feeder.score.is_verified = false;
    judge(feeder, {});
    EXPECT_EQ(feeder.fit, Fit::propose);
    EXPECT_THAT(feeder.because, ElementsAre(HasSubstr("nobody answers for it")));
}

TEST(Fitness, WithoutOffersNothingShowsThatReliefCanBeBought) {
    FeederScore feeder = good();
    feeder.score.is_assumed = true;
    judge(feeder, {});
    EXPECT_EQ(feeder.fit, Fit::propose);
}

TEST(Fitness, NeedlessPurchasesKeepFromActing) {
    FeederScore feeder = good();
    feeder.score.needless_winter = 4;
    judge(feeder, {});
    EXPECT_EQ(feeder.fit, Fit::propose);
    EXPECT_THAT(feeder.because, ElementsAre(HasSubstr("4.0 needless purchases")));
}

TEST(Fitness, AFeederWithoutOverloadsShowsNothing) {
    FeederScore feeder = good();
    feeder.score.overloads = feeder.score.hit = feeder.score.missed = 0;
    judge(feeder, {});
    EXPECT_EQ(feeder.fit, Fit::shadow);
    EXPECT_THAT(feeder.because, ElementsAre(HasSubstr("no overload came")));
}

TEST(Fitness, QuantilesThatDoNotKeepTheirWordStayInShadow) {
    FeederScore feeder = good();
    feeder.score.over_p90 = 2000;
    judge(feeder, {});
    EXPECT_EQ(feeder.fit, Fit::shadow);
    EXPECT_THAT(feeder.because, ElementsAre(HasSubstr("72.4 % of the readings")));
}

TEST(Fitness, RatesAreThoseOfTheWinterWhereThereIsOne) {
    FeederScore feeder = good();
    feeder.score.needless = 20;
    feeder.score.days = 365;
    EXPECT_DOUBLE_EQ(feeder.needless_per_winter(), 2.0);
    feeder.score.days_winter = 10;  // too few to speak of a winter
    EXPECT_NEAR(feeder.needless_per_winter(), 20.0 * 151.0 / 365.0, 1e-9);
}

TEST(Fitness, ANetworkIsWalkedForAsManyDaysAsItsFeedersOnAverage) {
    FeederScore all = good();
    all.feeders = 10;  // of 15 days each
    judge(all, {});
    EXPECT_EQ(all.fit, Fit::shadow);
    EXPECT_THAT(all.because, ElementsAre(HasSubstr("15 days were walked")));
}

}  // namespace
}  // namespace headroom::rehearsal
