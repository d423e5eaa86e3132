#include "desk/plans.hpp"

#include "unit/desk/instants.hpp"

#include <gtest/gtest.h>

namespace headroom::desk {
namespace {

using test::january_noon;

AskedPlan asked() {
    flex::PlanRequest request;
    request.now = january_noon - hours{1};
    request.need = {
        .feeder_id = "F-1", .start = january_noon, .step_minutes = 30, .required_kw = {10.0, 30.0}};
    request.ders = {{.der_id = "BAT",
                     .provider = "acme",
                     .kind = "battery",
                     .max_kw = 20.0,
                     .price_gbp_per_kwh = 0.2,
                     .sensitivity = 0.5},
                    {.der_id = "LATE", .kind = "ev", .max_kw = 20.0, .notice_minutes = 600.0}};
    request.shortfall_gbp_per_kwh = 6.0;
    const Result<flex::SchedulePlan> plan = flex::make_schedule_plan(request);
    HEADROOM_ASSERT(plan.has_value());
    return {.plan = *plan,
            .need = request.need,
            .asked = {request.ders[0]},
            .notice_from = *request.now,
            .asked_at = january_noon,
            .made_at = january_noon};
}

TEST(AskedPlan, IsAnsweredInTheWordsOfAllPlans) {
    const WholePlan whole = whole_plan(asked());
    EXPECT_EQ(whole.plan.kind, "asked");
    EXPECT_EQ(whole.plan.state, "dry_run");
    EXPECT_EQ(whole.plan.status, "partial");
    EXPECT_EQ(whole.plan.feeder_id, "F-1");
    EXPECT_EQ(whole.plan.end, january_noon + hours{1});
    ASSERT_EQ(whole.plan.actions.size(), 1U);
    EXPECT_EQ(whole.plan.actions[0].der_id, "BAT");
    EXPECT_DOUBLE_EQ(whole.plan.actions[0].price_gbp_per_mwh, 200.0);
    EXPECT_DOUBLE_EQ(whole.plan.actions[0].relief_peak_kw, 10.0);  // half of its 20 kW reach the limit
    ASSERT_EQ(whole.plan.refused.size(), 1U);
    EXPECT_EQ(whole.plan.refused[0].der_id, "LATE");
    EXPECT_FALSE(whole.plan.refused[0].reason.empty());
}

TEST(AskedPlan, SaysWhatStaysOpen) {
    const WholePlan whole = whole_plan(asked());
    EXPECT_DOUBLE_EQ(whole.plan.shortfall_kw, 20.0);
    ASSERT_EQ(whole.detail.shortfall.size(), 2U);
    EXPECT_DOUBLE_EQ(whole.detail.shortfall[1].kw, 20.0);
    ASSERT_EQ(whole.detail.constraints.size(), 1U);
    EXPECT_DOUBLE_EQ(whole.detail.constraints[0].covered_share, 0.5);  // 20 of 40 kW half-hours
    EXPECT_FALSE(whole.detail.fan.has_value());
    EXPECT_FALSE(whole.detail.residual.probability_with.has_value());
    EXPECT_FALSE(whole.detail.would_help.empty());
}

TEST(PlaceOf, ReadsEventAndRound) {
    const std::optional<PlanPlace> place = place_of("ev-20270114-a.b.3");
    ASSERT_TRUE(place.has_value());
    EXPECT_EQ(place->event.value, "ev-20270114-a.b");
    EXPECT_EQ(place->round, 3);
    for (const char* wrong : {"", "ev-1", "ev-1.", "ev-1.0", "ev-1.x", "ev-1.1x"}) {
        EXPECT_FALSE(place_of(wrong).has_value()) << wrong;
    }
}

TEST(WholePlan, IsOneObjectWithTheMembersOfBoth) {
    const json::Value whole(to_json(whole_plan(asked())));
    for (const char* member : {"plan_id", "actions", "refused", "constraints", "binding", "residual",
                               "ladder", "rule_refs", "copilot", "fan"}) {
        EXPECT_NE(whole.get(member), nullptr) << member;
    }
}

}  // namespace
}  // namespace headroom::desk
