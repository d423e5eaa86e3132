#include "desk/event_detail.hpp"
#include "flex/flex_plan.hpp"
#include "unit/desk/instants.hpp"

#include <gtest/gtest.h>

namespace headroom::desk {
namespace {

using test::january_noon;

flex::FlexPlan plan_of(const std::string& event, bool has_lines) {
    flex::FlexPlan plan;
    plan.event = EventId{event};
    plan.feeder = "F-1";
    plan.chosen = "cheapest";
    plan.rule_set = "default@1";
    if (has_lines) {
        flex::PlanLine line;
        line.offer.provider = "battery-co";
        line.offer.id = "o-1";
        line.offer.der = "D-1";
        line.offer.feeder = "F-1";
        line.offer.power = Watts{5000};
        line.offer.available_from = january_noon;
        line.offer.available_until = january_noon + hours{1};
        line.power_w = {.start = january_noon, .values = {4000}};
        line.cost = MicroPounds{1'500'000};
        line.energy = WattHours{2'000};
        plan.lines.push_back(line);
        plan.need_w = {.start = january_noon, .values = {5'000}};
        plan.relief_w = {.start = january_noon, .values = {4'000}};
        plan.shortfall_peak = Watts{1'000};
        plan.cost = line.cost;
    }
    return plan;
}

class Story {
  public:
    void plan(std::int64_t round, const std::string& authority, const std::string& sha256,
              bool has_lines = true, json::Value notes = {}) {
        add("dispatch.plan",
            json::Object{{"notes", std::move(notes)},
                         {"round", round},
                         {"why", "overload"},
                         {"plan_sha256", sha256},
                         {"authority", authority},
                         {"planned_at", format_utc(january_noon)},
                         {"refused",
                          json::Array{json::Object{
                              {"der_id", "D-9"}, {"offer_id", "o-9"}, {"reason", "on L2, the limit is L1"}}}},
                         {"plan", flex::to_json(plan_of("ev-1", has_lines))}});
    }
    void judge(const std::string& type, const std::string& sha256, const std::string& envelope = "") {
        json::Object body{{"plan_sha256", sha256}, {"reason", "because"}};
        if (!envelope.empty()) {
            body.set("envelope", envelope);
        }
        add(type, std::move(body));
    }
    void hear(const std::string& type, json::Object body) { add(type, std::move(body)); }
    std::vector<std::string> states(agents::EventState state = agents::EventState::proposed) const {
        const Result<std::vector<PlanAnswer>> plans = answer(state);
        EXPECT_TRUE(plans.has_value()) << (plans ? "" : plans.error().message);
        std::vector<std::string> out;
        for (const PlanAnswer& plan : plans ? *plans : std::vector<PlanAnswer>{}) {
            out.push_back(plan.state);
        }
        return out;
    }
    Result<std::vector<PlanAnswer>> answer(agents::EventState state = agents::EventState::proposed) const {
        return make_plans(entries_, "ev-1",
                          {.state = state,
                           .waits_for_approval = waits,
                           .window_end = january_noon + hours{2},
                           .approval_expires = minutes{10}});
    }
    const std::vector<std::shared_ptr<const EvidenceEntry>>& entries() const { return entries_; }
    bool waits = false;

  private:
    void add(std::string type, json::Object body) {
        auto one = std::make_shared<EvidenceEntry>();
        one->entry.seq = entries_.size();
        one->entry.ts = january_noon;
        one->entry.type = std::move(type);
        one->entry.actor.id = "alex";
        one->entry.actor.kind = "user";
        one->entry.corr = "ev-1";
        one->entry.outcome = "ok";
        one->entry.body = std::move(body);
        entries_.push_back(std::move(one));
    }
    std::vector<std::shared_ptr<const EvidenceEntry>> entries_;
};

using States = std::vector<std::string>;

TEST(MakePlans, AProposedPlanWaitsUntilItExpires) {
    Story story;
    story.plan(1, "propose", "aa");
    EXPECT_EQ(story.states(), States{"proposed"});
    EXPECT_EQ(story.answer()->front().expires_at, january_noon + minutes{10});
    EXPECT_EQ(story.answer()->front().plan_id, "ev-1.1");
    EXPECT_EQ(story.states(agents::EventState::cancelled), States{"expired"});
}

TEST(MakePlans, APersonApprovesOrRejects) {
    Story story;
    story.plan(1, "propose", "aa");
    story.judge("dispatch.approve", "aa");
    EXPECT_EQ(story.states(), States{"approved"});
    EXPECT_EQ(story.answer()->front().approved_by, "alex");
    EXPECT_FALSE(story.answer()->front().expires_at.has_value());
    Story other;
    other.plan(1, "propose", "aa");
    other.judge("dispatch.reject", "aa");
    EXPECT_EQ(other.states(), States{"rejected"});
}

TEST(MakePlans, AnEnvelopeAuthorises) {
    Story story;
    story.plan(1, "act", "aa");
    story.judge("dispatch.approve", "aa", "demo");
    EXPECT_EQ(story.states(), States{"authorised"});
    EXPECT_EQ(story.answer()->front().approved_by, "envelope demo");
}

TEST(MakePlans, ANewRoundSupersedesWhatStillWaited) {
    Story story;
    story.plan(1, "propose", "aa");
    story.plan(2, "propose", "bb");
    EXPECT_EQ(story.states(), (States{"superseded", "proposed"}));
}

TEST(MakePlans, ShadowAndEmptyPlansCannotBeApproved) {
    Story story;
    story.plan(1, "shadow", "aa");
    story.plan(2, "propose", "bb", false);
    EXPECT_EQ(story.states(), (States{"shadow", "expired"}));
}

TEST(MakePlans, ReadsTheLinesInKilowattsAndPounds) {
    Story story;
    story.plan(1, "propose", "aa");
    const PlanActionAnswer line = story.answer()->front().actions.at(0);
    EXPECT_EQ(line.kw, std::vector<double>{4.0});
    EXPECT_DOUBLE_EQ(line.cost_gbp, 1.5);
    EXPECT_EQ(line.der_id, "D-1");
}

TEST(MakePlans, KeepsWhoWasRefusedAndWhy) {
    Story story;
    story.plan(1, "propose", "aa");
    const PlanAnswer plan = story.answer()->front();
    ASSERT_EQ(plan.refused.size(), 1U);
    EXPECT_EQ(plan.refused[0].der_id, "D-9");
    EXPECT_EQ(plan.refused[0].reason, "on L2, the limit is L1");
}

TEST(MakePlans, AProposalMayBeApprovedOnlyWhileItsPlanWaits) {
    Story story;
    story.plan(1, "propose", "aa");
    story.hear("ai.proposal", json::Object{{"plan_sha256", "aa"},
                                           {"verdict", "accepted"},
                                           {"proposal_sha256", "bb"},
                                           {"exchanges", json::Array{json::Value(4)}},
                                           {"latency_us", 1500},
                                           {"proposal", flex::to_json(plan_of("ev-1", true))}});
    EXPECT_FALSE(story.answer()->front().copilot->may_be_approved);
    story.waits = true;
    const PlanCopilotAnswer said = *story.answer()->front().copilot;
    EXPECT_TRUE(said.may_be_approved);
    EXPECT_EQ(said.proposal_sha256, "bb");
    EXPECT_DOUBLE_EQ(said.proposal_cost_gbp, 1.5);
    EXPECT_EQ(said.exchanges, std::vector<std::int64_t>{4});
    EXPECT_DOUBLE_EQ(said.latency_ms, 1.5);
    story.plan(2, "propose", "cc");  // planned anew: it was made beside another plan
    EXPECT_FALSE(story.answer()->front().copilot->may_be_approved);
    EXPECT_FALSE(story.answer()->back().copilot.has_value());
}

TEST(MakePlans, ARefusedProposalIsShownWithItsGuard) {
    Story story;
    story.waits = true;
    story.plan(1, "propose", "aa");
    story.hear("ai.rejected", json::Object{{"plan_sha256", "aa"},
                                           {"verdict", "llm_infeasible"},
                                           {"guard", "physics"},
                                           {"violations", json::Array{json::Value("slot 1: leaves 2 kW")}}});
    const PlanCopilotAnswer said = *story.answer()->front().copilot;
    EXPECT_FALSE(said.may_be_approved);
    EXPECT_EQ(said.guard, "physics");
    EXPECT_EQ(said.violations, std::vector<std::string>{"slot 1: leaves 2 kW"});
}

agents::EventRecord record_of(std::int64_t need_w) {
    agents::EventRecord record;
    record.overload.event = EventId{"ev-1"};
    record.overload.feeder = "F-1";
    record.overload.limit.value = 100.0;
    record.overload.start = january_noon;
    record.overload.end = january_noon + minutes{30};
    record.overload.need = {.start = january_noon, .w = {need_w}};
    return record;
}

TEST(MakePlanDetail, SaysWhatIsOpenAndWhatBinds) {
    Story story;
    story.plan(1, "propose", "aa");
    const Result<PlanDetailAnswer> detail = make_plan_detail(story.entries(), record_of(5'000), 1);
    ASSERT_TRUE(detail.has_value()) << detail.error().message;
    ASSERT_EQ(detail->shortfall.size(), 1U);
    EXPECT_DOUBLE_EQ(detail->shortfall[0].kw, 1.0);
    ASSERT_EQ(detail->binding.size(), 1U);
    EXPECT_EQ(detail->binding[0].limit, "supply");
    EXPECT_EQ(detail->would_help.size(), 1U);
    EXPECT_DOUBLE_EQ(detail->constraints.at(0).covered_share, 0.8);
    EXPECT_FALSE(detail->fan.has_value()) << "nothing was forecast";
    EXPECT_DOUBLE_EQ(*detail->residual.certainty, 0.0);
}

/// What stands beside a plan that was made under the operator's rules.
json::Object notes() {
    return json::Object{
        {"ways", json::Array{json::Object{{"name", "do_nothing"},
                                          {"cost_micro_gbp", 0},
                                          {"shortfall_w", 5'000},
                                          {"certainty_ppm", 0},
                                          {"carbon_g", 0},
                                          {"asked", json::Array{}},
                                          {"probability_ppm", 620'000},
                                          {"detail", "ages the transformer"}},
                             json::Object{{"name", "lowest_carbon"},
                                          {"cost_micro_gbp", 2'500'000},
                                          {"certainty_ppm", 950'000},
                                          {"carbon_g", 1'500},
                                          {"asked", json::Array{json::Value("D-1")}}}}},
        {"carbon_source", "180 g/kWh of the grid: carbon_intensity"},
        {"refused",
         json::Array{json::Object{
             {"provider", "acme"}, {"offer", "o-7"}, {"der_id", "D-7"}, {"reason", "rule quiet: never"}}}},
        {"ladder", json::Array{json::Object{{"rung", 1},
                                            {"name", "Do nothing"},
                                            {"outcome", "skipped"},
                                            {"reason", "above the rating"},
                                            {"legal_basis", "P2/8"}}}},
        {"rules", json::Array{json::Object{
                      {"rule", "quiet"}, {"der_id", "D-7"}, {"is_refused", true}, {"detail", "never"}}}},
        {"reserve", json::Array{json::Object{{"if_fails", "D-1"},
                                             {"shortfall_w", 4'000},
                                             {"stand_in", json::Array{json::Value("D-2")}},
                                             {"left_w", 500}}}}};
}

TEST(MakePlans, WhatTheOperatorSRulesSaidStandsBesideThePlan) {
    Story story;
    story.plan(1, "propose", "aa", true, notes());
    const PlanAnswer plan = story.answer()->front();
    ASSERT_EQ(plan.alternatives.size(), 2U);
    EXPECT_DOUBLE_EQ(*plan.alternatives[0].probability_over, 0.62);
    EXPECT_FALSE(plan.alternatives[0].loss_of_life_gbp.has_value());
    EXPECT_DOUBLE_EQ(*plan.alternatives[1].carbon_kg, 1.5);
    EXPECT_EQ(plan.alternatives[1].der_ids, std::vector<std::string>{"D-1"});
    ASSERT_EQ(plan.refused.size(), 1U);
    EXPECT_EQ(plan.refused[0].offer_id, "o-7");
    const Result<PlanDetailAnswer> detail = make_plan_detail(story.entries(), record_of(5'000), 1);
    ASSERT_TRUE(detail.has_value()) << detail.error().message;
    ASSERT_EQ(detail->ladder.size(), 1U);
    EXPECT_EQ(detail->ladder[0].outcome, "skipped");
    EXPECT_EQ(detail->carbon_source, "180 g/kWh of the grid: carbon_intensity");
    EXPECT_TRUE(detail->rules.at(0).is_refused);
    EXPECT_EQ(detail->reserve.at(0).stand_in, std::vector<std::string>{"D-2"});
    EXPECT_DOUBLE_EQ(detail->reserve.at(0).left_kw, 0.5);
}

TEST(MakePlanDetail, KnowsNoOtherRound) {
    Story story;
    story.plan(1, "propose", "aa");
    EXPECT_EQ(make_plan_detail(story.entries(), record_of(5'000), 2).error().code, Errc::not_found);
}

}  // namespace
}  // namespace headroom::desk
