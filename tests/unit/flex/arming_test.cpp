// Whether capacity is armed now, later or not at all.
#include "flex/arming.hpp"
#include "core/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace headroom::flex::test {
namespace {

/// A day ahead of an hour: 50 kW expected, give or take 40; the spot is dearer and comes in nine of ten.
ArmingInput a_day_ahead() {
    return {.need_kw = 50.0,
            .spread_now_kw = 40.0,
            .spread_later_kw = 15.0,
            .hours = 1.0,
            .minutes_to_window = 24.0 * 60.0,
            .review_minutes = 6.0 * 60.0,
            .notice_minutes = 30.0,
            .armed_gbp_per_kwh = 0.05,
            .fired_gbp_per_kwh = 0.20,
            .spot_gbp_per_kwh = 0.45,
            .spot_share = 0.9,
            .spot_latency_minutes = 5.0,
            .shortfall_gbp_per_kwh = 6.0};
}

TEST(Arming, WaitsWhileTheForecastSharpensAndNothingIsLost) {
    const ArmingDecision decision = decide_arming(a_day_ahead());
    EXPECT_EQ(decision.choice, "wait");
    EXPECT_GT(decision.value_of_waiting_gbp, 0.0);
    EXPECT_LE(decision.cost_now_gbp, decision.cost_spot_gbp);
}

TEST(Arming, ArmsWhenTheNoticeFitsForTheLastTime) {
    ArmingInput input = a_day_ahead();
    input.minutes_to_window = 60.0;
    input.review_minutes = 45.0;
    const ArmingDecision decision = decide_arming(input);
    EXPECT_EQ(decision.choice, "arm");
    EXPECT_GT(decision.armed_kw, 50.0);  // more than is expected: what is missing is dear
}

TEST(Arming, ArmsWhenWhatIsOfferedGoesOrGrowsDearer) {
    ArmingInput gone = a_day_ahead();
    gone.later_share = 0.2;
    EXPECT_EQ(decide_arming(gone).choice, "arm");
    ArmingInput dearer = a_day_ahead();
    dearer.later_price_factor = 8.0;
    EXPECT_EQ(decide_arming(dearer).choice, "arm");
}

TEST(Arming, NeverArmsWhereTheSpotIsSureAndCheap) {
    ArmingInput input = a_day_ahead();
    input.spot_share = 1.0;
    input.spot_gbp_per_kwh = 0.22;
    const ArmingDecision decision = decide_arming(input);
    EXPECT_EQ(decision.armed_kw, 0.0);
    EXPECT_NE(decision.choice, "arm");
    input.spot_latency_minutes = 24.0 * 60.0 + 1.0;  // learnt: it never comes in time
    EXPECT_GT(decide_arming(input).armed_kw, 0.0);
}

TEST(Arming, CostsAreThoseOfDrawnNeeds) {
    const ArmingInput input = a_day_ahead();
    const ArmingDecision decision = decide_arming(input);
    const double rest = 0.9 * 0.45 + 0.1 * 6.0;
    const Random random(11);
    double now = 0.0;
    double other = 0.0;
    constexpr std::uint64_t draws = 200'000;
    for (std::uint64_t draw = 0; draw < draws; ++draw) {
        const double need = std::max(0.0, 50.0 + 40.0 * random.normal(0, draw));
        const auto bill = [&](double q) {
            return 0.05 * q + 0.20 * std::min(need, q) + rest * std::max(0.0, need - q);
        };
        now += bill(decision.armed_kw);
        other += bill(decision.armed_kw + 8.0);
    }
    EXPECT_NEAR(now / draws, decision.cost_now_gbp, 0.01 * decision.cost_now_gbp);
    EXPECT_LT(now, other);
}

TEST(Arming, KnowingMoreNeverCostsMore) {
    for (double spread = 40.0; spread > 5.0; spread -= 5.0) {
        ArmingInput blurred = a_day_ahead();
        blurred.spread_later_kw = spread;
        ArmingInput sharper = blurred;
        sharper.spread_later_kw = spread - 5.0;
        EXPECT_LE(decide_arming(sharper).cost_later_gbp, decide_arming(blurred).cost_later_gbp + 1e-6);
    }
    ArmingInput same = a_day_ahead();
    same.spread_later_kw = same.spread_now_kw;
    EXPECT_NEAR(decide_arming(same).value_of_waiting_gbp, 0.0, 0.01);
    EXPECT_EQ(decide_arming(same).choice, "arm");
}

}  // namespace
}  // namespace headroom::flex::test
