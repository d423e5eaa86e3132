// Plans of live events under the operator's rules, and by which engine.
#include "flex/event_plan.hpp"
#include "event_fixture.hpp"
#include "flex/plan_turns.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace headroom::flex::test {
namespace {

using ::testing::HasSubstr;

TEST(EventPlan, IsThatOfMakePlanWithoutRules) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        const EventPlanInput input = drawn(seed, 6, 3);
        const EventPlan plan = planned(input);
        ASSERT_EQ(plan.notes.engine, "exact") << "seed " << seed;
        EXPECT_EQ(plan_sha256(plan.plan), plan_sha256(*make_plan(input.base))) << "seed " << seed;
    }
}

TEST(EventPlan, BothEnginesAgreeOnSmallNeeds) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        const EventPlanInput input = drawn(seed, 6, 3);
        const Result<PlannedCovers> exact = plan_covers(input.base, {});
        ASSERT_TRUE(exact.has_value());
        const std::optional<ScheduledCover> other = cover_by_schedule(exact->problem, input.base);
        ASSERT_TRUE(other.has_value());
        const std::int64_t best = exact->best.objective();
        // A watt that stays open through a half-hour counts 3,000: both round to the watt, each in its own
        // way.
        constexpr std::int64_t watts = 10'000;
        EXPECT_LE(best, other->cover.objective() + watts) << "seed " << seed;
        EXPECT_LE(static_cast<double>(other->cover.objective()), 1.002 * static_cast<double>(best))
            << "seed " << seed;
        EXPECT_LE(other->bound, best) << "seed " << seed;
    }
}

