// Orders of aggregators under budgets about kinds and single DERs, by the meters that they name.
#include "flex/past_orders.hpp"
#include "plan_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::flex::test {
namespace {

using ::testing::HasSubstr;

RuleBook book() {
    Result<RuleBook> out = read_rules(R"(id = "t"
version = 1
[[rules]]
id = "ALL"
action = "budget"
per = "year"
gbp = 9.0
reason = "x"
[[rules]]
id = "HEAT"
action = "budget"
per = "year"
gbp = 3.0
kinds = ["heat_pump"]
reason = "x"
[[rules]]
id = "AGG"
action = "budget"
per = "year"
gbp = 5.0
ders = ["agg.example"]
reason = "x"
[[rules]]
id = "ONCE"
action = "starts_at_most"
per = "day"
starts = 1
ders = ["HP-1"]
reason = "x"
)",
                                      "rules.toml");
    EXPECT_TRUE(out) << (out ? "" : out.error().message);
    return out.value_or(RuleBook{});
}

const std::vector<OrderMeter> meters{{"HP-1", "heat_pump"}, {"EV-2", "ev"}, {"MSID-3", ""}};

PastOrder order(std::int64_t micro_gbp) {
    return {.seller = {.der_id = "agg.example",
                       .provider = "agg.example",
                       .kind = "",
                       .feeder = "F-1",
                       .zones = {"F-1", "S-1"},
                       .at = evening,
                       .micro_gbp = micro_gbp},
            .meters = meters};
}

std::int64_t spent_by(const RuleFacts& facts, const std::string& rule) {
    for (const RuleSpend& spend : facts.spent) {
        if (spend.rule == rule) {
            return spend.micro_gbp;
        }
    }
    return -1;
}

TEST(PastOrders, ABudgetOfAKindCountsItsMetersShare) {
    const RuleBook rules = book();
    RuleTally tally(rules, evening);
    tally.add(order(3'000'000).seller);
    RuleFacts facts = tally.facts({"F-1", "S-1"});
    add_meters(rules, evening, order(3'000'000), facts);
    EXPECT_EQ(spent_by(facts, "HEAT"), 1'000'000) << "one of three meters is a heat pump";
    EXPECT_EQ(spent_by(facts, "ALL"), 3'000'000) << "counted once";
    EXPECT_EQ(spent_by(facts, "AGG"), 3'000'000) << "and as the seller that it is";
    ASSERT_EQ(facts.starts.size(), 1U);
    EXPECT_EQ(facts.starts[0].der_id, "HP-1");
}

TEST(PastOrders, WhatIsOutsideOfTheSpanDoesNotCount) {
    const RuleBook rules = book();
    PastOrder old = order(3'000'000);
    old.seller.at = evening - hours{24 * 30};
    RuleFacts facts = RuleTally(rules, evening).facts({"F-1"});
    add_meters(rules, evening, old, facts);
    EXPECT_EQ(spent_by(facts, "HEAT"), 0);
    EXPECT_TRUE(facts.starts.empty());
}

TEST(PastOrders, WhatABudgetOfAKindLetsAnOrderCost) {
    const RuleBook rules = book();
    PlanNeed need;
    need.feeder_id = "F-1";
    const RuleFacts facts{.zones = {"F-1"}, .spent = {{"HEAT", 2'000'000}}, .starts = {}};
    const std::optional<BudgetLeft> left = order_left(rules, need, facts, "agg.example", meters);
    ASSERT_TRUE(left);
    EXPECT_EQ(left->micro_gbp, 3'000'000) << "a third of it is for the heat pump, and £1 is left";
    EXPECT_EQ(left->rule, "HEAT");
    EXPECT_THAT(left->detail, HasSubstr("1.00 of 3.00 GBP a year are left for 1 of its 3 meters"));
    EXPECT_FALSE(order_left(rules, need, facts, "agg.example", {{"EV-2", "ev"}}));
}

}  // namespace
}  // namespace headroom::flex::test
