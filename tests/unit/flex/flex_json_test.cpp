#include "flex/contract.hpp"
#include "plan_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::flex::test {
namespace {

using ::testing::HasSubstr;

template <class T, class Read>
void expect_round_trip(const T& value, Read read) {
    const Result<std::string> first = json::write_canonical(to_json(value));
    ASSERT_TRUE(first.has_value()) << first.error().message << " at " << first.error().pointer;
    const Result<json::Value> parsed = json::parse(*first);
    ASSERT_TRUE(parsed.has_value());
    const auto again = read(*parsed);
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_EQ(json::write_canonical(to_json(*again)).value(), *first);
}

PlanInput sample_input() {
    PlanInput input = input_for({42'000, 30'000, 11'000});
    input.offers = {offer("a", 30'000, 150), offer("b", 30'000, 250)};
    input.offers[0].energy = 20'000_Wh;
    input.offers[1].ramp_w_per_s = 50;
    input.reserved_w = {{0, 0, 1'000}, {}};
    return input;
}

TEST(FlexJson, AnInputComesBackBitForBit) {
    expect_round_trip(sample_input(), plan_input_from_json);
}

TEST(FlexJson, AnOfferThatDoesNotSayItsFeederComesBackAndIsNotPlanned) {
    PlanInput input = sample_input();
    input.offers[0].feeder.clear();
    expect_round_trip(input, plan_input_from_json);
    const FlexPlan plan = make_plan(input).value();
    for (const PlanLine& line : plan.lines) {
        EXPECT_EQ(line.offer.id, "b");
    }
}

TEST(FlexJson, APlanComesBackBitForBitAndKeepsItsDigest) {
    const FlexPlan plan = make_plan(sample_input()).value();
    expect_round_trip(plan, flex_plan_from_json);
    const FlexPlan again = flex_plan_from_json(json::parse(json::write(to_json(plan))).value()).value();
    EXPECT_EQ(plan_sha256(again), plan_sha256(plan));
    FlexPlan other = plan;
    other.cost += MicroPounds{1};
    EXPECT_NE(plan_sha256(other), plan_sha256(plan));
}

TEST(FlexJson, AReplayOfAWrittenInputGivesTheSamePlan) {
    const PlanInput input = sample_input();
    const PlanInput again = plan_input_from_json(json::parse(json::write(to_json(input))).value()).value();
    EXPECT_EQ(plan_sha256(make_plan(again).value()), plan_sha256(make_plan(input).value()));
}

TEST(FlexJson, AContractComesBackBitForBit) {
    Contract contract;
    contract.transaction = TransactionId{"4ff1c9f4-0c4e-8e4f-9f6a-111111111111"};
    contract.order_id = "ORD-0011AABB";
    contract.event = EventId{"ev-20270114-abcdefgh"};
    contract.provider = "p1";
    contract.kind = ContractKind::availability;
    contract.state = ContractState::activated;
    contract.lines = make_plan(sample_input()).value().lines;
    contract.quoted = MicroPounds{1'234'567};
    expect_round_trip(contract, contract_from_json);
}

TEST(FlexJson, FaultsNameTheMember) {
    json::Value value = to_json(sample_input());
    json::Object& first = *value.as_object()->find("offers")->as_array()->at(0).as_object();
    first.set("power_w", -5);
    const auto negative = plan_input_from_json(value);
    ASSERT_FALSE(negative.has_value());
    EXPECT_EQ(negative.error().pointer, "/offers/0/power_w");
    EXPECT_THAT(negative.error().message, HasSubstr("power_w: must be a whole number from 1"));

    first.set("power_w", 1'000);
    first.set("colour", "blue");
    EXPECT_EQ(plan_input_from_json(value).error().pointer, "/offers/0/colour");

    first.erase("colour");
    first.set("phase", "L9");
    EXPECT_EQ(plan_input_from_json(value).error().pointer, "/offers/0/phase");

    EXPECT_EQ(flex_plan_from_json(json::Value(3)).error().code, Errc::invalid);
    EXPECT_EQ(contract_from_json(json::Value(json::Object{})).error().pointer, "/transaction");
}

TEST(FlexJson, WordsOfAContractAreKnownBothWays) {
    for (const char* word : {"framework", "availability", "spot"}) {
        EXPECT_EQ(to_string(parse_contract_kind(word).value()), word);
    }
    for (const char* word : {"requested", "quoted", "confirming", "active", "activated", "completed",
                             "cancelled", "failed", "unknown"}) {
        EXPECT_EQ(to_string(parse_contract_state(word).value()), word);
    }
    EXPECT_FALSE(parse_contract_state("signed").has_value());
}

}  // namespace
}  // namespace headroom::flex::test
