// Contracts judged once more where they are confirmed, by what the rules have counted by then.
#include "flex/commitment.hpp"
#include "core/reflect_json.hpp"
#include "plan_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::flex::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

RuleBook book_of(const std::string& rules) {
    Result<RuleBook> book = read_rules("id = \"t\"\nversion = 3\n" + rules, "rules.toml");
    EXPECT_TRUE(book.has_value()) << (book ? "" : book.error().message);
    return book.value_or(RuleBook{});
}
std::string year(const std::string& id, const std::string& gbp, const std::string& more = "") {
    return rule(id, "action = \"budget\"\nper = \"year\"\ngbp = " + gbp + "\n" + more);
}

/// 10 kW for a half-hour: 5 kWh, so that 100 GBP/MWh are 50 p.
PlanLine line(const std::string& id, std::int64_t pounds_per_mwh) {
    PlanLine out;
    out.offer = offer(id, 10'000, pounds_per_mwh);
    out.offer.der_class = grid::DerClass::battery;
    out.power_w = {evening, period_length, {10'000}};
    out.energy = WattHours{5'000};
    out.cost = MicroPounds{pounds_per_mwh * 5'000};
    return out;
}

Contract contract(std::vector<PlanLine> lines) {
    Contract out;
    out.transaction = TransactionId{"t-1"};
    out.event = EventId{"ev-20270114-abcdefgh"};
    out.provider = "p1";
    out.lines = std::move(lines);
    return out;
}

RuleFacts spent(const std::string& rule, std::int64_t micro) {
    return {.zones = {"LV-017", "SS-1"}, .spent = {{rule, micro}}, .starts = {}};
}

CommitAnswer judged(const RuleBook& book, const Contract& contract, const RuleFacts& facts) {
    const std::optional<CommitInput> input = commitment_of(book, contract, "LV-017", facts);
    EXPECT_TRUE(input.has_value());
    return judge_commitment(input.value_or(CommitInput{}));
}

TEST(Commitment, WhatIsLeftToTheLastPennyMayBeSpent) {
    const RuleBook book = book_of(year("YEAR", "2.0"));
    const Contract wanted = contract({line("A", 100), line("B", 200)});  // £0.50 and £1.00
    const CommitAnswer all = judged(book, wanted, spent("YEAR", 500'000));
    EXPECT_THAT(all.bought, ElementsAre("A", "B"));
    EXPECT_TRUE(all.refused.empty());
}

TEST(Commitment, WhatOthersHaveSpentSinceCutsTheDearestLines) {
    const RuleBook book = book_of(year("YEAR", "2.0"));
    const Contract wanted = contract({line("DEAR", 200), line("CHEAP", 100)});
    const CommitAnswer some = judged(book, wanted, spent("YEAR", 500'001));
    EXPECT_THAT(some.bought, ElementsAre("CHEAP"));
    ASSERT_EQ(some.refused.size(), 1U);
    EXPECT_EQ(some.refused[0].offer, "DEAR");
    EXPECT_EQ(some.refused[0].der_id, "der-DEAR");
    EXPECT_EQ(some.refused[0].rule, "YEAR");
    EXPECT_THAT(some.refused[0].sentence(),
                HasSubstr("rule YEAR: it costs 1.00 GBP, 1.00 of 2.00 GBP a year are left by now: because"));
    EXPECT_TRUE(judged(book, wanted, spent("YEAR", 2'000'000)).bought.empty()) << "nothing is left";
}

TEST(Commitment, EachOfSeveralBudgetsMustPay) {
    const RuleBook book = book_of(year("ALL", "9.0") + year("BATTERIES", "0.6", "kinds = [\"battery\"]\n"));
    const CommitAnswer some = judged(book, contract({line("A", 100), line("B", 100)}), spent("ALL", 0));
    EXPECT_THAT(some.bought, ElementsAre("A"));
    ASSERT_EQ(some.refused.size(), 1U);
    EXPECT_EQ(some.refused[0].rule, "BATTERIES");
}

TEST(Commitment, StartsCountUnlessTheDerIsFreed) {
    const std::string once = rule("ONCE", "action = \"starts_at_most\"\nper = \"day\"\nstarts = 1");
    const RuleFacts facts{.zones = {"LV-017"}, .spent = {}, .starts = {{"ONCE", "der-A", 1}}};
    const Contract wanted = contract({line("A", 100), line("B", 100)});
    const CommitAnswer some = judged(book_of(once), wanted, facts);
    EXPECT_THAT(some.bought, ElementsAre("B"));
    EXPECT_THAT(some.refused.at(0).detail, HasSubstr("at most 1 starts a day, 1 of them used by now"));
    const std::string free = rule("FREE", "action = \"always_allow\"\nders = [\"der-A\"]");
    EXPECT_THAT(judged(book_of(once + free), wanted, facts).bought, ElementsAre("A", "B"));
}

TEST(Commitment, RulesThatCountNothingAboutItAskForNoJudgement) {
    const Contract wanted = contract({line("A", 100)});
    const RuleFacts facts = spent("YEAR", 0);
    EXPECT_FALSE(commitment_of(book_of(rule("BAN", "action = \"never_ask\"\nders = [\"x\"]")), wanted,
                               "LV-017", facts));
    EXPECT_FALSE(
        commitment_of(book_of(rule("PLAN", "action = \"budget\"\ngbp = 0.1")), wanted, "LV-017", facts))
        << "a budget of one plan was kept to when it was made";
    EXPECT_FALSE(commitment_of(book_of(year("FAR", "0.1", "zones = [\"SS-9\"]\n")), wanted, "LV-017", facts));
    EXPECT_FALSE(commitment_of(book_of(year("EVS", "0.1", "kinds = [\"ev\"]\n")), wanted, "LV-017", facts));
}

TEST(Commitment, ItsInputIsWhatItIsReplayedFrom) {
    const RuleBook book = book_of(year("YEAR", "2.0") + year("OTHER", "1.0", "zones = [\"SS-9\"]\n"));
    RuleFacts facts = spent("YEAR", 500'001);
    facts.spent.push_back({"OTHER", 7});
    facts.starts.push_back({"OTHER", "der-A", 2});
    const std::optional<CommitInput> input =
        commitment_of(book, contract({line("A", 100), line("B", 200)}), "LV-017", facts);
    ASSERT_TRUE(input);
    EXPECT_EQ(input->rule_set, "t@3");
    EXPECT_EQ(input->rules.size(), 1U) << "what is not about it is not kept";
    EXPECT_EQ(input->facts.spent.size(), 1U);
    EXPECT_TRUE(input->facts.starts.empty());
    const Result<json::Value> parsed = json::parse(json::write(headroom::to_json(*input)));
    ASSERT_TRUE(parsed);
    const Result<CommitInput> again = from_json<CommitInput>(*parsed);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(json::write(headroom::to_json(judge_commitment(*again))),
              json::write(headroom::to_json(judge_commitment(*input))));
}

}  // namespace
}  // namespace headroom::flex::test
