// What is on its way to a provider counts for everybody who is judged meanwhile.
#include "agents/commitment.hpp"

#include "agents/event_facts.hpp"
#include "unit/agents/instants.hpp"

#include <gtest/gtest.h>

namespace headroom::agents {
namespace {

using test::evening;

flex::RuleBook book() {
    Result<flex::RuleBook> out = flex::read_rules(
        "id = \"t\"\nversion = 1\n[[rules]]\nid = \"YEAR\"\naction = \"budget\"\nper = \"year\"\ngbp = "
        "1.5\nreason = \"the year's money\"\n",
        "rules.toml");
    EXPECT_TRUE(out) << (out ? "" : out.error().message);
    return out.value_or(flex::RuleBook{});
}

/// Each line costs a pound.
flex::Contract contract_of_pounds(const std::string& event, const std::string& feeder,
                                  std::vector<std::string> ders) {
    flex::Contract out;
    out.event = EventId{event};
    out.transaction = TransactionId{"t-" + event};
    out.provider = "pool";
    for (std::string& der : ders) {
        flex::PlanLine line;
        line.offer.id = "o-" + der;
        line.offer.provider = "pool";
        line.offer.der = std::move(der);
        line.offer.feeder = feeder;
        line.power_w = {evening, period_length, {2'000}};
        line.energy = WattHours{1'000};
        line.cost = MicroPounds{1'000'000};
        out.lines.push_back(std::move(line));
    }
    return out;
}

EventRecord event_at(const std::string& id, const std::string& feeder) {
    EventRecord out;
    out.overload.event = EventId{id};
    out.overload.feeder = feeder;
    out.overload.limit = {.asset = feeder, .value = 100.0, .verified_by = "grid file"};
    out.overload.start = evening;
    out.overload.end = evening + hours{1};
    out.overload.need = {evening, {2'000}};
    return out;
}

grid::Network two_branches() {
    grid::Network out;
    for (const char* id : {"1", "2"}) {
        const std::string substation = std::string("SS") + id;
        EXPECT_TRUE(
            out.add(grid::Substation{.id = grid::SubstationId{substation}, .rating = Kilowatts{500.0}}));
        EXPECT_TRUE(out.add(grid::Feeder{.id = grid::FeederId{std::string("F") + id}, .parent = substation}));
    }
    return out;
}

TEST(JudgedContract, TwoEventsOnDifferentBranchesDoNotPassOneBudgetTogether) {
    const flex::RuleBook rules = book();
    const grid::Network grid = two_branches();
    std::vector<EventRecord> events{event_at("ev-1", "F1"), event_at("ev-2", "F2")};
    const auto facts = [&] {
        return rule_facts_for("F1", {.events = {&events[0], &events[1]}, .purchases = {}, .plans = {}}, grid,
                              &rules, evening);
    };
    // Both have planned with the whole of the money; the first asks first.
    JudgedContract first = judge_contract(contract_of_pounds("ev-1", "F1", {"A"}), "F1", &rules, facts());
    ASSERT_EQ(first.contract.lines.size(), 1U);
    ASSERT_TRUE(first.entry);
    EXPECT_EQ(first.entry->type, "order.judged");
    EXPECT_EQ(first.entry->outcome, "ok");
    events[0].pending = pending_uses(first.contract);

    const JudgedContract second =
        judge_contract(contract_of_pounds("ev-2", "F2", {"B"}), "F2", &rules, facts());
    EXPECT_TRUE(second.contract.lines.empty());
    ASSERT_EQ(second.refused.size(), 1U);
    EXPECT_EQ(second.refused[0].rule, "YEAR");
    EXPECT_EQ(second.entry->outcome, "denied");
    EXPECT_EQ(second.entry->corr, "ev-2");

    // The provider refuses the first: its money is there again.
    forget_pending(events[0], first.contract.transaction.value);
    EXPECT_EQ(
        judge_contract(contract_of_pounds("ev-2", "F2", {"B"}), "F2", &rules, facts()).contract.lines.size(),
        1U);
}

TEST(JudgedContract, OneThatIsTooDearIsCutToWhatFits) {
    const flex::RuleBook rules = book();
    const JudgedContract judged = judge_contract(contract_of_pounds("ev-1", "F1", {"A", "B"}), "F1", &rules,
                                                 rule_facts_for("F1", {}, two_branches(), &rules, evening));
    ASSERT_EQ(judged.contract.lines.size(), 1U);
    EXPECT_EQ(judged.contract.lines[0].offer.der, "A");
    EXPECT_EQ(judged.refused.at(0).der_id, "B");
}

TEST(JudgedContract, WithoutABookEverythingMayBeBought) {
    const JudgedContract judged =
        judge_contract(contract_of_pounds("ev-1", "F1", {"A", "B"}), "F1", nullptr, {});
    EXPECT_EQ(judged.contract.lines.size(), 2U);
    EXPECT_FALSE(judged.entry);
}

TEST(PendingUses, ARecordKeepsThemOverARestart) {
    EventRecord record = event_at("ev-1", "F1");
    record.pending = pending_uses(contract_of_pounds("ev-1", "F1", {"A", "B"}));
    const Result<EventRecord> again = event_record_from_json(to_json(record));
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ(again->pending.size(), 2U);
    EXPECT_EQ(again->pending[1].der, "B");
    EXPECT_EQ(again->pending[1].transaction, "t-ev-1");
    EXPECT_EQ(again->pending[1].cost.value, 1'000'000);
    EXPECT_EQ(json::write(to_json(event_at("ev-1", "F1"))).find("pending"), std::string::npos)
        << "records without stay what they were";
}

TEST(PendingUses, ADirectPurchaseOnItsWayCounts) {
    const flex::RuleBook rules = book();
    const flex::Contract buying = contract_of_pounds("buy-1", "F2", {"C"});
    const flex::RuleFacts facts = rule_facts_for(
        "F1", {.events = {}, .purchases = {}, .plans = {}, .of_needs = {}, .pending = {&buying}},
        two_branches(), &rules, evening);
    EXPECT_EQ(facts.spent.at(0).micro_gbp, 1'000'000);
}

}  // namespace
}  // namespace headroom::agents
