// Requests of POST /api/v1/plans: what is refused, what is planned, and that the same request gives the same.
#include "flex/schedule_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace headroom::flex::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr std::string_view three_ders = R"({
  "dry_run": true, "seed": 7, "now": "2026-11-20T15:00:00Z",
  "need": {"feeder_id": "F-017", "start": "2026-11-20T17:00:00Z", "step_minutes": 30,
           "required_kw": [10.0, 20.0]},
  "ders": [
    {"der_id": "A", "provider": "p", "kind": "battery", "min_kw": 0, "max_kw": 10, "energy_kwh": 10,
     "notice_minutes": 5, "max_duration_minutes": 120, "min_rest_minutes": 0, "max_activations": 2,
     "available": [{"from": "2026-11-20T16:00:00Z", "to": "2026-11-20T20:00:00Z"}],
     "activation_gbp": 0.1, "price_gbp_per_kwh": 0.2, "reliability": 1, "sensitivity": 1,
     "carbon_g_per_kwh": 50},
    {"der_id": "B", "max_kw": 20, "price_gbp_per_kwh": 0.3, "carbon_g_per_kwh": 700},
    {"der_id": "C", "max_kw": 20, "price_gbp_per_kwh": 0.25, "reliability": 0.5, "carbon_g_per_kwh": 0}],
  "shortfall_gbp_per_kwh": 6})";

PlanRequest request_of(std::string_view text) {
    std::vector<Fault> faults;
    std::optional<PlanRequest> request = read_plan_request(*json::parse(text), faults);
    EXPECT_TRUE(request.has_value()) << (faults.empty() ? ""
                                                        : faults.front().pointer + faults.front().detail);
    return request.value_or(PlanRequest{});
}

std::string pointer_of_fault(const std::function<void(PlanRequest&)>& change) {
    PlanRequest request = request_of(three_ders);
    change(request);
    std::vector<Fault> faults;
    check_plan_request(request, faults);
    return faults.empty() ? "" : faults.front().pointer;
}

TEST(SchedulePlan, CoversTheNeedAtLeastCost) {
    const Result<SchedulePlan> plan = make_schedule_plan(request_of(three_ders));
    ASSERT_TRUE(plan.has_value());
    // A gives 10 kW twice (10 kWh at 0.20 and a start), B the other 10 kW for half an hour at 0.30.
    EXPECT_DOUBLE_EQ(plan->cost_gbp, 2.1 + 1.5);
    EXPECT_DOUBLE_EQ(plan->purchase_gbp, plan->cost_gbp);
    EXPECT_EQ(plan->shortfall_kw, (std::vector<double>{0.0, 0.0}));
    ASSERT_EQ(plan->actions.size(), 2U);
    EXPECT_EQ(plan->actions[0].der_id, "A");
    EXPECT_EQ(plan->actions[0].kw, (std::vector<double>{10.0, 10.0}));
    EXPECT_EQ(plan->actions[1].kw, (std::vector<double>{0.0, 10.0}));
    EXPECT_EQ(plan->certainty, 1.0);
    EXPECT_LE(plan->bound_gbp, plan->cost_gbp);
}

TEST(SchedulePlan, WhoSaysNothingOfCarbonIsNotTakenForClean) {
    PlanRequest request = request_of(three_ders);
    request.ders[2].carbon_g_per_kwh = std::nullopt;
    const Result<SchedulePlan> plan = make_schedule_plan(request);
    ASSERT_TRUE(plan.has_value());
    EXPECT_DOUBLE_EQ(plan->carbon_kg.value(), (10.0 * 50.0 + 5.0 * 700.0) / 1000.0);
    const auto clean = std::ranges::find(plan->alternatives, "lowest_carbon", &PlanChoice::name);
    ASSERT_NE(clean, plan->alternatives.end());
    EXPECT_THAT(clean->der_ids, Contains("A"));
    request.ders[0].carbon_g_per_kwh = std::nullopt;
    EXPECT_EQ(make_schedule_plan(request)->carbon_kg, std::nullopt) << "a sum of what is not known";
    EXPECT_EQ(make_schedule_plan(request)->actions[0].carbon_kg, std::nullopt);
}