TEST(EventPlan, LargeNeedsArePlannedByTheScheduleToo) {
    EventPlanInput input = drawn(3, 120, 8);
    input.base.rules.node_budget = 50;  // the search is cut short
    const EventPlan plan = planned(input);
    EXPECT_NE(plan.notes.engine, "exact");
    // The one covers a watt that the other leaves open at 3,000 a half-hour.
    EXPECT_LE(plan.plan.cost, make_plan(input.base)->cost + MicroPounds{3'000});
    ASSERT_TRUE(plan.plan.bound.has_value());
    EXPECT_GT(plan.plan.bound->value, 0);
    for (const PlanLine& line : plan.plan.lines) {
        std::int64_t run = 0;
        for (const std::int64_t w : line.power_w.values) {
            EXPECT_LE(w, line.offer.power.value);
            run = w > 0 ? run + 1 : 0;
            if (line.offer.duration_max.count() > 0) {
                EXPECT_LE(run, line.offer.duration_max / period_length);
            }
        }
        if (line.offer.energy.value > 0) {
            EXPECT_LE(line.energy, line.offer.energy);
        }
    }
}

TEST(EventPlan, KeepsToTheRulesAndNamesThem) {
    Offer dear = offer("DEAR", 10'000, 900);
    Offer site = offer("SITE", 10'000, 100);
    site.der = "HOSPITAL-1";
    const EventPlan plan = planned(event_for(
        {15'000, 15'000},
        {offer("A", 10'000, 200), dear, site, offer("C", 10'000, 300), offer("N", 10'000, 50)},
        "protected_ders = [\"HOSPITAL-1\"]\n" +
            rule("CEIL", "action = \"price_ceiling\"\nzones = [\"SS-3\"]\ngbp_per_kwh = 0.5") +
            rule("NEVER", "action = \"never_ask\"\nders = [\"der-N\"]") +
            rule("NIGHT",
                 "action = \"only_between\"\nders = [\"der-A\"]\nfrom = \"17:30\"\nuntil = \"20:00\"")));
    EXPECT_EQ(plan.plan.rule_set, "t@4");
    EXPECT_EQ(asked(plan), (std::vector<std::string>{"A", "C"}));
    EXPECT_EQ(plan.plan.lines[0].power_w.values[0], 0);  // 17:00 is before its hours
    EXPECT_GT(plan.plan.lines[0].power_w.values[1], 0);
    EXPECT_THAT(reason_of(plan, "DEAR"), HasSubstr("rule CEIL"));
    EXPECT_THAT(reason_of(plan, "N"), HasSubstr("rule NEVER"));
    EXPECT_THAT(reason_of(plan, "SITE"), HasSubstr("protected"));
    EXPECT_EQ(plan.notes.rules.size(), 4U);
    EXPECT_EQ(plan.plan.left_out.size(), 3U);
}

TEST(EventPlan, CountsStartsAndMoneyOfThePast) {
    EventPlanInput input = event_for({10'000}, {offer("A", 10'000, 200), offer("B", 10'000, 400)},
                                     rule("S", "action = \"starts_at_most\"\nstarts = 3\nper = \"month\"") +
                                         rule("Y", "action = \"budget\"\ngbp = 1000.0\nper = \"year\""));
    input.facts.rules.starts = {{"S", "der-A", 3}};
    input.facts.rules.spent = {{"Y", 998'500'000}};
    const EventPlan plan = planned(input);
    EXPECT_EQ(asked(plan), std::vector<std::string>{"B"});
    EXPECT_LE(plan.plan.cost, MicroPounds{1'500'000});  // 10 kW for half an hour would be 2 GBP
    EXPECT_GT(plan.plan.shortfall_peak.value, 0);
    EXPECT_THAT(reason_of(plan, "A"), HasSubstr("3 of them used"));
}

TEST(EventPlan, WithoutMoneyNothingIsBoughtAndTheRuleIsNamed) {
    EventPlanInput input = event_for({10'000}, {offer("A", 10'000, 200)},
                                     rule("Y", "action = \"budget\"\ngbp = 10.0\nper = \"year\""));
    input.facts.rules.spent = {{"Y", 9'999'990}};  // less than a penny is left
    const EventPlan plan = planned(input);
    EXPECT_TRUE(plan.plan.lines.empty()) << "not even a watt that rounds to nothing";
    EXPECT_THAT(why_nothing(plan), HasSubstr("rule Y: 0.00 of 10.00 GBP a year are left"));
}

TEST(EventPlan, AsksInTheOrderOfPreferenceAndOfTheLadder) {
    const std::vector<Offer> offers{offer("CHEAP", 10'000, 100), offer("OWN", 10'000, 300),
                                    offer("GEN", 10'000, 50)};
    const std::string rules =
        rule("P", "action = \"prefer\"\nrank = 1\nders = [\"der-OWN\"]") +
        "[[ladder]]\nrung = 3\nname = \"armed\"\nlegal_basis = \"contract\"\nminutes = 1\nis_sent = true\n"
        "[[ladder]]\nrung = 6\nname = \"mobile\"\nlegal_basis = \"hire\"\nminutes = 60\nis_sent = true\n"
        "ders = [\"der-GEN\"]\n";
    const EventPlan one = planned(event_for({8'000}, offers, rules));
    EXPECT_EQ(asked(one), std::vector<std::string>{"OWN"});
    const EventPlan two = planned(event_for({15'000}, offers, rules));
    EXPECT_EQ(asked(two), (std::vector<std::string>{"CHEAP", "OWN"}));
    const EventPlan three = planned(event_for({25'000}, offers, rules));
    EXPECT_EQ(asked(three), (std::vector<std::string>{"CHEAP", "GEN", "OWN"}));
    ASSERT_EQ(three.notes.ladder.size(), 2U);
    EXPECT_EQ(three.notes.ladder[0].outcome, "taken");
    EXPECT_EQ(three.notes.ladder[1].outcome, "taken");
    EXPECT_EQ(two.notes.ladder[1].outcome, "skipped");
}

TEST(EventPlan, SpotIsBoughtOnlyWhereTheLearntLatencyFits) {
    EventPlanInput input = event_for({10'000}, {offer("A", 10'000, 200)});
    input.base.product = ContractKind::spot;
    input.base.overload.time_to_limit = minutes{6};
    input.facts.latencies = {{"p1", 4.0}};
    EXPECT_EQ(asked(planned(input)), std::vector<std::string>{"A"});
    input.facts.latencies = {{"p1", 9.5}};
    const EventPlan late = planned(input);
    EXPECT_TRUE(late.plan.lines.empty());
    EXPECT_THAT(reason_of(late, "A"), HasSubstr("9.5 min"));
}

TEST(EventPlan, LateReliefIsBetterThanNoneWhereNothingIsFastEnough) {
    EventPlanInput input = event_for({10'000, 10'000}, {offer("A", 10'000, 200)});
    input.base.product = ContractKind::spot;  // its rung takes two minutes
    input.base.overload.time_to_limit = minutes{1};
    input.base.now = input.base.overload.detected_at;
    const EventPlan late = planned(input);
    EXPECT_EQ(asked(late), std::vector<std::string>{"A"});
    ASSERT_EQ(late.notes.rules.size(), 1U);
    EXPECT_EQ(late.notes.rules[0].rule, "ladder");
    EXPECT_THAT(late.notes.rules[0].detail, HasSubstr("reached in 1.0 min"));
    input.base.overload.time_to_limit = minutes{6};
    EXPECT_TRUE(planned(input).notes.rules.empty());
}

TEST(EventPlan, BuysNothingWhereTheRatingAllowsItAndTheLadderSaysSo) {
    const std::string rules =
        "[[ladder]]\nrung = 1\nname = \"nothing\"\nlegal_basis = \"ratings policy\"\nminutes = 0\nis_sent = "
        "true\n"
        "[[ladder]]\nrung = 3\nname = \"armed\"\nlegal_basis = \"contract\"\nminutes = 1\nis_sent = true\n";
    EventPlanInput input = event_for({10'000}, {offer("A", 10'000, 200)}, rules);
    EXPECT_FALSE(planned(input).notes.takes_nothing);
    input.facts.limit = PlanLimit{.limit_kw = 80.0, .load_kw = {90.0}};
    input.facts.limit->cyclic_kw = 95.0;
    const EventPlan plan = planned(input);
    EXPECT_TRUE(plan.notes.takes_nothing);
    EXPECT_TRUE(plan.plan.lines.empty());
    EXPECT_EQ(plan.notes.ladder[0].outcome, "taken");
    EXPECT_THAT(plan.notes.ladder[0].reason, HasSubstr("cyclic rating"));
}

TEST(EventPlan, SetsWaysAndAReserveBesideThePlan) {
    std::vector<Offer> offers;
    for (int i = 0; i < 8; ++i) {
        offers.push_back(offer("O" + std::to_string(i), 10'000, 200 + 20 * i));
        offers.back().reliability_ppm = 900'000 - 20'000 * i;
    }
    EventPlanInput input = event_for({40'000, 30'000}, offers);
    input.facts.switching = {{.id = "T-1", .detail = "", .minutes = 2.0, .relief_kw = 25.0, .refused = ""}};
    const EventPlan plan = planned(input);
    std::vector<std::vector<std::string>> purchases;
    for (const EventWay& way : plan.notes.ways) {
        if (!way.asked.empty() &&
            std::find(purchases.begin(), purchases.end(), way.asked) == purchases.end()) {
            purchases.push_back(way.asked);
        }
    }
    EXPECT_GE(purchases.size(), 3U);
    EXPECT_EQ(plan.notes.ways[0].name, "do_nothing");
    EXPECT_EQ(plan.notes.ways[0].probability_ppm, 640'000);
    EXPECT_EQ(plan.notes.ways[1].name, "switch");
    EXPECT_EQ(plan.notes.ways[1].shortfall_w, 15'000);
    EXPECT_EQ(plan.notes.reserve.size(), plan.plan.lines.size());
    for (const EventReserve& reserve : plan.notes.reserve) {
        EXPECT_FALSE(reserve.stand_in.empty());
        EXPECT_EQ(reserve.left_w, 0);
    }
}

TEST(EventPlan, CarbonIsTheKindsElseTheGridsAndUnknownIsNotNone) {
    const auto cheapest = [](const EventPlan& plan) {
        return *std::ranges::find(plan.notes.ways, "cheapest", &EventWay::name);
    };
    EventPlanInput input = event_for({10'000}, {offer("A", 10'000, 210)});
    EXPECT_EQ(cheapest(planned(input)).carbon_g, std::nullopt) << "nobody tells";
    EXPECT_EQ(planned(input).notes.ways.front().carbon_g, 0) << "nothing is bought, nothing is emitted";
    EXPECT_EQ(planned(input).notes.carbon_source, "");

    input.facts.carbon = GridCarbon{.g_per_kwh = 180.0, .source = "180 g/kWh of the grid: carbon_intensity"};
    EXPECT_EQ(cheapest(planned(input)).carbon_g, 900) << "5 kWh";
    EXPECT_THAT(planned(input).notes.carbon_source, HasSubstr("carbon_intensity"));

    const std::string kind(grid::to_string(input.base.offers.front().der_class));
    EventPlanInput ruled =
        event_for({10'000}, input.base.offers, "[[carbon]]\nkind = \"" + kind + "\"\ng_per_kwh = 0.0\n");
    ruled.facts.carbon = input.facts.carbon;
    EXPECT_EQ(cheapest(planned(ruled)).carbon_g, 0) << "what the operator says of the kind goes first";
}

TEST(EventPlan, ComesOutTheSameFromWhatTheLogKeeps) {
    EventPlanInput input = event_for({15'000, 9'000}, {offer("A", 10'000, 210), offer("B", 10'000, 300)},
                                     rule("Y", "action = \"budget\"\ngbp = 0.123\nper = \"year\"") +
                                         rule("C", "action = \"ask_a_person\"\ngbp = 0.1"));
    input.facts.rules.spent = {{"Y", 1}};
    input.facts.latencies = {{"p1", 0.1 + 0.2}};
    input.facts.carbon = GridCarbon{.g_per_kwh = 0.1 + 0.2, .source = "carbon_intensity"};
    input.facts.limit = PlanLimit{.limit_kw = 80.1, .load_kw = {95.0, 89.0}};
    input.facts.room = ReboundRoom{.headroom_w = {0, 0, 1'500}, .source = "the forecast"};
    const Result<std::string> text = json::write_canonical(to_json(input));
    ASSERT_TRUE(text.has_value()) << text.error().message;
    const Result<EventPlanInput> again = event_plan_input_from_json(*json::parse(*text));
    ASSERT_TRUE(again.has_value()) << again.error().message << again.error().pointer;
    EXPECT_EQ(*json::write_canonical(to_json(*again)), *text);
    EXPECT_EQ(event_plan_sha256(planned(*again)), event_plan_sha256(planned(input)));
    EXPECT_TRUE(json::write_canonical(headroom::to_json(planned(input).notes)).has_value());
}

}  // namespace
}  // namespace headroom::flex::test
