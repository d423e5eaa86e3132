// Rotation, carbon and rebound weigh in the plans of live events.
#include "event_fixture.hpp"
#include "flex/event_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace headroom::flex::test {
namespace {

using ::testing::HasSubstr;

TEST(EventPlan, RotationCountsWhoWasAskedOfLateAsDearer) {
    const std::vector<Offer> offers{offer("A", 10'000, 200), offer("B", 10'000, 220)};
    const std::string rules = rule("TURN", "action = \"rotate\"\ngbp_per_kwh = 0.03");
    EventPlanInput input = event_for({8'000}, offers, rules);
    EXPECT_EQ(asked(planned(input)), std::vector<std::string>{"A"}) << "nobody was asked before";
    EXPECT_EQ(planned(input).plan.chosen, "cheapest");
    EXPECT_TRUE(planned(input).notes.weights.empty());

    input.facts.rules.starts = {{"TURN", "der-A", 2}};
    const EventPlan turned = planned(input);
    EXPECT_EQ(asked(turned), std::vector<std::string>{"B"}) << "0.20 and twice 0.03 against 0.22";
    EXPECT_EQ(turned.plan.chosen, "weighed");
    EXPECT_EQ(turned.plan.cost, MicroPounds{880'000}) << "4 kWh at the offer's price: the weight is not paid";
    ASSERT_EQ(turned.notes.weights.size(), 1U);
    EXPECT_EQ(turned.notes.weights[0].der_id, "der-A");
    EXPECT_EQ(turned.notes.weights[0].rotation_micro_gbp_per_kwh, 60'000);
    const auto names_the_rule = [](const RuleUse& use) {
        return use.rule == "TURN" && use.detail.find("asked 2 times of late") != std::string::npos;
    };
    EXPECT_TRUE(std::ranges::any_of(turned.notes.rules, names_the_rule));
    EXPECT_THAT(turned.plan.reasons[2], HasSubstr("By price alone it would cost 0.08 GBP less"));
}

TEST(EventPlan, ThePriceOfCarbonChoosesTheCleanerOffer) {
    Offer engine = offer("ENGINE", 10'000, 200);
    engine.der_class = grid::DerClass::generator;
    Offer store = offer("STORE", 10'000, 220);
    store.der_class = grid::DerClass::battery;
    const std::string carbon =
        "[[carbon]]\nkind = \"generator\"\ng_per_kwh = 600.0\n"
        "[[carbon]]\nkind = \"battery\"\ng_per_kwh = 100.0\n";
    EXPECT_EQ(asked(planned(event_for({8'000}, {engine, store}, carbon))),
              std::vector<std::string>{"ENGINE"});
    const EventPlan clean =
        planned(event_for({8'000}, {engine, store}, "carbon_gbp_per_tonne = 80.0\n" + carbon));
    EXPECT_EQ(asked(clean), std::vector<std::string>{"STORE"}) << "500 g at 80 GBP/t are 0.04 GBP/kWh";
    ASSERT_EQ(clean.notes.weights.size(), 2U);
    EXPECT_EQ(clean.notes.weights[0].carbon_micro_gbp_per_kwh, 48'000);
    EXPECT_EQ(clean.notes.weights[1].carbon_micro_gbp_per_kwh, 8'000);
    EXPECT_EQ(std::ranges::find(clean.notes.ways, "cheapest", &EventWay::name)->asked,
              std::vector<std::string>{"der-ENGINE"});
    EXPECT_EQ(std::ranges::find(clean.notes.ways, "weighed", &EventWay::name)->asked,
              std::vector<std::string>{"der-STORE"});
}

TEST(EventPlan, WhatComesBackMustFindRoomAfterTheRelease) {
    Offer pump = offer("PUMP", 10'000, 200);
    pump.der_class = grid::DerClass::heat_pump;
    Offer store = offer("STORE", 10'000, 260);
    store.der_class = grid::DerClass::battery;
    const std::string rules =
        "[[rebound]]\nkind = \"heat_pump\"\nshare = 0.6\nminutes = 60\nreason = \"field trial\"\n";
    EventPlanInput input = event_for({8'000, 8'000}, {pump, store}, rules);
    EXPECT_EQ(asked(planned(input)), std::vector<std::string>{"PUMP"}) << "the room is not known";
    input.facts.room = ReboundRoom{.headroom_w = {0, 0, 20'000, 20'000}, .source = "the forecast"};
    const EventPlan wide = planned(input);
    EXPECT_EQ(asked(wide), std::vector<std::string>{"PUMP"});
    EXPECT_TRUE(std::ranges::any_of(wide.notes.rules, [](const RuleUse& use) {
        return use.rule == "rebound" && use.detail.find("within what is free") != std::string::npos;
    }));

    input.facts.room->headroom_w = {0, 0, 1'000, 20'000};
    const EventPlan tight = planned(input);
    EXPECT_EQ(asked(tight).back(), "STORE");
    std::int64_t last_w = 0;
    for (const PlanLine& line : tight.plan.lines) {
        last_w += line.offer.id == "PUMP" ? line.power_w.values[1] : 0;
    }
    EXPECT_LE(last_w * 6 / 10, 1'000)
        << "what the pump still gives in the last half-hour comes back after it";
    EXPECT_EQ(tight.plan.shortfall_peak, Watts{});
    ASSERT_EQ(tight.notes.weights.size(), 1U);
    EXPECT_EQ(tight.notes.weights[0].rebound_ppm, 600'000);
    EXPECT_EQ(tight.notes.weights[0].rebound_minutes, 60);

    input.base.offers = {pump};  // nobody else: to leave the need open would be worse
    const EventPlan only = planned(input);
    EXPECT_EQ(asked(only), std::vector<std::string>{"PUMP"});
    EXPECT_TRUE(std::ranges::any_of(only.notes.rules, [](const RuleUse& use) {
        return use.rule == "rebound" && use.detail.find("more than is free") != std::string::npos;
    }));
}

TEST(EventPlan, AWeightNeverLeavesMoreUncovered) {
    // Dear by weight, and the only one large enough: it is asked all the same.
    EventPlanInput input = event_for({15'000}, {offer("A", 10'000, 200), offer("B", 10'000, 220)},
                                     rule("TURN", "action = \"rotate\"\ngbp_per_kwh = 9.0"));
    input.facts.rules.starts = {{"TURN", "der-A", 3}};
    EXPECT_EQ(asked(planned(input)), (std::vector<std::string>{"A", "B"}));
    EXPECT_EQ(planned(input).plan.shortfall_peak, Watts{});
}

}  // namespace
}  // namespace headroom::flex::test
