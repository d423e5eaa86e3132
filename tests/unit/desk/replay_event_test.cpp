#include "desk/replay_event.hpp"

#include "agents/commitment.hpp"
#include "agents/dispatch_entries.hpp"
#include "contingency/shelf_input.hpp"
#include "core/digest.hpp"
#include "desk/desk.hpp"
#include "flex/event_plan.hpp"
#include "risk/assess.hpp"

#include <gtest/gtest.h>

namespace headroom::desk {
namespace {

risk::RiskInput live_excess() {
    risk::RiskInput input;
    input.feeder = "F1";
    input.limit = {
        .asset = "F1", .phase = grid::Phase::l1, .value = 60.0, .source = "test", .verified_by = "test"};
    input.limit_w = 60'000;
    input.now = *parse_utc("2027-01-14T17:10:00Z");
    input.recent = {{*parse_utc("2027-01-14T17:08:00Z"), 63'000},
                    {*parse_utc("2027-01-14T17:09:00Z"), 64'000}};
    input.source = "test";
    return input;
}

audit::Entry raised(const risk::RiskInput& recorded_input, const risk::RiskInput& judged) {
    const Result<std::optional<risk::Overload>> overload = risk::assess(judged);
    EXPECT_TRUE(overload && overload->has_value());
    audit::Entry entry;
    entry.seq = 4;
    entry.type = "constraint.raised";
    entry.body = json::Object{{"decision", "risk.raise"},
                              {"input", risk::to_json(recorded_input)},
                              {"overload", risk::to_json(**overload)}};
    return entry;
}

Result<std::string> no_blob(const std::string& sha256) {
    return Error{Errc::not_found, "no blob " + sha256};
}

TEST(ReplayDecisions, TheSameInputGivesTheSameBytes) {
    const auto decisions = replay_decisions({raised(live_excess(), live_excess())}, no_blob);
    ASSERT_TRUE(decisions) << decisions.error().message;
    ASSERT_EQ(decisions->size(), 1U);
    EXPECT_TRUE(decisions->front().same);
    EXPECT_EQ(decisions->front().recorded_sha256, decisions->front().replayed_sha256);
}

TEST(ReplayDecisions, AnInputThatWasTamperedWithShows) {
    risk::RiskInput other = live_excess();
    other.recent.back().w += 1;
    const auto decisions = replay_decisions({raised(other, live_excess())}, no_blob);
    ASSERT_TRUE(decisions) << decisions.error().message;
    EXPECT_FALSE(decisions->front().same);
}

audit::Entry judged_contract(std::int64_t spent_before, std::int64_t spent_in_the_log) {
    const Result<flex::RuleBook> book = flex::read_rules(
        "id = \"t\"\nversion = 1\n[[rules]]\nid = \"YEAR\"\naction = \"budget\"\nper = \"year\"\ngbp = "
        "1.5\nreason = \"the year's money\"\n",
        "rules.toml");
    flex::Contract contract;
    contract.event = EventId{"ev-20270114-abcdefgh"};
    contract.provider = "pool";
    contract.lines.resize(1);
    contract.lines[0].offer.id = "o-1";
    contract.lines[0].cost = MicroPounds{1'000'000};
    const auto draft = [&](std::int64_t micro) {
        const flex::RuleFacts facts{.zones = {"F1"}, .spent = {{"YEAR", micro}}, .starts = {}};
        return *agents::judge_contract(contract, "F1", &*book, facts).entry;
    };
    audit::Draft entry = draft(spent_before);
    entry.body.set("input", *draft(spent_in_the_log).body.find("input"));
    audit::Entry out;
    out.seq = 7;
    out.type = entry.type;
    out.body = std::move(entry.body);
    return out;
}

TEST(ReplayDecisions, AContractIsJudgedAgain) {
    for (const std::int64_t spent : {0, 500'001}) {
        const auto decisions = replay_decisions({judged_contract(spent, spent)}, no_blob);
        ASSERT_TRUE(decisions) << decisions.error().message;
        ASSERT_EQ(decisions->size(), 1U);
        EXPECT_TRUE(decisions->front().same);
        EXPECT_EQ(decisions->front().decision, "rules.commit");
        EXPECT_EQ(decisions->front().detail.find("rule YEAR") != std::string::npos, spent > 0);
    }
    const auto other = replay_decisions({judged_contract(0, 500'001)}, no_blob);
    ASSERT_TRUE(other) << other.error().message;
    EXPECT_FALSE(other->front().same) << "counts that were tampered with show";
}

contingency::ShelfInput loss() {
    contingency::ShelfInput input;
    input.element = "F-1";
    input.places = {{.id = "S-1", .rating_w = 800'000},
                    {.id = "F-1", .parent = "S-1", .is_feeder = true},
                    {.id = "F-2", .parent = "S-1", .is_feeder = true}};
    input.ties = {
        {.id = "T-1", .from = "F-1", .to = "F-2", .rating_w = 100'000, .minutes = 1, .is_remote = true}};
    input.limits = {{.asset = "F-2", .value = 150.0, .source = "test", .verified_by = "test"}};
    input.state.now = *parse_utc("2027-01-14T17:10:00Z");
    input.state.start = *parse_utc("2027-01-14T17:00:00Z");
    input.state.elements.resize(3);
    for (contingency::ElementState& element : input.state.elements) {
        element.load.is_known = true;
        element.load.median[contingency::phase_sum].fill(40'000);
        element.load.high[contingency::phase_sum].fill(45'000);
        element.state.since = input.state.start;
    }
    return input;
}

audit::Entry evidence(const contingency::ShelfInput& recorded_input, const contingency::ShelfInput& planned) {
    audit::Entry entry;
    entry.seq = 7;
    entry.type = "shelf.evidence";
    entry.body = json::Object{{"decision", "shelf.plan"},
                              {"element", "F-1"},
                              {"plan_sha256", contingency::plan_sha256(*contingency::plan_loss(planned))},
                              {"input", contingency::to_json(recorded_input)}};
    return entry;
}

TEST(ReplayDecisions, APlanOfTheShelfIsMadeAgainFromWhatItWasMadeFrom) {
    const auto decisions = replay_decisions({evidence(loss(), loss())}, no_blob);
    ASSERT_TRUE(decisions) << decisions.error().message;
    ASSERT_EQ(decisions->size(), 1U);
    EXPECT_TRUE(decisions->front().same);
    EXPECT_EQ(decisions->front().decision, "shelf.plan");
    EXPECT_NE(decisions->front().detail.find("loss of F-1"), std::string::npos);

    contingency::ShelfInput other = loss();
    other.state.elements[1].load.high[contingency::phase_sum][3] += 1;
    EXPECT_FALSE(replay_decisions({evidence(other, loss())}, no_blob)->front().same) << "a watt shows";
}

TEST(ReplayDecisions, ADecisionWithoutItsInputIsCorrupt) {
    audit::Entry entry = raised(live_excess(), live_excess());
    entry.body.erase("input");
    const auto decisions = replay_decisions({entry}, no_blob);
    ASSERT_FALSE(decisions);
    EXPECT_EQ(decisions.error().code, Errc::corrupt);
}

TEST(ReplayDecisions, EntriesWithoutADecisionArePassedOver) {
    audit::Entry entry;
    entry.type = "beckn.sent";
    entry.body = json::Object{{"action", "search"}};
    const auto decisions = replay_decisions({entry}, no_blob);
    ASSERT_TRUE(decisions);
    EXPECT_TRUE(decisions->empty());
}

flex::EventPlanInput evening_need() {
    flex::EventPlanInput input;
    input.base.overload.event = EventId{"ev-20270114-abcdefgh"};
    input.base.overload.feeder = "F1";
    input.base.overload.limit = {.asset = "F1", .value = 60.0, .source = "test", .verified_by = "test"};
    input.base.overload.start = *parse_utc("2027-01-14T17:00:00Z");
    input.base.overload.end = *parse_utc("2027-01-14T17:30:00Z");
    input.base.overload.detected_at = *parse_utc("2027-01-14T15:00:00Z");
    input.base.overload.need = {input.base.overload.start, {8'000}};
    input.base.overload.source = "test";
    input.base.now = *parse_utc("2027-01-14T15:00:00Z");
    input.base.product = flex::ContractKind::availability;
    flex::Offer offer;
    offer.provider = "p";
    offer.id = "O1";
    offer.der = "D1";
    offer.feeder = "F1";
    offer.power = Watts{9'000};
    offer.available_from = *parse_utc("2027-01-14T12:00:00Z");
    offer.available_until = *parse_utc("2027-01-14T22:00:00Z");
    offer.utilisation = MicroPoundsPerMwh{200'000'000};
    offer.valid_until = input.base.overload.start;
    input.base.offers.push_back(offer);
    input.book = std::make_shared<const flex::RuleBook>(
        flex::RuleBook{.id = "house", .version = 2, .protected_ders = {"D9"}});
    return input;
}

TEST(ReplayDecisions, APlanUnderRulesComesOutTheSameAndAChangedRuleShows) {
    const flex::EventPlanInput input = evening_need();
    const Result<flex::EventPlan> made = flex::make_event_plan(input);
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_EQ(made->plan.lines.size(), 1U);
    audit::Entry entry;
    entry.type = "dispatch.plan";
    entry.body = json::Object{{"decision", "flex.plan"},
                              {"plan_sha256", flex::plan_sha256(made->plan)},
                              {"decision_sha256", flex::event_plan_sha256(*made)},
                              {"input", flex::to_json(input)}};
    const auto same = replay_decisions({entry}, no_blob);
    ASSERT_TRUE(same) << same.error().message;
    EXPECT_TRUE(same->front().same);

    flex::EventPlanInput tampered = input;
    tampered.book = std::make_shared<const flex::RuleBook>(
        flex::RuleBook{.id = "house", .version = 2, .protected_ders = {"D1"}});
    entry.body.set("input", flex::to_json(tampered));
    const auto other = replay_decisions({entry}, no_blob);
    ASSERT_TRUE(other) << other.error().message;
    EXPECT_FALSE(other->front().same);
}

dispatch::guard::GuardRules narrow_rules() {
    dispatch::guard::GuardRules rules;
    rules.power_per_event_max = Watts{20'000};
    return rules;
}

dispatch::guard::GuardQuestion asked_for(Watts change) {
    dispatch::guard::GuardQuestion question;
    question.instruction.id = InstructionId{"01HZZZZZZZZZZZZZZZZZZZZZZZ"};
    question.instruction.event = EventId{"ev-20270114-aaaaaaaa"};
    question.instruction.der = "D1";
    question.instruction.transaction = "t-1";
    question.instruction.change = change;
    question.instruction.value = Watts{-change.value};
    question.now = *parse_utc("2027-01-14T17:10:00Z");
    question.instruction.start = question.now;
    question.instruction.expires = question.now + minutes{5};
    question.instruction.ack_by = question.now + seconds{5};
    question.feeder = "F1";
    question.substation = "P1";
    question.der_power_max = Watts{40'000};
    return question;
}

/// What the dispatch agent writes for a question under these rules.
audit::Entry guarded(const dispatch::guard::GuardRules& rules,
                     const dispatch::guard::GuardQuestion& question) {
    const dispatch::guard::GuardAnswer answer = dispatch::guard::check(rules, question);
    const agents::KeptRules kept = agents::kept_rules(rules);
    audit::Draft draft = answer.allowed ? agents::intent_entry(question, kept, "mqtt")
                                        : agents::refused_entry(question, kept, answer);
    audit::Entry entry;
    entry.seq = 9;
    entry.type = std::move(draft.type);
    entry.body = std::move(draft.body);
    return entry;
}

/// The rules' blob, and no other.
BlobReader blob_of(const dispatch::guard::GuardRules& rules) {
    return [kept = agents::kept_rules(rules)](const std::string& sha256) {
        return sha256 == kept.blob.text("/sha256") ? Result<std::string>(kept.bytes)
                                                   : Error{Errc::not_found, "no blob " + sha256};
    };
}

TEST(ReplayDecisions, TheGuardAnswersAsItDid) {
    for (const Watts change : {Watts{10'000}, Watts{30'000}}) {
        const audit::Entry entry = guarded(narrow_rules(), asked_for(change));
        EXPECT_EQ(entry.type, change.value == 10'000 ? "dispatch.order.intent" : "guard.refused");
        const auto decisions = replay_decisions({entry}, blob_of(narrow_rules()));
        ASSERT_TRUE(decisions) << decisions.error().message;
        ASSERT_EQ(decisions->size(), 1U);
        EXPECT_EQ(decisions->front().decision, "guard.check");
        EXPECT_TRUE(decisions->front().same) << decisions->front().detail;
    }
}

TEST(ReplayDecisions, AQuestionToTheGuardThatWasTamperedWithShows) {
    audit::Entry passed = guarded(narrow_rules(), asked_for(Watts{10'000}));
    passed.body.set("guard", dispatch::guard::to_json(asked_for(Watts{30'000})));
    audit::Entry refused = guarded(narrow_rules(), asked_for(Watts{30'000}));
    refused.body.set("guard", dispatch::guard::to_json(asked_for(Watts{10'000})));
    for (const audit::Entry& entry : {passed, refused}) {
        const auto decisions = replay_decisions({entry}, blob_of(narrow_rules()));
        ASSERT_TRUE(decisions) << decisions.error().message;
        EXPECT_FALSE(decisions->front().same) << entry.type;
    }
}

TEST(ReplayDecisions, AnInstructionTheGuardWasNotAskedAboutShows) {
    audit::Entry entry = guarded(narrow_rules(), asked_for(Watts{10'000}));
    entry.body.set("instruction", dispatch::to_json(asked_for(Watts{12'000}).instruction));
    const auto decisions = replay_decisions({entry}, blob_of(narrow_rules()));
    ASSERT_TRUE(decisions) << decisions.error().message;
    EXPECT_FALSE(decisions->front().same);
}

TEST(ReplayDecisions, RulesThatAreGoneAreAnError) {
    const auto decisions = replay_decisions({guarded(narrow_rules(), asked_for(Watts{10'000}))}, no_blob);
    ASSERT_FALSE(decisions);
    EXPECT_EQ(decisions.error().code, Errc::not_found);
}

TEST(DescribeEntry, SaysWhatHappenedAndNothingForWhatTellsNothing) {
    EXPECT_EQ(describe(raised(live_excess(), live_excess())).substr(0, 22), "Overload live on F1 L1");
    audit::Entry tick;
    tick.type = "clock.tick";
    EXPECT_EQ(describe(tick), "");
}

}  // namespace
}  // namespace headroom::desk
