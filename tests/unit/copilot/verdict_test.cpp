#include "copilot/verdict.hpp"

#include "unit/flex/plan_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::copilot {
namespace {

using flex::test::input_for;
using flex::test::offer;
using testing::ElementsAre;
using testing::HasSubstr;

/// Two half-hours of 10 kW; a cheap offer and a dear one, and a plan that took the dear one.
class Judging : public testing::Test {
  protected:
    Judging() {
        input = input_for({10'000, 10'000});
        input.offers = {offer("CHEAP", 10'000, 100), offer("DEAR", 10'000, 300)};
        prepare();
        plan = flex::make_plan(dear_only()).value();
    }
    [[nodiscard]] flex::PlanInput dear_only() const {
        flex::PlanInput only = input;
        only.offers = {offer("DEAR", 10'000, 300)};
        return only;
    }
    void prepare() { problem = flex::make_problem(input).value(); }
    [[nodiscard]] PlanQuestion question() const {
        return {.input = input, .plan = plan, .problem = problem, .rules = rules, .share = Share::figures};
    }
    Judgement judged(Proposal proposal) {
        static_cast<void>(plan_chat(question(), names));
        if (proposal.event.empty()) {
            proposal.event = "event-1";
        }
        return judge(question(), proposal, names);
    }
    std::string name(const std::string& id) { return names.name_of("offer", "p1\n" + id); }
    Proposal use(const std::string& id, std::vector<double> kw) {
        static_cast<void>(plan_chat(question(), names));
        Proposal proposal;
        for (std::size_t i = 0; i < kw.size(); ++i) {
            proposal.actions.push_back({name(id), static_cast<std::int64_t>(i + 1), kw[i]});
        }
        return proposal;
    }

    flex::PlanInput input;
    flex::FlexPlan plan;
    flex::Problem problem;
    std::vector<knowledge::RuleRef> rules;
    Pseudonyms names;
};

TEST_F(Judging, AcceptsAPlanThatIsCheaperAndCoversAsMuch) {
    const Judgement judgement = judged(use("CHEAP", {10.0, 10.0}));
    ASSERT_TRUE(judgement.is_accepted()) << testing::PrintToString(judgement.violations);
    EXPECT_EQ(judgement.reason, Reason::none);
    EXPECT_LT(judgement.objective_micro, judgement.plan_objective_micro);
    ASSERT_EQ(judgement.plan->lines.size(), 1U);
    EXPECT_EQ(judgement.plan->lines[0].offer.id, "CHEAP");
    EXPECT_THAT(judgement.plan->lines[0].power_w.values, ElementsAre(10'000, 10'000));
    EXPECT_EQ(judgement.plan->cost.value, 1'000'000);  // 10 kWh at 100 GBP/MWh
    EXPECT_EQ(judgement.plan->chosen, "llm");
    EXPECT_EQ(flex::flex_plan_from_json(flex::to_json(*judgement.plan))->cost, judgement.plan->cost);
}

TEST_F(Judging, KeepsThePlanWhenTheProposalIsNoBetter) {
    const Judgement same = judged(use("DEAR", {10.0, 10.0}));
    EXPECT_FALSE(same.is_accepted());
    EXPECT_EQ(same.reason, Reason::llm_worse);
    EXPECT_EQ(same.failed, Guard::cost);
    Proposal both = use("CHEAP", {10.0, 10.0});
    for (const ProposedAction& action : use("DEAR", {10.0, 10.0}).actions) {
        both.actions.push_back(action);
    }
    EXPECT_EQ(judged(both).reason, Reason::llm_worse);
}

TEST_F(Judging, RefusesIdsThatWereNotGiven) {
    Proposal foreign;
    foreign.actions = {{"offer-99", 1, 10.0}};
    EXPECT_EQ(judged(foreign).failed, Guard::ids);
    foreign.actions = {{"CHEAP", 1, 10.0}};  // the real id was never put to the model
    EXPECT_EQ(judged(foreign).failed, Guard::ids);
    Proposal other_event = use("CHEAP", {10.0, 10.0});
    other_event.event = "event-2";
    EXPECT_EQ(judged(other_event).failed, Guard::ids);
}

TEST_F(Judging, RefusesWhatIsOutOfRangeAndClampsNothing) {
    for (const auto& proposal : {use("CHEAP", {10.1, 10.0}), use("CHEAP", {100'000.0, 0.0})}) {
        const Judgement judgement = judged(proposal);
        EXPECT_EQ(judgement.failed, Guard::semantics);
        EXPECT_EQ(judgement.reason, Reason::llm_infeasible);
    }
    Proposal late = use("CHEAP", {10.0});
    late.actions[0].slot = 3;
    EXPECT_THAT(judged(late).violations, ElementsAre(HasSubstr("slots 1 to 2")));
    Proposal twice = use("CHEAP", {10.0, 10.0});
    twice.actions.push_back(twice.actions[0]);
    EXPECT_EQ(judged(twice).failed, Guard::semantics);
}

TEST_F(Judging, HoldsEnergyAndRuns) {
    input.offers[0].energy = WattHours{5'000};
    prepare();
    EXPECT_THAT(judged(use("CHEAP", {10.0, 10.0})).violations, ElementsAre(HasSubstr("energy")));
    input.offers[0].energy = {};
    input.offers[0].duration_max = minutes{30};
    prepare();
    EXPECT_THAT(judged(use("CHEAP", {10.0, 10.0})).violations,
                ElementsAre(HasSubstr("at most 1 half-hours")));
}

TEST_F(Judging, TakesABlockAsAWholeOnly) {
    input.offers[0].duration_min = hours{1};
    input.offers[0].power = Watts{10'040};
    prepare();
    EXPECT_EQ(judged(use("CHEAP", {5.0, 5.0})).failed, Guard::semantics);
    EXPECT_EQ(judged(use("CHEAP", {10.0})).failed, Guard::semantics);
    const Judgement whole = judged(use("CHEAP", {10.0, 10.0}));  // as it was put: rounded down to 100 W
    ASSERT_TRUE(whole.is_accepted()) << testing::PrintToString(whole.violations);
    EXPECT_THAT(whole.plan->lines[0].power_w.values, ElementsAre(10'040, 10'040));
}

TEST_F(Judging, RefusesWhatBreaksARuleOfTheOperatorAndNamesIt) {
    flex::EventPlanInput ruled{.base = input, .book = {}, .facts = {}};
    ruled.book = std::make_shared<const flex::RuleBook>(
        flex::read_rules(
            "id = \"t\"\nversion = 1\n[[rules]]\nid = \"R-NIGHT-7\"\naction = \"never_ask\"\nders = "
            "[\"der-CHEAP\"]\nreason = \"the clinic\"\n",
            "rules.toml")
            .value());
    const Proposal proposal = [&] {
        Proposal made = use("CHEAP", {10.0, 10.0});
        made.event = "event-1";
        return made;
    }();
    PlanQuestion asked = question();
    asked.ruled = &ruled;
    const Judgement judgement = judge(asked, proposal, names);
    EXPECT_EQ(judgement.failed, Guard::rules);
    EXPECT_EQ(judgement.reason, Reason::llm_infeasible);
    ASSERT_EQ(judgement.rules_broken.size(), 1U);
    EXPECT_EQ(judgement.rules_broken[0].rule, "R-NIGHT-7");
    EXPECT_EQ(judgement.rules_broken[0].detail, "the clinic");
    // What goes back to the model says so without a word that the operator wrote.
    EXPECT_THAT(judgement.violations, ElementsAre(HasSubstr("breaks rule-1 of the operator (never_ask)")));
    EXPECT_EQ(judgement.violations[0].find("NIGHT"), std::string::npos);
}

TEST_F(Judging, TellsTheTurnsOnlyWhereThereAreSome) {
    PlanQuestion asked = question();
    asked.turns = {0, 0};
    EXPECT_EQ(json::write(plan_facts(asked, names)).find("\"turn\""), std::string::npos);
    asked.turns = {0, 1};
    EXPECT_NE(json::write(plan_facts(asked, names)).find("\"turn\":2"), std::string::npos);
}

TEST_F(Judging, TellsTheCertaintyThatIsAskedForInTheMarginsStead) {
    PlanQuestion asked = question();
    const std::string expected = json::write(plan_facts(asked, names));
    EXPECT_NE(expected.find("\"margin_percent\""), std::string::npos);
    EXPECT_EQ(expected.find("\"certainty\""), std::string::npos);
    flex::EventPlanInput ruled{.base = input, .book = {}, .facts = {}};
    ruled.facts.chance =
        flex::ChanceAsked{.probability_ppm = 925'000, .rule = "SURE", .quantiles_ppm = {500'000}};
    for (const std::int64_t need : input.overload.need.w) {
        ruled.facts.chance->over_w.push_back({need});
    }
    asked.ruled = &ruled;
    const json::Value facts(plan_facts(asked, names));
    EXPECT_EQ(facts.get("margin_percent"), nullptr);
    ASSERT_NE(facts.get("certainty"), nullptr);
    EXPECT_EQ(json::write(*facts.get("certainty")).find("{\"asked_percent\":92.5,\"plan_percent\":"), 0U)
        << json::write(*facts.get("certainty"));
    const Chat chat = plan_chat(asked, names);
    EXPECT_NE(chat.system.find("asked_percent"), std::string::npos);
    EXPECT_EQ(chat.system.find("need and margin"), std::string::npos);
}

TEST_F(Judging, RefusesToLeaveMoreUncovered) {
    input.rules.unserved_price = MicroPoundsPerMwh{1};  // on the objective alone, doing nothing would win
    prepare();
    const Judgement judgement = judged(use("CHEAP", {10.0, 0.0}));
    EXPECT_EQ(judgement.failed, Guard::physics);
    EXPECT_THAT(judgement.violations, ElementsAre(HasSubstr("slot 2: leaves 10.0 kW uncovered")));
    EXPECT_EQ(judged(Proposal{}).failed, Guard::physics);
}

TEST_F(Judging, HoldsTheEventsCap) {
    input.rules.cost_max = MicroPounds{1};
    prepare();
    const Judgement judgement = judged(use("CHEAP", {10.0, 10.0}));
    EXPECT_EQ(judgement.failed, Guard::cost);
    EXPECT_EQ(judgement.reason, Reason::llm_infeasible);
}

TEST_F(Judging, LeavesAPlanOfOtherMeansAlone) {
    plan.lines[0].offer.id = "ELSEWHERE";
    EXPECT_EQ(judged(use("CHEAP", {10.0, 10.0})).reason, Reason::llm_worse);
}

TEST_F(Judging, PutsFiguresUnderPseudonymsOnly) {
    input.overload.feeder = "LV-017";
    const Chat chat = plan_chat(question(), names);
    for (const char* own : {"LV-017", "CHEAP", "DEAR", "der-CHEAP", "ev-2027", "p1"}) {
        EXPECT_EQ(chat.messages[0].text.find(own), std::string::npos) << own;
    }
    EXPECT_THAT(chat.messages[0].text, HasSubstr("\"need_kw\":10"));
}

TEST_F(Judging, RepairsOnceInFixedWords) {
    Turn turn;
    turn.calls.push_back({.id = "call_1", .name = "propose_plan", .arguments = {}, .fault = {}});
    const Chat chat = repair_chat(plan_chat(question(), names), turn, {"event: not the event of the data"});
    ASSERT_EQ(chat.messages.size(), 3U);
    EXPECT_EQ(chat.messages[2].results.at(0).id, "call_1");
    EXPECT_EQ(chat.messages[2].results.at(0).content.text("/violations/0"),
              "event: not the event of the data");
}

TEST(ProposalOf, ReadsCallsAndBareJson) {
    const std::string document =
        R"({"event":"event-1","actions":[{"offer":"offer-1","slot":2,"power_kw":1.5}],"summary":"s","justification":"j"})";
    Turn text;
    text.text = document;
    ASSERT_TRUE(proposal_of(text).has_value());
    text.text = "```json\n" + document + "\n```";
    EXPECT_EQ(proposal_of(text)->actions.at(0).power_kw, 1.5);
    text.text = "Here you are: " + document;
    EXPECT_FALSE(proposal_of(text).has_value());
    Turn call;
    call.calls.push_back({.name = "propose_plan", .arguments = *json::parse(document)});
    EXPECT_TRUE(proposal_of(call).has_value());
    call.calls.push_back(call.calls.front());
    EXPECT_FALSE(proposal_of(call).has_value());
    call.calls = {{.name = "dispatch_all", .arguments = *json::parse(document)}};
    EXPECT_FALSE(proposal_of(call).has_value());
}

TEST(ProposalFromJson, RefusesWhatTheSchemaForbids) {
    for (
        const char* text :
        {R"({})", R"({"event":"e","actions":[],"summary":"s"})",
         R"({"event":"e","actions":[],"summary":"s","justification":"j","approve":true})",
         R"({"event":"e","actions":[{"offer":"o","slot":0,"power_kw":1}],"summary":"","justification":""})",
         R"({"event":"e","actions":[{"offer":"o","slot":1.5,"power_kw":1}],"summary":"","justification":""})",
         R"({"event":"e","actions":[{"offer":"o","slot":1,"power_kw":-1}],"summary":"","justification":""})",
         R"({"event":"e","actions":[{"offer":"o","slot":1,"power_kw":1e300}],"summary":"","justification":""})",
         R"({"event":"e","actions":[{"offer":"o","slot":1,"power_kw":"1"}],"summary":"","justification":""})",
         R"({"event":"e","actions":[{"offer":"o","slot":1,"power_kw":1,"url":"x"}],"summary":"","justification":""})",
         R"({"event":"","actions":[],"summary":"","justification":""})",
         R"({"event":"e","actions":{},"summary":"","justification":""})"}) {
        EXPECT_FALSE(proposal_from_json(*json::parse(text)).has_value()) << text;
    }
}

TEST(ProposalTool, IsOfTheStrictKind) {
    const json::Value schema = proposal_tool().parameters;
    EXPECT_FALSE(schema.boolean("/additionalProperties", true));
    EXPECT_EQ(schema.get("required")->as_array()->size(), 4U);
    EXPECT_FALSE(schema.boolean("/properties/actions/items/additionalProperties", true));
}

}  // namespace
}  // namespace headroom::copilot
