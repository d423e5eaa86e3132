// The emergency ladder: what becomes of each rung, and what doing nothing comes to.
#include "flex/ladder.hpp"
#include "flex/schedule_plan.hpp"
#include "scenario/thermal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace headroom::flex::test {
namespace {

using ::testing::HasSubstr;

const LadderStep& step_of(const std::vector<LadderStep>& steps, std::int64_t rung) {
    return *std::find_if(steps.begin(), steps.end(),
                         [rung](const LadderStep& step) { return step.rung == rung; });
}

PlanDer der_of_kind(const std::string& id, const std::string& kind, double max_kw, double price) {
    PlanDer out;
    out.der_id = id;
    out.kind = kind;
    out.max_kw = max_kw;
    out.price_gbp_per_kwh = price;
    return out;
}

PlanRequest ladder_request(std::vector<double> required_kw, std::vector<PlanDer> ders) {
    PlanRequest request;
    request.now = *parse_utc("2026-11-20T12:00:00Z");
    request.need.feeder_id = "F-1";
    request.need.start = *parse_utc("2026-11-20T16:00:00Z");
    request.need.required_kw = std::move(required_kw);
    request.ders = std::move(ders);
    request.shortfall_gbp_per_kwh = 6.0;
    return request;
}

TEST(Ladder, RungsSlowerThanTheLimitAreSkippedWithTheReason) {
    const std::vector<LadderStep> steps =
        climb(default_ladder(), {.time = {.minutes = 5.0}, .need_kw = 10.0, .left_kw = 10.0});
    ASSERT_EQ(steps.size(), 7U);
    for (const std::int64_t rung : {2, 6, 7}) {
        EXPECT_EQ(step_of(steps, rung).outcome, "skipped");
        EXPECT_THAT(step_of(steps, rung).reason, HasSubstr("the limit is reached in 5 min"));
    }
    EXPECT_THAT(step_of(steps, 3).reason, HasSubstr("on the spot"));
    for (const LadderStep& step : steps) {
        EXPECT_FALSE(step.legal_basis.empty());
    }
}

TEST(Ladder, DisconnectionIsRecommendedNeverTaken) {
    const std::vector<LadderStep> steps = climb(default_ladder(), {.need_kw = 10.0, .left_kw = 4.0});
    EXPECT_EQ(step_of(steps, 7).outcome, "recommended");
    EXPECT_THAT(step_of(steps, 7).reason, HasSubstr("4.0 kW stay uncovered"));
    EXPECT_EQ(step_of(climb(default_ladder(), {.need_kw = 10.0}), 7).outcome, "skipped");
}

TEST(Ladder, SwitchingIsRecommendedByTheBestOptionInTime) {
    LadderFacts facts{.time = {.minutes = 30.0}, .need_kw = 50.0, .left_kw = 0.0};
    facts.switching = {{.id = "T-1", .detail = "", .minutes = 12.0, .relief_kw = 20.0, .refused = ""},
                       {.id = "T-2", .detail = "", .minutes = 45.0, .relief_kw = 90.0, .refused = ""},
                       {.id = "T-3", .detail = "", .minutes = 5.0, .relief_kw = 80.0, .refused = "permit"}};
    const LadderStep step = step_of(climb(default_ladder(), facts), 2);
    EXPECT_EQ(step.outcome, "recommended");
    EXPECT_THAT(step.reason, HasSubstr("T-1"));
    facts.switching.erase(facts.switching.begin());
    EXPECT_EQ(step_of(climb(default_ladder(), facts), 2).outcome, "skipped");
}

TEST(DoingNothing, IsWithinTheCyclicOrTheEmergencyRatingForItsTime) {
    PlanLimit limit{.limit_kw = 400.0, .load_kw = {390.0, 430.0, 440.0, 380.0}, .spread_kw = 20.0};
    limit.cyclic_kw = 450.0;
    const DoingNothing cyclic = judge_doing_nothing(limit, 30.0);
    EXPECT_TRUE(cyclic.is_within);
    EXPECT_DOUBLE_EQ(cyclic.minutes_over, 60.0);
    EXPECT_NEAR(*cyclic.probability, 0.9772, 1e-4);  // two standard deviations
    limit.cyclic_kw = 420.0;
    limit.emergency_kw = 450.0;
    limit.emergency_minutes = 30.0;
    EXPECT_FALSE(judge_doing_nothing(limit, 30.0).is_within);  // an hour above 420 kW
    limit.emergency_minutes = 60.0;
    EXPECT_TRUE(judge_doing_nothing(limit, 30.0).is_within);
}

TEST(DoingNothing, PricesTheAgeingOfTheTransformer) {
    PlanLimit limit{.limit_kw = 500.0, .load_kw = std::vector<double>(48, 500.0)};
    limit.transformer =
        PlanTransformer{.rating_kw = 500.0, .replacement_gbp = 180'000.0, .load_before_kw = 500.0};
    const DoingNothing rated = judge_doing_nothing(limit, 30.0);
    EXPECT_NEAR(*rated.hot_spot_c, scenario::normal_life_hot_spot_c, 0.5);
    EXPECT_NEAR(*rated.loss_of_life_hours, 24.0, 1.0);  // a day at 98 degrees is a day of life
    EXPECT_NEAR(*rated.loss_of_life_gbp, *rated.loss_of_life_hours, 1e-9);
    limit.load_kw.assign(48, 800.0);
    limit.cyclic_kw = 900.0;
    const DoingNothing hot = judge_doing_nothing(limit, 30.0);
    EXPECT_GT(*hot.loss_of_life_gbp, 100.0 * *rated.loss_of_life_gbp);
    EXPECT_FALSE(hot.is_within);  // too hot, whatever the rating says
    EXPECT_THAT(hot.detail, HasSubstr("hot spot"));
}

TEST(SchedulePlan, AsksMobileGenerationLastAndNamesTheRung) {
    const PlanRequest request = ladder_request({30.0}, {der_of_kind("GEN", "mobile_generator", 100.0, 0.1),
                                                        der_of_kind("BAT", "battery", 20.0, 0.5)});
    const Result<SchedulePlan> plan = make_schedule_plan(request);
    ASSERT_TRUE(plan.has_value());
    ASSERT_EQ(plan->actions.size(), 2U);
    EXPECT_EQ(plan->actions[0].kw, std::vector<double>{20.0});  // the battery first, though it is dearer
    EXPECT_EQ(plan->actions[1].kw, std::vector<double>{10.0});
    EXPECT_EQ(plan->actions[1].means, "mobile_generation");
    EXPECT_LE(plan->bound_gbp, plan->cost_gbp);
    EXPECT_EQ(step_of(plan->ladder, 4).outcome, "taken");
    EXPECT_EQ(step_of(plan->ladder, 6).outcome, "taken");
    PlanRequest soon = request;
    soon.minutes_to_limit = 30.0;
    const Result<SchedulePlan> without = make_schedule_plan(soon);
    ASSERT_TRUE(without.has_value());
    EXPECT_EQ(without->actions.size(), 1U);
    EXPECT_THAT(without->refused.front().reason, HasSubstr("60 min"));
}

TEST(SchedulePlan, KeepsToTheOrderOfPreferenceTheBudgetAndThePerson) {
    const Result<RuleBook> book = read_rules(
        "id = \"t\"\nversion = 1\n"
        "[[rules]]\nid = \"P1\"\naction = \"prefer\"\nrank = 1\nproviders = [\"own\"]\nreason = \"ours "
        "first\"\n"
        "[[rules]]\nid = \"B1\"\naction = \"budget\"\ngbp = 8.0\nreason = \"cap\"\n"
        "[[rules]]\nid = \"A1\"\naction = \"ask_a_person\"\ngbp = 5.0\nreason = \"four eyes\"\n",
        "rules.toml");
    ASSERT_TRUE(book.has_value()) << book.error().message;
    PlanRequest request =
        ladder_request({20.0, 20.0}, {der_of_kind("A", "ev", 20.0, 0.2), der_of_kind("B", "ev", 10.0, 0.6)});
    request.ders[1].provider = "own";
    const Result<SchedulePlan> plan = make_schedule_plan(request, {}, &*book);
    ASSERT_TRUE(plan.has_value());
    // Ours gives its 10 kW (6 GBP), the cheaper the rest (2 GBP): 8 GBP in all.
    EXPECT_DOUBLE_EQ(plan->purchase_gbp, 8.0);
    EXPECT_TRUE(plan->needs_person);
    EXPECT_THAT(plan->budget, HasSubstr("8.00"));
    PlanRequest larger = request;
    larger.need.required_kw = {30.0, 30.0};
    const Result<SchedulePlan> bound = make_schedule_plan(larger, {}, &*book);
    ASSERT_TRUE(bound.has_value());
    EXPECT_LE(bound->purchase_gbp, 8.0);
    EXPECT_EQ(bound->status, "partial");
}

TEST(SchedulePlan, CarbonAndRotationWeighButAreNotPaid) {
    PlanRequest request = ladder_request(
        {10.0}, {der_of_kind("DIRTY", "generator", 10.0, 0.20), der_of_kind("CLEAN", "ev", 10.0, 0.25)});
    request.ders[0].carbon_g_per_kwh = 800.0;
    request.ders[1].carbon_g_per_kwh = 0.0;
    request.carbon_gbp_per_tonne = 100.0;  // 0.08 GBP/kWh for 800 g
    const Result<SchedulePlan> plan = make_schedule_plan(request);
    ASSERT_TRUE(plan.has_value());
    ASSERT_EQ(plan->actions.size(), 1U);
    EXPECT_EQ(plan->actions[0].der_id, "CLEAN");
    EXPECT_DOUBLE_EQ(plan->purchase_gbp, 1.25);
    EXPECT_LE(plan->bound_gbp, 1.0 + 1e-6);  // another plan costs less money
}

TEST(SchedulePlan, SetsThreeDistinctPurchasesAndAReserveForEveryDerBesideIt) {
    std::vector<PlanDer> ders;
    for (int i = 0; i < 24; ++i) {
        ders.push_back(der_of_kind("D" + std::to_string(10 + i), "ev", 5.0, 0.2 + 0.01 * i));
    }
    PlanRequest request = ladder_request({80.0, 60.0}, ders);
    request.switching = {
        {.id = "T-1", .detail = "close T-1", .minutes = 5.0, .relief_kw = 90.0, .refused = ""}};
    request.limit = PlanLimit{.limit_kw = 400.0, .load_kw = {480.0, 460.0}, .spread_kw = 10.0};
    const Result<SchedulePlan> plan = make_schedule_plan(request);
    ASSERT_TRUE(plan.has_value());
    std::vector<std::vector<std::string>> purchases;
    for (const PlanChoice& choice : plan->alternatives) {
        if (!choice.der_ids.empty() &&
            std::find(purchases.begin(), purchases.end(), choice.der_ids) == purchases.end()) {
            purchases.push_back(choice.der_ids);
        }
    }
    EXPECT_GE(purchases.size(), 3U);
    EXPECT_EQ(plan->alternatives[0].name, "do_nothing");
    EXPECT_NEAR(*plan->alternatives[0].probability_over, 1.0, 1e-9);
    EXPECT_EQ(plan->alternatives[1].name, "switch");
    EXPECT_EQ(plan->reserve.size(), plan->actions.size());
    for (const PlanReserve& reserve : plan->reserve) {
        EXPECT_GT(reserve.shortfall_kw, 0.0);
        EXPECT_FALSE(reserve.stand_in.empty());
        EXPECT_EQ(reserve.left_kw, 0.0) << reserve.if_fails;
    }
}

TEST(SchedulePlan, BuysNothingWhereTheLadderTakesTheRating) {
    RuleBook book{.id = "t"};
    book.ladder = default_ladder();
    book.ladder[0].is_sent = true;
    PlanRequest request = ladder_request({20.0}, {der_of_kind("A", "ev", 20.0, 0.2)});
    request.limit = PlanLimit{.limit_kw = 400.0, .load_kw = {420.0}};
    request.limit->cyclic_kw = 450.0;
    const Result<SchedulePlan> plan = make_schedule_plan(request, {}, &book);
    ASSERT_TRUE(plan.has_value());
    EXPECT_TRUE(plan->actions.empty());
    EXPECT_EQ(step_of(plan->ladder, 1).outcome, "taken");
    EXPECT_EQ(step_of(plan->ladder, 4).outcome, "skipped");
}

TEST(SchedulePlan, ARequestOfBeforeKeepsItsHash) {
    const std::string text = R"({"seed":7,"now":"2026-11-20T15:00:00Z","need":{"feeder_id":"F-017",
"start":"2026-11-20T17:00:00Z","required_kw":[40,60,30,0],"headroom_kw":[0,0,0,10]},"ders":[
{"der_id":"A","provider":"p","kind":"battery","max_kw":30,"energy_kwh":25,"price_gbp_per_kwh":0.2,"reliability":0.9,
"carbon_g_per_kwh":0},
{"der_id":"B","provider":"p","kind":"ev","max_kw":40,"price_gbp_per_kwh":0.35,"reliability":0.8,"rebound_share":0.3,
"rebound_minutes":30,"carbon_g_per_kwh":10},{"der_id":"C","provider":"q","kind":"generator","min_kw":10,"max_kw":50,
"price_gbp_per_kwh":0.5,"activation_gbp":3,"carbon_g_per_kwh":700}],"shortfall_gbp_per_kwh":6})";
    std::vector<Fault> faults;
    std::optional<PlanRequest> request = read_plan_request(*json::parse(text), faults);
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ(make_schedule_plan(*request)->sha256,
              "f651d811f6419459e666de7e45bc81919af322fcfe8139addfaf2b42e9bc6b3b");
    request->probability = 0.9;
    EXPECT_EQ(make_schedule_plan(*request)->sha256,
              "b1cd4c5724fae4ab2e9916f93916f4d76a416f106816348639e591c2614a3d69");
}

}  // namespace
}  // namespace headroom::flex::test