TEST(SchedulePlan, SetsOtherWaysBesideIt) {
    const Result<SchedulePlan> plan = make_schedule_plan(request_of(three_ders));
    ASSERT_TRUE(plan.has_value());
    const auto choice = [&plan](std::string_view name) {
        return *std::find_if(plan->alternatives.begin(), plan->alternatives.end(),
                             [name](const PlanChoice& each) { return each.name == name; });
    };
    EXPECT_DOUBLE_EQ(choice("do_nothing").cost_gbp, 6.0 * 15.0);
    EXPECT_DOUBLE_EQ(choice("cheapest").cost_gbp, plan->cost_gbp);
    EXPECT_EQ(choice("most_certain").certainty, 1.0);
    EXPECT_THAT(choice("lowest_carbon").der_ids, Contains("C"));
    EXPECT_LT(choice("lowest_carbon").carbon_kg, choice("cheapest").carbon_kg);
    EXPECT_TRUE(plan->carbon_kg.has_value());
    ASSERT_FALSE(plan->reserve.empty());
    EXPECT_FALSE(plan->reserve.front().stand_in.empty());
    EXPECT_EQ(plan->reserve.front().left_kw, 0.0);
}

TEST(SchedulePlan, IsTheSameForTheSameRequestInAnyOrder) {
    PlanRequest request = request_of(three_ders);
    const Result<SchedulePlan> one = make_schedule_plan(request);
    const Result<SchedulePlan> again = make_schedule_plan(request);
    ASSERT_TRUE(one.has_value() && again.has_value());
    EXPECT_EQ(one->sha256, again->sha256);
    EXPECT_EQ(one->sha256.size(), 64U);
    std::reverse(request.ders.begin(), request.ders.end());
    const Result<SchedulePlan> turned = make_schedule_plan(request);
    ASSERT_TRUE(turned.has_value());
    EXPECT_EQ(turned->cost_gbp, one->cost_gbp);
    request.seed = 8;
    EXPECT_NE(make_schedule_plan(request)->sha256, one->sha256);
}

TEST(SchedulePlan, SaysWhyAnOfferIsRefused) {
    PlanRequest request = request_of(three_ders);
    PlanDer late = request.ders[1];
    late.der_id = "late";
    late.notice_minutes = 300;
    PlanDer past = request.ders[1];
    past.der_id = "past";
    past.available = {{{*request.now - hours{5}, *request.now - hours{4}}}};
    PlanDer against = request.ders[1];
    against.der_id = "against";
    against.direction = "turn_up";
    PlanDer dear = request.ders[1];
    dear.der_id = "dear";
    dear.price_gbp_per_kwh = 7;
    PlanDer unseen = request.ders[1];
    unseen.der_id = "unseen";
    unseen.sensitivity = 0;
    request.ders.insert(request.ders.end(), {late, past, against, dear, unseen});
    const Result<SchedulePlan> plan = make_schedule_plan(request);
    ASSERT_TRUE(plan.has_value());
    const auto reason = [&plan](std::string_view id) {
        const auto found = std::find_if(plan->refused.begin(), plan->refused.end(),
                                        [id](const PlanRefusal& each) { return each.der_id == id; });
        return found == plan->refused.end() ? std::string() : found->reason;
    };
    EXPECT_THAT(reason("late"), HasSubstr("notice"));
    EXPECT_THAT(reason("past"), HasSubstr("past"));
    EXPECT_THAT(reason("against"), HasSubstr("turn_up"));
    EXPECT_THAT(reason("dear"), HasSubstr("costs at least as much"));
    EXPECT_THAT(reason("unseen"), HasSubstr("sensitivity"));
    EXPECT_EQ(plan->refused.size(), 5U);
    EXPECT_DOUBLE_EQ(plan->cost_gbp, 3.6);
}

TEST(SchedulePlan, AnEmptyMarketAnswersWithWhatWouldHelp) {
    PlanRequest request = request_of(three_ders);
    request.ders.clear();
    const Result<SchedulePlan> plan = make_schedule_plan(request);
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(plan->status, "partial");
    EXPECT_EQ(plan->shortfall_kw, (std::vector<double>{10.0, 20.0}));
    EXPECT_FALSE(plan->would_help.empty());
    EXPECT_FALSE(plan->binding.empty());
}

