#include "flex/flex_plan.hpp"
#include "plan_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::flex::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

FlexPlan plan_of(const PlanInput& input) {
    Result<FlexPlan> made = make_plan(input);
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().message);
    return made ? std::move(made).value() : FlexPlan{};
}

TEST(ReliefPpm, CountsOnlyWhatFlowsOnTheLimitsPhase) {
    using grid::Phase;
    EXPECT_EQ(relief_ppm(Phase::l1, Phase::l1), 1'000'000);
    EXPECT_EQ(relief_ppm(Phase::l2, Phase::l1), 0);
    EXPECT_EQ(relief_ppm(Phase::sum, Phase::l3), 333'333);
    EXPECT_EQ(relief_ppm(Phase::l3, Phase::sum), 1'000'000);
    EXPECT_EQ(relief_ppm(Phase::sum, Phase::sum), 1'000'000);
    EXPECT_EQ(relief_ppm(Phase::sum, Phase::n), 0);
}

TEST(MakePlan, TakesTheCheapestOffersFirst) {
    PlanInput input = input_for({15'000, 15'000});
    input.offers = {offer("a", 10'000, 300), offer("b", 10'000, 100), offer("c", 10'000, 200)};

    const FlexPlan plan = plan_of(input);

    ASSERT_THAT(plan.lines, SizeIs(2));
    EXPECT_EQ(plan.lines[0].offer.id, "b");
    EXPECT_THAT(plan.lines[0].power_w.values, ElementsAre(10'000, 10'000));
    EXPECT_EQ(plan.lines[1].offer.id, "c");
    EXPECT_THAT(plan.lines[1].power_w.values, ElementsAre(5'000, 5'000));
    EXPECT_EQ(plan.lines[0].energy, 10'000_Wh);
    EXPECT_EQ(plan.cost, MicroPounds{2'000'000});  // 10 kWh at 0.10 and 5 kWh at 0.20
    EXPECT_EQ(plan.shortfall_peak, 0_W);
    EXPECT_THAT(plan.relief_w.values, ElementsAre(15'000, 15'000));
    EXPECT_EQ(plan.rule_set, "default@1");
    ASSERT_TRUE(plan.bound.has_value());
    EXPECT_EQ(plan.bound->value, 2'000'000);  // proven optimal
}

TEST(MakePlan, ListsTheAlternativesWithTheirCosts) {
    PlanInput input = input_for({10'000});
    Offer cheap = offer("cheap", 20'000, 100);
    cheap.reliability_ppm = 500'000;
    Offer sure = offer("sure", 10'000, 400);
    input.offers = {cheap, sure};

    const FlexPlan plan = plan_of(input);

    ASSERT_THAT(plan.alternatives, SizeIs(4));
    EXPECT_EQ(plan.alternatives[0].name, "do_nothing");
    EXPECT_EQ(plan.alternatives[0].shortfall_peak, 10'000_W);
    EXPECT_EQ(plan.alternatives[0].shortfall_energy, 5'000_Wh);
    EXPECT_EQ(plan.alternatives[1].name, "cheapest");
    EXPECT_EQ(plan.alternatives[1].cost, MicroPounds{1'000'000});  // 20 kW believed at half for half an hour
    EXPECT_EQ(plan.alternatives[2].name, "most_certain");
    EXPECT_EQ(plan.alternatives[2].cost, MicroPounds{2'000'000});
    EXPECT_EQ(plan.alternatives[3].name, "greedy");
    EXPECT_EQ(plan.chosen, "cheapest");
    EXPECT_THAT(plan.reasons.front(),
                HasSubstr("Cheapest cover of 10 kW for 17:00–17:30 UTC on L2 of LV-017"));
    EXPECT_THAT(plan.reasons.front(), HasSubstr("1 offer of 1 provider for 1.00 GBP"));
}

TEST(MakePlan, BuysTheMarginOfTheRules) {
    PlanInput input = input_for({10'000});
    input.rules.margin_ppm = 50'000;
    input.offers = {offer("a", 20'000)};

    const FlexPlan plan = plan_of(input);

    ASSERT_THAT(plan.lines, SizeIs(1));
    EXPECT_THAT(plan.lines[0].power_w.values, ElementsAre(10'500));
}

TEST(MakePlan, CountsABalancedDerByAThird) {
    PlanInput input = input_for({3'000});
    Offer balanced = offer("a", 30'000);
    balanced.phase = grid::Phase::sum;
    input.offers = {balanced};

    const FlexPlan plan = plan_of(input);

    ASSERT_THAT(plan.lines, SizeIs(1));
    EXPECT_THAT(plan.lines[0].power_w.values, ElementsAre(9'001));  // 9000 W would be 2 W short of 3 kW
    EXPECT_EQ(plan.shortfall_peak, 0_W);
}

TEST(MakePlan, SaysWhyAnOfferCannotBeUsed) {
    PlanInput input = input_for({10'000});
    Offer wrong_phase = offer("o1");
    wrong_phase.phase = grid::Phase::l1;
    Offer wrong_feeder = offer("o2");
    wrong_feeder.feeder = "LV-018";
    Offer turn_up = offer("o3");
    turn_up.turn_up = true;
    Offer slow = offer("o4");
    slow.notice = hours{3};
    Offer late = offer("o5");
    late.available_from = evening + hours{1};
    Offer unreliable = offer("o6");
    unreliable.reliability_ppm = 100'000;
    Offer long_run = offer("o7");
    long_run.duration_min = hours{1};
    Offer promised = offer("o8");
    input.rules.reliability_floor_ppm = 200'000;
    input.offers = {wrong_phase, wrong_feeder, turn_up, slow, late, unreliable, long_run, promised};
    input.reserved_w = {{}, {}, {}, {}, {}, {}, {}, {10'000}};

    const FlexPlan plan = plan_of(input);

    EXPECT_EQ(plan.chosen, "do_nothing");
    EXPECT_THAT(plan.lines, IsEmpty());
    EXPECT_EQ(plan.shortfall_peak, 10'000_W);
    EXPECT_THAT(plan.left_out,
                ElementsAre("o1: on L1, the limit is L2", "o2: is on feeder LV-018, the limit is on LV-017",
                            "o3: is turn-up, the limit needs turn-down",
                            "o4: not available in the window with a notice of 180 min",
                            "o5: not available in the window with a notice of 0 min",
                            "o6: reliability of 10 % is below the floor of 20 %",
                            "o7: needs a run of 2 half-hours, more than it has here",
                            "o8: its power is promised elsewhere"));
}

TEST(MakePlan, ExportLimitsBuyTurnUp) {
    PlanInput input = input_for({5'000});
    input.overload.limit.direction = grid::Direction::export_;
    Offer up = offer("up");
    up.turn_up = true;
    input.offers = {offer("down"), up};

    const FlexPlan plan = plan_of(input);

    ASSERT_THAT(plan.lines, SizeIs(1));
    EXPECT_EQ(plan.lines[0].offer.id, "up");
}

TEST(MakePlan, LeavesOutWhatIsPromisedElsewhere) {
    PlanInput input = input_for({8'000, 8'000});
    input.offers = {offer("a", 10'000)};
    input.reserved_w = {{6'000, 0}};

    const FlexPlan plan = plan_of(input);

    ASSERT_THAT(plan.lines, SizeIs(1));
    EXPECT_THAT(plan.lines[0].power_w.values, ElementsAre(4'000, 8'000));
    EXPECT_EQ(plan.shortfall_peak, 4'000_W);
    EXPECT_EQ(plan.shortfall_energy, 2'000_Wh);
    EXPECT_THAT(plan.reasons.front(), HasSubstr("Best part cover"));
}

TEST(MakePlan, KeepsWithinTheEnergyAndMovesItWhereNobodyElseCanHelp) {
    // The battery is cheapest but holds one half-hour's worth; the charger can only help in the first.
    PlanInput input = input_for({10'000, 10'000});
    Offer battery = offer("battery", 10'000, 100);
    battery.energy = 5'000_Wh;
    Offer charger = offer("charger", 10'000, 200);
    charger.available_until = evening + minutes{30};
    input.offers = {battery, charger};

    const FlexPlan plan = plan_of(input);

    ASSERT_THAT(plan.lines, SizeIs(2));
    EXPECT_THAT(plan.lines[0].power_w.values, ElementsAre(0, 10'000));
    EXPECT_THAT(plan.lines[1].power_w.values, ElementsAre(10'000, 0));
    EXPECT_EQ(plan.shortfall_peak, 0_W);
    EXPECT_EQ(plan.chosen, "cheapest");  // one offer after the other would waste the battery
    EXPECT_EQ(plan.alternatives[3].shortfall_peak, 10'000_W);
}

TEST(MakePlan, KeepsToTheLongestRun) {
    PlanInput input = input_for({10'000, 10'000, 10'000});
    Offer hour = offer("hour", 10'000, 100);
    hour.duration_max = hours{1};
    input.offers = {hour, offer("rest", 10'000, 300)};

    const FlexPlan plan = plan_of(input);

    ASSERT_THAT(plan.lines, SizeIs(2));
    EXPECT_EQ(plan.cost, MicroPounds{2'500'000});  // 10 kWh at 0.10, 5 kWh at 0.30
    EXPECT_EQ(plan.shortfall_peak, 0_W);
    EXPECT_EQ(plan.bound->value, 2'500'000);
}

TEST(MakePlan, RunsABlockAtOnePowerForItsMinimum) {
    PlanInput input = input_for({10'000, 2'000});
    Offer generator = offer("gen", 12'000, 100);
    generator.duration_min = hours{1};
    input.offers = {generator};

    const FlexPlan plan = plan_of(input);

    ASSERT_THAT(plan.lines, SizeIs(1));
    EXPECT_THAT(plan.lines[0].power_w.values, ElementsAre(12'000, 12'000));
}

TEST(MakePlan, PaysNoMoreThanTheNeedIsWorth) {
    PlanInput input = input_for({10'000});
    input.offers = {offer("a", 10'000, 7'000)};  // above the 6000 GBP/MWh of the rules

    const FlexPlan plan = plan_of(input);

    EXPECT_EQ(plan.chosen, "do_nothing");
    EXPECT_THAT(plan.reasons.front(), HasSubstr("no offer is worth its price"));
}

TEST(MakePlan, StaysWithinTheCostOfTheRules) {
    PlanInput input = input_for({10'000});
    input.rules.cost_max = MicroPounds{500'000};  // 2.5 kWh at 0.20
    input.offers = {offer("a", 10'000, 200)};

    const FlexPlan plan = plan_of(input);

    ASSERT_THAT(plan.lines, SizeIs(1));
    EXPECT_THAT(plan.lines[0].power_w.values,
                ElementsAre(5'001));  // half a watt-hour rounds to even: no more to pay
    EXPECT_EQ(plan.cost, MicroPounds{500'000});
    EXPECT_EQ(plan.shortfall_peak, 4'999_W);
}

TEST(MakePlan, PaysForBeingArmedToo) {
    PlanInput input = input_for({10'000});
    Offer armed = offer("a", 10'000, 200);
    armed.availability_per_mw_h = MicroPounds{8'000'000};
    input.offers = {armed};

    EXPECT_EQ(plan_of(input).cost, MicroPounds{1'040'000});  // 5 kWh at 0.20, and 0.01 MW for 0.5 h at 8.00
}

TEST(MakePlan, UsesTheHalfHourThatRunsAlready) {
    PlanInput input = input_for({10'000, 10'000});
    input.now = evening + minutes{10};
    Offer quick = offer("quick");
    quick.notice = minutes{5};
    Offer slow = offer("slow");
    slow.notice = minutes{25};
    input.offers = {quick};
    EXPECT_THAT(plan_of(input).lines[0].power_w.values, ElementsAre(10'000, 10'000));

    input.offers = {slow};  // 17:35 is after the first half-hour and after the beginning of the second
    EXPECT_EQ(plan_of(input).chosen, "do_nothing");
}

TEST(MakePlan, SellsADerOnce) {
    PlanInput input = input_for({15'000});
    Offer dear = offer("dear", 10'000, 300);
    Offer cheap = offer("cheap", 10'000, 200);
    cheap.provider = "p2";
    cheap.der = dear.der;
    input.offers = {dear, cheap};

    const FlexPlan plan = plan_of(input);

    ASSERT_THAT(plan.lines, SizeIs(1));
    EXPECT_EQ(plan.lines[0].offer.id, "cheap");
    EXPECT_THAT(plan.left_out, ElementsAre("dear: der-dear is offered cheaper as cheap of p2"));
}

TEST(MakePlan, DoesNotDependOnTheOrderOfTheOffers) {
    PlanInput input = input_for({25'000, 12'000});
    for (int i = 0; i < 6; ++i) {
        input.offers.push_back(offer("o" + std::to_string(i), 4'000 + i * 1'000, 200 + i % 3 * 50));
    }
    const std::string first = plan_sha256(plan_of(input));
    std::reverse(input.offers.begin(), input.offers.end());
    EXPECT_EQ(plan_sha256(plan_of(input)), first);
}

TEST(MakePlan, RefusesInputsThatContradictThemselves) {
    PlanInput twice = input_for({1'000});
    twice.offers = {offer("a"), offer("a")};
    EXPECT_EQ(make_plan(twice).error().code, Errc::invalid);
    EXPECT_THAT(make_plan(twice).error().message, HasSubstr("offer a of p1 stands twice"));

    PlanInput no_need = input_for({});
    EXPECT_EQ(make_plan(no_need).error().code, Errc::invalid);

    PlanInput negative = input_for({-1});
    EXPECT_EQ(make_plan(negative).error().code, Errc::invalid);

    PlanInput powerless = input_for({1'000});
    powerless.offers = {offer("a", 0)};
    EXPECT_THAT(make_plan(powerless).error().message, HasSubstr("offer a of p1: power of 0 W"));

    PlanInput unparallel = input_for({1'000});
    unparallel.offers = {offer("a")};
    unparallel.reserved_w = {{0}, {0}};
    EXPECT_THAT(make_plan(unparallel).error().message, HasSubstr("not parallel"));

    PlanInput off_grid = input_for({1'000});
    off_grid.overload.need.start += minutes{5};
    EXPECT_THAT(make_plan(off_grid).error().message, HasSubstr("half-hour"));
}

TEST(MakePlan, AHighVoltageLimitIsRelievedByOffersOfTheFeedersBelowIt) {
    PlanInput input = input_for({20'000}, grid::Phase::sum);
    input.overload.feeder = "HV-1";
    input.overload.limit.asset = "HV-1";
    input.feeders_below = {"LV-016", "LV-017"};
    Offer elsewhere = offer("c");
    elsewhere.feeder = "LV-018";
    Offer other_phase = offer("b");
    other_phase.feeder = "LV-016";
    other_phase.phase = grid::Phase::l3;
    input.offers = {offer("a"), other_phase, elsewhere};

    const Result<FlexPlan> plan = make_plan(input);
    ASSERT_TRUE(plan.has_value()) << plan.error().message;
    ASSERT_EQ(plan->lines.size(), 2U);
    EXPECT_EQ(plan->relief_w.values, (std::vector<std::int64_t>{20'000}));
    ASSERT_EQ(plan->left_out.size(), 1U);
    EXPECT_EQ(plan->left_out.front(), "c: is on feeder LV-018, the limit is on HV-1");

    const Result<PlanInput> read = plan_input_from_json(to_json(input));
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->feeders_below, input.feeders_below);
    input.feeders_below = {"LV-017", "LV-016"};
    EXPECT_FALSE(make_plan(input).has_value());
}

}  // namespace
}  // namespace headroom::flex::test
