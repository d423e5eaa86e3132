#include "agents/event_market.hpp"

#include "unit/agents/instants.hpp"

#include <gtest/gtest.h>

namespace headroom::agents {
namespace {

using test::evening;

Assignment assignment(const std::string& transaction, const std::string& offer) {
    Assignment made;
    made.der = "DER-" + offer;
    made.provider = "tesla";
    made.transaction = transaction;
    made.offer = offer;
    made.power_w = {.start = evening, .step = period_length, .values = {6000, 3000}};
    made.relief_ppm = 1'000'000;
    made.state = "armed";
    return made;
}

EventRecord event() {
    EventRecord record;
    record.transactions = {"t1", "t2"};
    record.assignments = {assignment("t1", "o1"), assignment("t1", "o2"), assignment("t2", "o3")};
    return record;
}

flex::Contract contract_in_state(const std::string& transaction, flex::ContractState state,
                                 const std::vector<std::string>& offers) {
    flex::Contract made;
    made.transaction = TransactionId{transaction};
    made.provider = "tesla";
    made.state = state;
    for (const std::string& offer : offers) {
        flex::PlanLine line;
        line.offer.id = offer;
        line.power_w = {.start = evening, .step = period_length, .values = {6000, 3000}};
        made.lines.push_back(std::move(line));
    }
    return made;
}

TEST(MarketChange, ACancelledContractTakesItsAssignmentsAway) {
    EventRecord record = event();
    record.assignments[1].state = "released";
    const auto change =
        apply_market_change(record, contract_in_state("t1", flex::ContractState::cancelled, {"o1", "o2"}));
    EXPECT_EQ(change, MarketChange::lost);
    EXPECT_EQ(record.assignments[0].state, "refused");
    EXPECT_EQ(record.assignments[1].state, "released");
    EXPECT_EQ(record.assignments[2].state, "armed");
    // The same once more is no news.
    EXPECT_EQ(
        apply_market_change(record, contract_in_state("t1", flex::ContractState::cancelled, {"o1", "o2"})),
        MarketChange::none);
}

TEST(MarketChange, LessPowerIsTakenAsLess) {
    EventRecord record = event();
    flex::Contract less = contract_in_state("t1", flex::ContractState::active, {"o1"});
    less.lines[0].power_w.values = {6000, 1000};
    EXPECT_EQ(apply_market_change(record, less), MarketChange::changed);
    EXPECT_EQ(record.assignments[0].power_w.values, (std::vector<std::int64_t>{6000, 1000}));
    EXPECT_EQ(record.assignments[1].state, "refused");  // no longer in the order
    EXPECT_EQ(record.assignments[2].state, "armed");
}

TEST(MarketChange, TheSameTermsAreNoChange) {
    EventRecord record = event();
    EXPECT_EQ(apply_market_change(record, contract_in_state("t1", flex::ContractState::active, {"o1", "o2"})),
              MarketChange::none);
}

TEST(MarketChange, AContractThatWasGivenUpIsGained) {
    EventRecord record = event();
    EXPECT_EQ(apply_market_change(record, contract_in_state("t9", flex::ContractState::active, {"o9"})),
              MarketChange::gained);
    EXPECT_EQ(apply_market_change(record, contract_in_state("t9", flex::ContractState::cancelled, {"o9"})),
              MarketChange::none);
    EXPECT_EQ(record.assignments.size(), 3U);
}

TEST(AfterContracts, FollowsThePolicyWhenNOfMConfirmed) {
    const Watts need{10'000};
    constexpr std::int64_t half = 500'000;
    EXPECT_EQ(after_contracts(PartialPolicy::top_up, need, Watts{0}, true, half), PartialStep::enough);
    EXPECT_EQ(after_contracts(PartialPolicy::keep, need, Watts{4000}, true, half), PartialStep::keep);
    EXPECT_EQ(after_contracts(PartialPolicy::top_up, need, Watts{4000}, true, half), PartialStep::top_up);
    EXPECT_EQ(after_contracts(PartialPolicy::top_up, need, Watts{9000}, false, half), PartialStep::keep);
    EXPECT_EQ(after_contracts(PartialPolicy::compensate, need, Watts{6000}, true, half), PartialStep::top_up);
    EXPECT_EQ(after_contracts(PartialPolicy::compensate, need, Watts{5000}, false, half), PartialStep::keep);
    EXPECT_EQ(after_contracts(PartialPolicy::compensate, need, Watts{5001}, false, half),
              PartialStep::compensate);
}

}  // namespace
}  // namespace headroom::agents
