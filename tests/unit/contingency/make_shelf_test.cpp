#include "contingency/make_shelf.hpp"

#include "unit/contingency/shelf_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::contingency {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Two feeders of 300 kW under a substation each.
const std::string pair =
    "substation,S-1,,,,,800,secondary,,\n"
    "substation,S-2,,,,,800,secondary,,\n"
    "feeder,F-1,S-1,Mill Lane,,,300,domestic,,\n"
    "feeder,F-2,S-2,High Street,,,300,domestic,,\n"
    "der,D-1,F-2,,,,30,battery,L1,\n";
/// They meet at a link box.
const std::string box = "tie,T-1,F-1|F-2,,,,200,remote:2,,\n";

TEST(PlanLoss, MovesEverythingWhereThereIsRoom) {
    ShelfWorld world(pair + box);
    world.build();
    world.load("F-1", {40, 40, 40});
    world.load("F-2", {50, 50, 50});
    const ShelfPlan plan = world.plan("F-1");
    EXPECT_EQ(plan.cover, Cover::covered) << plan.reason;
    EXPECT_EQ(plan.interrupted_peak_w, 120'000);
    EXPECT_EQ(plan.unrestored_peak_w, 0);
    EXPECT_EQ(plan.unserved_wh, 4'000);  // 120 kW for two minutes
    ASSERT_EQ(plan.switching.size(), 1U);
    EXPECT_EQ(plan.switching[0].tie, "T-1");
    EXPECT_EQ(plan.switching[0].from, "F-1");
    EXPECT_EQ(plan.switching[0].to, "F-2");
    EXPECT_EQ(plan.switching[0].share_ppm, 1'000'000);
    EXPECT_EQ(plan.switching[0].close_after_minutes, 2);
    ASSERT_EQ(plan.receivers.size(), 2U);  // the feeder, and the substation above it
    EXPECT_EQ(plan.receivers[0].element, "F-2");
    EXPECT_EQ(plan.receivers[0].before_w[3], 50'000);
    EXPECT_EQ(plan.receivers[0].after_w[3], 90'000);
    EXPECT_EQ(plan.receivers[0].limit_w, 100'000);
    EXPECT_EQ(plan.receivers[0].peak_ppm, 900'000);
    EXPECT_FALSE(plan.receivers[0].time_to_limit_minutes);
    EXPECT_EQ(plan.receivers[1].element, "S-2");
    EXPECT_EQ(plan.receivers[1].limits.at(0).kind, "nameplate");
    EXPECT_TRUE(plan.orders.empty());
    EXPECT_EQ(plan.mode, "act");
}

TEST(PlanLoss, TheWorstPhaseSaysHowMuchReliefItTakes) {
    ShelfWorld world(pair + box);
    world.build();
    world.load("F-1", {40, 10, 10});
    world.load("F-2", {80, 10, 10});  // 20 kW of room on L1, for 40
    world.der("F-2", "D-1", 0, 40);
    const ShelfPlan plan = world.plan("F-1");
    EXPECT_EQ(plan.cover, Cover::covered) << plan.reason;
    ASSERT_EQ(plan.orders.size(), 1U);
    EXPECT_EQ(plan.orders[0].feeder, "F-2");
    EXPECT_EQ(plan.orders[0].phase, "L1");
    EXPECT_NEAR(static_cast<double>(plan.orders[0].peak_w()), 20'000.0, 50.0);
    EXPECT_THAT(plan.orders[0].ders, ElementsAre("D-1"));
    EXPECT_EQ(plan.orders[0].authority, "act") << plan.orders[0].authority_reason;
    EXPECT_EQ(plan.orders[0].guard, "pass");
    EXPECT_EQ(plan.receivers[0].time_to_limit_minutes, 2);
}

TEST(PlanLoss, WithoutReliefOnThePhaseOnlyAPartMoves) {
    ShelfWorld world(pair + box);
    world.build();
    world.load("F-1", {10, 40, 10});
    world.load("F-2", {10, 80, 10});
    world.der("F-2", "D-1", 0, 50);  // on L1, where it does not help
    const ShelfPlan plan = world.plan("F-1");
    EXPECT_EQ(plan.cover, Cover::partly) << plan.reason;
    EXPECT_NEAR(static_cast<double>(plan.unrestored_peak_w), 30'000.0, 100.0);  // half of 60 kW
    EXPECT_TRUE(plan.orders.empty());
    EXPECT_LE(plan.receivers[0].peak_ppm, 1'000'000);
}

TEST(PlanLoss, TheTieItselfIsALimit) {
    ShelfWorld world(pair + "tie,T-1,F-1|F-2,,,,30,remote,,\n");
    world.build();
    world.load("F-1", {20, 20, 20});
    world.load("F-2", {10, 10, 10});
    const ShelfPlan plan = world.plan("F-1");
    EXPECT_EQ(plan.cover, Cover::partly);
    EXPECT_LE(plan.switching.at(0).peak_w, 30'000);
    EXPECT_GE(plan.switching.at(0).peak_w, 29'900);
}

TEST(PlanLoss, SaysWhyNothingCanMove) {
    ShelfWorld world(pair + box);
    world.build();
    world.load("F-1", {20, 20, 20});
    world.load("F-2", {99.9, 99.9, 99.9});
    const ShelfPlan full = world.plan("F-1");
    EXPECT_EQ(full.cover, Cover::uncovered);
    EXPECT_THAT(full.reason, HasSubstr("T-1: F-2 would carry 100 kW of 100 kW on L"));
    world.load("F-2", {10, 10, 10});
    world.set("F-2", grid::OperationalState::permit);
    EXPECT_THAT(world.plan("F-1").reason, HasSubstr("F-2 is permit"));
    EXPECT_THAT(world.plan("S-1").reason, HasSubstr("F-2 is permit"));
    world.set("F-1", grid::OperationalState::outage);
    EXPECT_FALSE(world.plan("F-1").is_energised);
    EXPECT_THAT(world.plan("F-1").reason, HasSubstr("out of service already"));
}

TEST(PlanLoss, AnElementWithoutTiesIsUncovered) {
    ShelfWorld world(pair);
    world.build();
    world.load("F-1", {20, 20, 20});
    const ShelfPlan plan = world.plan("F-1");
    EXPECT_EQ(plan.cover, Cover::uncovered);
    EXPECT_THAT(plan.reason, HasSubstr("no tie leads from it"));
    EXPECT_EQ(plan.unrestored_wh, 360'000);
    EXPECT_THAT(world.plan("F-2").reason, HasSubstr("nothing is known"));
}

TEST(PlanLoss, ASubstationMovesThroughTheTiesOfItsFeeders) {
    ShelfWorld world(pair + "feeder,F-3,S-1,,,,300,,,\n" + box);
    world.build();
    world.load("F-1", {20, 20, 20});
    world.load("F-2", {10, 10, 10});
    world.load("F-3", {5, 5, 5});
    const ShelfPlan plan = world.plan("S-1");
    EXPECT_EQ(plan.interrupted_peak_w, 75'000);
    EXPECT_EQ(plan.cover, Cover::partly);
    EXPECT_EQ(plan.unrestored_peak_w, 15'000);  // of F-3, from which no tie leads
    EXPECT_EQ(plan.switching.at(0).from, "F-1");
}

TEST(PlanLoss, WhatCarriesTheLoadAnywayIsNotLoadedTwice) {
    ShelfWorld world(
        "substation,S-1,,,,,100,secondary,,\n"
        "feeder,F-1,S-1,,,,300,,,\n"
        "feeder,F-2,S-1,,,,300,,,\n" +
        box);
    world.build();
    world.load("F-1", {20, 20, 20});
    world.load("F-2", {10, 10, 10});
    const ShelfPlan plan = world.plan("F-1");
    EXPECT_EQ(plan.cover, Cover::covered);
    ASSERT_EQ(plan.receivers.size(), 1U);  // S-1 carries 90 of its 100 kW before and after
    EXPECT_EQ(plan.receivers[0].element, "F-2");
}

TEST(PlanLoss, ManualSwitchingTakesItsTime) {
    ShelfWorld world(pair + "tie,T-1,F-1|F-2,,,,200,manual:45,,\n");
    world.build();
    world.load("F-1", {20, 20, 20});
    world.load("F-2", {10, 10, 10});
    const ShelfPlan plan = world.plan("F-1");
    EXPECT_EQ(plan.cover, Cover::covered);
    EXPECT_EQ(plan.unserved_wh, 45'000);
    EXPECT_EQ(plan.receivers[0].after_w[0], 10'000);  // not in the first half-hour
    EXPECT_EQ(plan.receivers[0].after_w[1], 30'000);
}

TEST(PlanLoss, SlowReliefDelaysTheSwitching) {
    ShelfWorld world(pair + box);
    world.build();
    world.load("F-1", {40, 10, 10});
    world.load("F-2", {80, 10, 10});
    world.der("F-2", "D-1", 0, 40, 10);
    const ShelfPlan plan = world.plan("F-1");
    EXPECT_EQ(plan.cover, Cover::covered) << plan.reason;
    EXPECT_EQ(plan.switching.at(0).close_after_minutes, 10);
    EXPECT_TRUE(plan.switching.at(0).waits_for_orders);
}

TEST(PlanLoss, ArmedContractsComeFirst) {
    ShelfWorld world(pair + box);
    world.build();
    world.load("F-1", {40, 10, 10});
    world.load("F-2", {80, 10, 10});
    world.der("F-2", "D-1", 0, 40);
    ArmedRelief armed{.event = "ev-1", .phase = 0};
    armed.relief_w.fill(15'000);
    world.state.elements[world.at("F-2")].armed.push_back(armed);
    const ShelfPlan plan = world.plan("F-1");
    ASSERT_EQ(plan.orders.size(), 2U);
    EXPECT_EQ(plan.orders[0].event, "ev-1");
    EXPECT_EQ(plan.orders[0].peak_w(), 15'000);
    EXPECT_EQ(plan.orders[1].event, "");
    EXPECT_NEAR(static_cast<double>(plan.orders[1].peak_w()), 5'000.0, 50.0);
    EXPECT_THAT(plan.orders[1].ders, ElementsAre("D-1"));
}

TEST(PlanLoss, EmergencyRatingsSayHowLongThereIs) {
    ShelfWorld world(pair + box);
    ASSERT_TRUE(world.network.add(grid::Limit{.asset = "F-2",
                                              .phase = grid::Phase::l1,
                                              .kind = grid::LimitKind::emergency,
                                              .emergency_minutes = 30,
                                              .value = 130.0,
                                              .source = "study"}));
    world.build();
    world.load("F-1", {40, 10, 10});
    world.load("F-2", {80, 10, 10});
    world.der("F-2", "D-1", 0, 40);
    const ShelfPlan plan = world.plan("F-1");
    ASSERT_EQ(plan.receivers.at(0).limits.size(), 2U);
    EXPECT_EQ(plan.receivers[0].limits[1].kind, "emergency");
    EXPECT_EQ(plan.receivers[0].limits[1].allowed_minutes, 30);
    EXPECT_FALSE(plan.receivers[0].limits[1].reached_after_minutes);
    EXPECT_EQ(plan.receivers[0].time_to_limit_minutes, 2);
    EXPECT_EQ(plan.receivers[0].time_to_act_minutes, 32);
}

TEST(PlanLoss, WhatTheGuardWouldRefuseIsNotCountedOn) {
    ShelfWorld world(pair + box);
    world.build();
    world.load("F-1", {40, 10, 10});
    world.load("F-2", {80, 10, 10});
    world.der("F-2", "D-1", 0, 40);
    world.state.guard.protected_ders = {"D-1"};
    EXPECT_EQ(world.plan("F-1").cover, Cover::partly);
    world.state.guard.protected_ders.clear();
    world.state.elements[world.at("F-2")].state.held_by_engineer = true;
    const ShelfPlan held = world.plan("F-1");
    EXPECT_EQ(held.cover, Cover::partly);  // its engineer may still switch; its DERs are not asked
    EXPECT_TRUE(held.orders.empty());
}

TEST(PlanLoss, WithoutAnEnvelopeAPersonDecides) {
    ShelfWorld world(pair + box);
    world.build();
    world.load("F-1", {40, 10, 10});
    world.load("F-2", {80, 10, 10});
    world.der("F-2", "D-1", 0, 40);
    world.state.envelopes.clear();
    const ShelfPlan plan = world.plan("F-1");
    EXPECT_EQ(plan.mode, "propose");
    EXPECT_EQ(plan.orders.at(0).authority, "propose");
    EXPECT_THAT(plan.orders[0].authority_reason, HasSubstr("no envelope covers this"));
}

TEST(PlanLoss, OutsideItsExperienceItProposesAndOffersPathways) {
    ShelfWorld world(pair + box);
    world.build();
    world.load("F-1", {20, 20, 20});
    world.load("F-2", {60, 60, 60});
    EXPECT_TRUE(world.plan("F-1").pathways.empty());
    world.state.conditions = {.outdoor_milli_c = -9'500,
                              .learnt_low_milli_c = -4'000,
                              .learnt_high_milli_c = 31'000,
                              .network_changed_at = world.now,
                              .learnt_until = world.now - hours{24},
                              .feeders_over_limit = 5};
    world.state.elements[world.at("F-2")].over_band_w = 12'000;
    const ShelfPlan plan = world.plan("F-1");
    EXPECT_EQ(plan.cover, Cover::covered);
    EXPECT_EQ(plan.mode, "propose");
    ASSERT_EQ(plan.doubts.size(), 4U);
    EXPECT_THAT(plan.doubts[0].detail, HasSubstr("-9.5 °C is expected; nothing below -4.0 °C"));
    EXPECT_EQ(plan.doubts[1].doubt, Doubt::topology);
    EXPECT_EQ(plan.doubts[2].doubt, Doubt::several_over);
    EXPECT_EQ(plan.doubts[3].doubt, Doubt::residuals);
    EXPECT_THAT(plan.doubts[3].detail, HasSubstr("F-2 carries 12 kW more"));
    ASSERT_EQ(plan.pathways.size(), 3U);
    for (const Pathway& pathway : plan.pathways) {
        EXPECT_FALSE(pathway.assumes.empty());
    }
    EXPECT_EQ(plan.pathways[0].restored_peak_w, 60'000);
    EXPECT_EQ(plan.pathways[1].closes.size(), 1U);  // remote, and it fits with 15 % more
    EXPECT_EQ(plan.pathways[2].restored_peak_w, 0);
    EXPECT_EQ(plan.pathways[2].unserved_wh, 360'000);
}

TEST(MakeShelf, RanksTheUncoveredFirstAndTheHeaviestOfThese) {
    ShelfWorld world(pair + "feeder,F-3,S-1,,,,300,,,\nfeeder,F-4,S-1,,,,300,,,\n" + box);
    world.build();
    world.load("F-1", {20, 20, 20});
    world.load("F-2", {10, 10, 10});
    world.load("F-3", {5, 5, 5});
    world.load("F-4", {6, 6, 6});
    std::vector<std::string> order;
    for (const ShelfPlan& plan : world.plans()) {
        order.push_back(plan.element);
    }
    EXPECT_THAT(order, ElementsAre("F-4", "F-3", "S-1", "F-1", "F-2", "S-2"));
    world.state.elements[world.at("F-3")].customers = 100;
    EXPECT_EQ(world.plans().front().element, "F-3");
}

}  // namespace
}  // namespace headroom::contingency