TEST(SchedulePlan, UsesADerOnceThoughItIsOfferedTwice) {
    PlanRequest request = request_of(three_ders);
    request.ders.resize(1);
    request.ders.push_back(request.ders.front());
    const Result<SchedulePlan> plan = make_schedule_plan(request);
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(plan->actions.size(), 1U);
    EXPECT_EQ(plan->status, "partial");
}

TEST(SchedulePlan, BuysMoreForACertaintyThatIsAskedFor) {
    PlanRequest request = request_of(three_ders);
    request.ders.clear();
    for (int i = 0; i < 40; ++i) {
        PlanDer der;
        der.der_id = "D" + std::to_string(i);
        der.max_kw = 1.0;
        der.price_gbp_per_kwh = 0.2 + 0.001 * i;
        der.reliability = 0.9;
        request.ders.push_back(der);
    }
    const Result<SchedulePlan> expected = make_schedule_plan(request);
    request.probability = 0.95;
    const Result<SchedulePlan> sure = make_schedule_plan(request);
    ASSERT_TRUE(expected.has_value() && sure.has_value());
    EXPECT_LT(expected->certainty, 0.8);
    EXPECT_GE(sure->certainty, 0.93);
    EXPECT_GT(sure->purchase_gbp, expected->purchase_gbp);
}

TEST(SchedulePlan, NamesEveryRuleThatItInvoked) {
    const Result<RuleBook> book = read_rules(
        "id = \"r\"\nversion = 2\n[[rules]]\nid = \"R9\"\naction = \"never_ask\"\nders = [\"A\"]\n"
        "reason = \"under repair\"",
        "rules.toml");
    ASSERT_TRUE(book.has_value()) << book.error().message;
    const PlanRequest request = request_of(three_ders);
    const Result<SchedulePlan> plan = make_schedule_plan(request, {}, &*book);
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(plan->rule_set, "r@2");
    ASSERT_EQ(plan->rules.size(), 1U);
    EXPECT_EQ(plan->rules[0].rule, "R9");
    ASSERT_EQ(plan->refused.size(), 1U);
    EXPECT_EQ(plan->refused[0].reason, "rule R9: under repair");
    EXPECT_NE(plan->sha256, make_schedule_plan(request)->sha256);
}

TEST(SchedulePlan, PointsAtWhatContradictsItself) {
    EXPECT_EQ(pointer_of_fault([](PlanRequest& request) { request.dry_run = false; }), "/dry_run");
    EXPECT_EQ(pointer_of_fault([](PlanRequest& request) { request.ders[1].min_kw = 30; }), "/ders/1/min_kw");
    EXPECT_EQ(pointer_of_fault([](PlanRequest& request) { request.need.required_kw[1] = -1; }),
              "/need/required_kw/1");
    EXPECT_EQ(pointer_of_fault([](PlanRequest& request) { request.need.direction = "up"; }),
              "/need/direction");
    EXPECT_EQ(pointer_of_fault([](PlanRequest& request) { request.need.headroom_kw = {1.0}; }),
              "/need/headroom_kw");
    EXPECT_EQ(pointer_of_fault([](PlanRequest& request) {
                  std::swap(request.ders[0].available->front().from, request.ders[0].available->front().to);
              }),
              "/ders/0/available/0/to");
}

TEST(SchedulePlan, RefusesWrongShapesWithPointers) {
    std::vector<Fault> faults;
    EXPECT_FALSE(
        read_plan_request(*json::parse(R"({"need":{"feeder_id":"F","required_kw":[]},"ders":{}})"), faults));
    std::vector<std::string> pointers;
    for (const Fault& fault : faults) {
        pointers.push_back(fault.pointer);
    }
    EXPECT_THAT(pointers, Contains("/need/start"));
    EXPECT_THAT(pointers, Contains("/need/required_kw"));
    EXPECT_THAT(pointers, Contains("/ders"));
    EXPECT_THAT(pointers, Contains("/shortfall_gbp_per_kwh"));
}

}  // namespace
}  // namespace headroom::flex::test
