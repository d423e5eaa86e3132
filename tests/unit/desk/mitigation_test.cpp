#include "desk/mitigation.hpp"

#include <gmock/gmock.h>

namespace headroom::desk {
namespace {

using testing::HasSubstr;

const UtcTime peak_at = parse_utc("2027-07-14T17:30:00Z").value();

RiskAtAsset risk() {
    return {.asset = "LDN-1",
            .name = "Camden",
            .type = "substation",
            .level = "CRITICAL",
            .capacity = Watts{1'000'000},
            .peak = Watts{1'250'000},
            .at = peak_at};
}

flex::Offer offer_at_peak(const std::string& id, grid::DerClass der_class, std::int64_t kw,
                          std::int64_t price) {
    flex::Offer out;
    out.provider = "p-" + id;
    out.id = id;
    out.der = "DER-" + id;
    out.der_class = der_class;
    out.feeder = "LDN-1";
    out.power = Watts{kw * 1'000};
    out.available_from = peak_at - hours{2};
    out.available_until = peak_at + hours{4};
    out.utilisation = MicroPoundsPerMwh{price};
    out.reliability_ppm = 900'000;
    return out;
}

flex::PlanInput input_for(std::vector<flex::Offer> offers) {
    flex::PlanInput input;
    input.overload.event = EventId{"buy-20270714-abcdefgh"};
    input.overload.feeder = "LDN-1";
    input.overload.limit.asset = "LDN-1";
    input.overload.limit.value = 1'000;
    input.overload.start = peak_at;
    input.overload.end = peak_at + hours{1};
    input.overload.need = {peak_at, {300'000, 300'000}};
    input.now = peak_at - hours{1};
    input.rules.margin_ppm = 0;
    input.offers = std::move(offers);
    return input;
}

TEST(Mitigation, TheReliefGoesDownToBelowMedium) {
    EXPECT_EQ(relief_needed(risk()), Watts{300'000});
    RiskAtAsset unmeasured = risk();
    unmeasured.peak = std::nullopt;
    EXPECT_EQ(relief_needed(unmeasured), Watts{250'000}) << "critical is above 120 %";
    unmeasured.level = "HIGH";
    EXPECT_EQ(relief_needed(unmeasured), Watts{100'000});
    unmeasured.level = "LOW";
    EXPECT_EQ(relief_needed(unmeasured), Watts{0});
    RiskAtAsset small = risk();
    small.peak = Watts{950'000};
    EXPECT_EQ(relief_needed(small), Watts{0});
}

TEST(Mitigation, OneActionForEachClassThatThePlanUses) {
    const flex::PlanInput input =
        input_for({offer_at_peak("b1", grid::DerClass::battery, 200, 100'000'000),
                   offer_at_peak("e1", grid::DerClass::ev_charger, 200, 200'000'000)});
    const Result<flex::FlexPlan> plan = flex::make_plan(input);
    ASSERT_TRUE(plan.has_value());
    const Mitigation found = mitigate_one(risk(), input, plan);
    ASSERT_EQ(found.actions.size(), 2U);
    EXPECT_EQ(found.actions[0].text("/action_type"), "dispatch_battery_discharge");
    EXPECT_EQ(found.actions[1].text("/action_type"), "reduce_ev_load");
    for (const json::Value& action : found.actions) {
        EXPECT_EQ(action.text("/asset_id"), "LDN-1");
        EXPECT_EQ(action.text("/urgency"), "high");
        EXPECT_EQ(action.text("/target_time"), "2027-07-14T17:30:00.000Z");
        EXPECT_TRUE(action.boolean("/is_offered"));
        EXPECT_THAT(action.text("/justification"), HasSubstr("Camden is projected at 125 % of 1000 kW"));
    }
    EXPECT_EQ(found.cost, plan->cost);
    EXPECT_GE(found.alternatives.size(), 3U);
}

TEST(Mitigation, WhatNobodyOffersIsSaidAndNotPricedAway) {
    const flex::PlanInput input = input_for({});
    const Mitigation found = mitigate_one(risk(), input, flex::make_plan(input));
    ASSERT_EQ(found.actions.size(), 1U);
    EXPECT_EQ(found.actions[0].text("/action_type"), "deploy_mobile_generator");
    EXPECT_FALSE(found.actions[0].boolean("/is_offered", true));
    EXPECT_TRUE(found.actions[0].get("cost_gbp")->is_null());
    EXPECT_THAT(found.actions[0].text("/justification"), HasSubstr("nobody offers anything"));
    EXPECT_EQ(found.expected, Watts{0});
}

TEST(Mitigation, UrgencyAndTheUsualActionFollowLevelAndType) {
    EXPECT_EQ(urgency_of("CRITICAL"), "high");
    EXPECT_EQ(urgency_of("MEDIUM"), "medium");
    EXPECT_EQ(urgency_of("LOW"), "low");
    EXPECT_EQ(usual_action("ev_hub"), "reduce_ev_load");
    EXPECT_EQ(usual_action("battery"), "dispatch_battery_discharge");
    EXPECT_EQ(usual_action("building"), "shift_hvac_load");
    EXPECT_EQ(usual_action("substation"), "deploy_mobile_generator");
}

}  // namespace
}  // namespace headroom::desk
