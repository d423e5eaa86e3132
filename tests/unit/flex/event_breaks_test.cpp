// A plan that somebody else made, held against the operator's rules.
#include "flex/event_breaks.hpp"

#include "plan_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace headroom::flex::test {
namespace {

using ::testing::HasSubstr;

class RuleBreaks : public testing::Test {
  protected:
    RuleBreaks() {
        input.base = input_for({8'000, 8'000});
        input.base.product = ContractKind::availability;
        input.base.offers = {offer("A", 10'000, 300), offer("B", 10'000, 200), offer("C", 10'000, 100)};
        input.facts.rules.zones = {"LV-017", "SS-3"};
    }
    void set_rules(const std::string& rules) {
        Result<RuleBook> book = read_rules("id = \"t\"\nversion = 4\n" + rules, "rules.toml");
        ASSERT_TRUE(book.has_value()) << book.error().message;
        input.book = std::make_shared<const RuleBook>(std::move(*book));
    }
    /// A plan that uses one offer alone, whatever the rules say.
    FlexPlan only(const std::string& id) {
        PlanInput one = input.base;
        std::erase_if(one.offers, [&id](const Offer& each) { return each.id != id; });
        return make_plan(one).value();
    }
    FlexPlan standing() { return make_event_plan(input).value().plan; }
    std::vector<RuleBreak> breaks(const std::string& id) { return rule_breaks(input, only(id), standing()); }

    EventPlanInput input;
};

TEST_F(RuleBreaks, ThePlanThatTheRulesGaveBreaksNone) {
    set_rules(
        rule("P", "action = \"prefer\"\nrank = 1\nders = [\"der-A\"]") +
        rule("H", "action = \"only_between\"\nders = [\"der-B\"]\nfrom = \"17:30\"\nuntil = \"20:00\"") +
        rule("Y", "action = \"budget\"\ngbp = 100.0\nper = \"year\""));
    EXPECT_TRUE(rule_breaks(input, standing(), standing()).empty());
    input.base.overload.need.w = {25'000, 25'000};  // more than one turn can give
    EXPECT_TRUE(rule_breaks(input, standing(), standing()).empty());
}

TEST_F(RuleBreaks, WhoMayNotBeAskedIsNamedWithTheRule) {
    set_rules(rule("NEVER", "action = \"never_ask\"\nders = [\"der-C\"]") +
              rule("CEIL", "action = \"price_ceiling\"\ngbp_per_kwh = 0.25"));
    const std::vector<RuleBreak> never = breaks("C");
    ASSERT_EQ(never.size(), 1U);
    EXPECT_EQ(never[0].rule, "NEVER");
    EXPECT_EQ(never[0].action, "never_ask");
    EXPECT_EQ(never[0].offer, "C");
    EXPECT_EQ(never[0].detail, "because");
    ASSERT_EQ(breaks("A").size(), 1U);
    EXPECT_EQ(breaks("A")[0].rule, "CEIL");
    EXPECT_TRUE(breaks("B").empty());
}

TEST_F(RuleBreaks, HoursStartsAndMoneyAreHeld) {
    set_rules(
        rule("H", "action = \"only_between\"\nders = [\"der-B\"]\nfrom = \"17:30\"\nuntil = \"20:00\"") +
        rule("S", "action = \"starts_at_most\"\nstarts = 1\nper = \"day\"") +
        rule("Y", "action = \"budget\"\ngbp = 100.0\nper = \"year\""));
    ASSERT_EQ(breaks("B").size(), 1U);
    EXPECT_EQ(breaks("B")[0].rule, "H");
    EXPECT_THAT(breaks("B")[0].detail, HasSubstr("half-hour 1"));
    input.facts.rules.starts = {{"S", "der-C", 1}};
    ASSERT_EQ(breaks("C").size(), 1U);
    EXPECT_EQ(breaks("C")[0].rule, "S");
    input.facts.rules.spent = {{"Y", 99'000'000}};  // 1 GBP is left, A costs 2.40
    ASSERT_EQ(breaks("A").size(), 1U);
    EXPECT_EQ(breaks("A")[0].rule, "Y");
    EXPECT_EQ(breaks("A")[0].offer, "");
}

TEST_F(RuleBreaks, ALaterTurnIsNotAskedForWhatAnEarlierOneCovers) {
    set_rules(rule("OWN", "action = \"prefer\"\nrank = 1\nders = [\"der-A\"]"));
    ASSERT_EQ(standing().lines.size(), 1U);
    ASSERT_EQ(standing().lines[0].offer.id, "A");  // the dearest, and asked first
    const std::vector<RuleBreak> found = breaks("C");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].rule, "OWN");
    EXPECT_EQ(found[0].action, "prefer");
    EXPECT_EQ(found[0].offer, "C");
}

TEST_F(RuleBreaks, WhenWithinTheWindowAnEarlierTurnGivesItsEnergyIsFree) {
    input.base.offers[0].energy = WattHours{4'000};  // A: one of the two half-hours
    set_rules(rule("OWN", "action = \"prefer\"\nrank = 1\nders = [\"der-A\"]"));
    const FlexPlan by_turns = standing();
    FlexPlan other = by_turns;
    for (PlanLine& line : other.lines) {
        std::reverse(line.power_w.values.begin(), line.power_w.values.end());
    }
    ASSERT_NE(other.lines.at(0).power_w.values, by_turns.lines.at(0).power_w.values);
    EXPECT_TRUE(rule_breaks(input, other, by_turns).empty());
    other.lines.at(0).power_w.values = {4'000, 0};  // less of its energy, more of the other's
    EXPECT_EQ(rule_breaks(input, other, by_turns).at(0).rule, "OWN");
}

TEST_F(RuleBreaks, TheLadderIsHeldWithoutRulesOfTheOperator) {
    input.base.product = ContractKind::spot;
    input.base.overload.time_to_limit = minutes{6};
    input.facts.latencies = {{"p1", 9.5}};
    const std::vector<RuleBreak> found = breaks("B");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].rule, "ladder");
    EXPECT_THAT(found[0].detail, HasSubstr("9.5 min"));
}

TEST_F(RuleBreaks, WhatMayBePlannedWithHasItsTurns) {
    set_rules(rule("OWN", "action = \"prefer\"\nrank = 3\nders = [\"der-A\"]") +
              rule("NEVER", "action = \"never_ask\"\nders = [\"der-B\"]"));
    input.facts.responses = {{"der-C", 12, 1'000'000, 700'000}};
    const PermittedInput permitted = permitted_input(input);
    ASSERT_EQ(permitted.input.offers.size(), 2U);
    EXPECT_EQ(permitted.turns, (std::vector<std::size_t>{0, 1}));
    EXPECT_EQ(permitted.input.offers[0].reliability_ppm, 1'000'000);
    EXPECT_EQ(permitted.input.offers[1].reliability_ppm, 700'000);  // as it was learnt
    EXPECT_FALSE(permitted.takes_nothing);
}

}  // namespace
}  // namespace headroom::flex::test
