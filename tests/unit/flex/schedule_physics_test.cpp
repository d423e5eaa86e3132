// What kinds of DER are by their nature: no plan asks more of them.
#include "flex/schedule_physics.hpp"
#include "core/random.hpp"
#include "schedule_checker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace headroom::flex::test {
namespace {

using ::testing::HasSubstr;

const UtcTime noon = *parse_utc("2026-11-20T12:00:00Z");

PlanDer der(const std::string& id, double max_kw, double price = 0.2) {
    PlanDer out;
    out.der_id = id;
    out.max_kw = max_kw;
    out.price_gbp_per_kwh = price;
    return out;
}

/// Half-hours from 13:00.
PlanRequest request_for(std::vector<double> required_kw, std::vector<PlanDer> ders,
                        std::vector<double> headroom_kw = {}) {
    PlanRequest request;
    request.now = noon;
    request.need.feeder_id = "F-1";
    request.need.start = noon + hours{1};
    request.need.required_kw = std::move(required_kw);
    request.need.headroom_kw = std::move(headroom_kw);
    request.ders = std::move(ders);
    request.shortfall_gbp_per_kwh = 6.0;
    return request;
}

SchedulePlan checked_plan(const PlanRequest& request, const RuleBook* rules = nullptr) {
    std::vector<Fault> faults;
    check_plan_request(request, faults);
    EXPECT_TRUE(faults.empty()) << (faults.empty() ? "" : faults.front().pointer);
    Result<SchedulePlan> plan = make_schedule_plan(request, {}, rules);
    EXPECT_TRUE(plan.has_value()) << (plan ? "" : plan.error().message);
    return plan ? std::move(*plan) : SchedulePlan{};
}

std::string pointer_of_der_fault(PlanDer changed) {
    std::vector<Fault> faults;
    check_plan_request(request_for({1.0}, {std::move(changed)}), faults);
    return faults.empty() ? "" : faults.front().pointer;
}

TEST(SchedulePhysics, ABatteryKeepsItsReserveAndRechargesWhereThereIsRoom) {
    PlanDer battery = der("BAT", 10.0);
    battery.battery = PlanBattery{
        .soc_kwh = 12.0, .reserve_kwh = 4.0, .capacity_kwh = 20.0, .charge_kw = 6.0, .efficiency = 0.8};
    const SchedulePlan plan = checked_plan(
        request_for({10.0, 10.0, 0.0, 0.0, 0.0, 0.0}, {battery}, {0.0, 0.0, 2.0, 5.0, 30.0, 30.0}));
    ASSERT_EQ(plan.actions.size(), 1U);
    const PlanAction& action = plan.actions[0];
    EXPECT_DOUBLE_EQ(action.energy_kwh, 8.0);
    EXPECT_GE(*std::min_element(action.soc_kwh.begin(), action.soc_kwh.end()), 4.0 - 1e-9);
    // 10 kWh are to be taken back: as much as there is room for, at most 6 kW.
    EXPECT_EQ(action.recharge_kw, (std::vector<double>{0.0, 0.0, 2.0, 5.0, 6.0, 6.0}));
    EXPECT_NEAR(action.recharge_left_kwh, 0.5, 1e-6);
    battery.battery->recharge_by = noon + hours{3};  // the end of the fourth half-hour
    const SchedulePlan soon = checked_plan(
        request_for({10.0, 10.0, 0.0, 0.0, 0.0, 0.0}, {battery}, {0.0, 0.0, 2.0, 5.0, 30.0, 30.0}));
    EXPECT_NEAR(soon.actions[0].recharge_left_kwh, 6.5, 1e-6);
}

TEST(SchedulePhysics, AVehicleKeepsSixAmpsAndIsChargedInTime) {
    PlanDer ev = der("EV", 7.0);
    ev.ev = PlanEv{.plugged_in_probability = 0.8, .charging_kw = 7.0};
    const SchedulePlan one = checked_plan(request_for({7.0}, {ev}));
    ASSERT_EQ(one.actions.size(), 1U);
    EXPECT_DOUBLE_EQ(one.actions[0].kw[0], 7.0 - 6.0 * 0.23);
    EXPECT_NEAR(one.shortfall_kw[0], 7.0 - 0.8 * 5.62, 1e-3);
    // 12 kWh in the two hours from 13:00 leave 2 of 14 kWh; nothing is taken off after 15:00.
    ev.ev->needed_by = noon + hours{3};
    ev.ev->needed_kwh = 12.0;
    const SchedulePlan two = checked_plan(request_for({7.0, 7.0, 7.0, 7.0, 7.0}, {ev}));
    ASSERT_EQ(two.actions.size(), 1U);
    EXPECT_LE(two.actions[0].energy_kwh, 2.0 + 1e-9);
    EXPECT_EQ(two.actions[0].kw[4], 0.0);
    ev.ev->needed_kwh = 14.0;
    EXPECT_TRUE(checked_plan(request_for({7.0}, {ev})).actions.empty());
}

TEST(SchedulePhysics, AHeatPumpStaysOffLongEnoughAndNotTooLong) {
    PlanDer pump = der("HP", 4.0);
    pump.heat_pump = PlanHeatPump{.room_c = 20.5,
                                  .floor_c = 19.0,
                                  .cooling_c_per_hour = 1.0,
                                  .min_off_minutes = 60.0,
                                  .min_on_minutes = 60.0};
    const SchedulePlan plan = checked_plan(request_for({4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0}, {pump}));
    ASSERT_EQ(plan.actions.size(), 1U);
    // At most 90 min until the floor, at least an hour off and an hour on between.
    EXPECT_EQ(plan.actions[0].kw, (std::vector<double>{4.0, 4.0, 4.0, 0.0, 0.0, 4.0, 4.0, 4.0}));
    const SchedulePlan once = checked_plan(request_for({4.0}, {pump}));
    EXPECT_TRUE(once.actions.empty());  // half an hour is too short to be off
    pump.heat_pump->room_c = 19.5;      // the floor comes after half an hour
    EXPECT_TRUE(checked_plan(request_for({4.0, 4.0}, {pump})).actions.empty());
}

TEST(SchedulePhysics, AGeneratorTravelsBurnsAndMayNotStart) {
    PlanDer generator = der("GEN", 20.0, 0.3);
    generator.generator = PlanGenerator{.start_probability = 0.9,
                                        .travel_minutes = 90.0,
                                        .fuel_litres = 3.0,
                                        .kwh_per_litre = 4.0,
                                        .fuel_gbp_per_litre = 1.6};
    const SchedulePlan plan = checked_plan(request_for({9.0, 9.0, 9.0, 9.0}, {generator}));
    ASSERT_EQ(plan.actions.size(), 1U);
    EXPECT_EQ(plan.actions[0].kw[0], 0.0);  // it comes at 13:30
    EXPECT_LE(plan.actions[0].energy_kwh, 12.0 + 1e-9);
    EXPECT_NEAR(plan.actions[0].cost_gbp, plan.actions[0].energy_kwh * 0.7, 1e-5);
    EXPECT_NEAR(plan.actions[0].kw[1], 10.0, 1e-9);  // 9 kW by nine starts of ten
}

TEST(SchedulePhysics, ADataCentreRampsAndComesBackInSteps) {
    PlanDer compute = der("DC", 100.0);
    compute.ramp_kw_per_minute = 2.0;  // 60 kW a half-hour
    compute.return_step_kw = 40.0;
    const SchedulePlan plan = checked_plan(request_for({100.0, 100.0, 100.0, 100.0, 100.0}, {compute}));
    ASSERT_EQ(plan.actions.size(), 1U);
    EXPECT_EQ(plan.actions[0].kw, (std::vector<double>{60.0, 100.0, 100.0, 80.0, 40.0}));
}

TEST(SchedulePhysics, TakesMoreBeforeOnlyWithinTheFeedersHeadroom) {
    PlanDer battery = der("BAT", 10.0, 0.2);
    battery.battery = PlanBattery{.soc_kwh = 2.0, .capacity_kwh = 20.0, .charge_kw = 8.0, .efficiency = 1.0};
    battery.before = PlanBefore{.kw = 8.0, .kwh_max = 20.0, .gbp_per_kwh = 0.1};
    const std::vector<double> need{0.0, 0.0, 10.0, 10.0};
    const SchedulePlan plan = checked_plan(request_for(need, {battery}, {5.0, 12.0, 0.0, 0.0}));
    ASSERT_EQ(plan.actions.size(), 1U);
    EXPECT_EQ(plan.actions[0].before_kw, (std::vector<double>{5.0, 8.0, 0.0, 0.0}));
    EXPECT_DOUBLE_EQ(plan.actions[0].energy_kwh, 2.0 + 6.5);
    EXPECT_NEAR(plan.actions[0].cost_gbp, 8.5 * 0.2 + 6.5 * 0.1, 1e-6);
    EXPECT_NEAR(plan.actions[0].soc_kwh.back(), 0.0, 1e-6);
    // Two of them share the headroom: what is there for one is not there for both.
    PlanDer other = battery;
    other.der_id = "BAT-2";
    const SchedulePlan two =
        checked_plan(request_for({0.0, 0.0, 20.0, 20.0}, {battery, other}, {5.0, 8.0, 0.0, 0.0}));
    std::vector<double> load(4, 0.0);
    for (const PlanAction& action : two.actions) {
        for (std::size_t t = 0; t < action.before_kw.size(); ++t) {
            load[t] += action.before_kw[t];
        }
    }
    EXPECT_LE(load[0], 5.0 + two.shortfall_kw[0] + 1e-9);
    EXPECT_LE(load[1], 8.0 + two.shortfall_kw[1] + 1e-9);
    EXPECT_EQ(two.shortfall_kw[0] + two.shortfall_kw[1], 0.0);
    // Where no headroom is known, nothing more is taken.
    const SchedulePlan blind = checked_plan(request_for(need, {battery}));
    EXPECT_DOUBLE_EQ(blind.actions.at(0).energy_kwh, 2.0);
}

TEST(SchedulePhysics, ARoomIsHeatedAheadUpToItsCeiling) {
    PlanDer pump = der("HP", 4.0);
    pump.heat_pump = PlanHeatPump{.room_c = 19.5,
                                  .floor_c = 19.0,
                                  .cooling_c_per_hour = 1.0,
                                  .ceiling_c = 20.5,
                                  .warming_c_per_hour = 2.0};
    pump.before = PlanBefore{.kw = 2.0, .kwh_max = 5.0};
    const SchedulePlan plan =
        checked_plan(request_for({0.0, 4.0, 4.0, 4.0, 4.0}, {pump}, {9.0, 0.0, 0.0, 0.0, 0.0}));
    ASSERT_EQ(plan.actions.size(), 1U);
    EXPECT_EQ(plan.actions[0].before_kw[0], 2.0);  // half an hour: one degree, an hour longer off
    EXPECT_DOUBLE_EQ(plan.actions[0].energy_kwh, 6.0);
    EXPECT_EQ(plan.actions[0].activations, 1);
}

TEST(SchedulePhysics, OneKilowattIsPromisedOnce) {
    RuleBook book{.id = "t"};
    book.primacy = {{"DFS", "theirs", "agreed"}, {"OURS", "ours", "emergency"}};
    PlanDer promised = der("A", 10.0);
    promised.commitments = {{"DFS", "turn_down", noon + hours{1}, noon + hours{1} + minutes{30}, 6.0}};
    const PlanRequest request = request_for({10.0, 10.0}, {promised});
    const SchedulePlan plan = checked_plan(request, &book);
    ASSERT_EQ(plan.actions.size(), 1U);
    EXPECT_EQ(plan.actions[0].kw, (std::vector<double>{4.0, 10.0}));
    ASSERT_EQ(plan.primacy.size(), 1U);
    EXPECT_EQ(plan.primacy[0].outcome, "reduced");

    PlanRequest opposite = request;
    opposite.ders[0].commitments[0].direction = "turn_up";
    const SchedulePlan blocked = checked_plan(opposite, &book);
    EXPECT_EQ(blocked.actions.at(0).kw, (std::vector<double>{0.0, 10.0}));
    EXPECT_EQ(blocked.primacy.at(0).outcome, "blocked");

    PlanRequest ours = opposite;
    ours.ders[0].commitments[0].service = "OURS";
    EXPECT_EQ(checked_plan(ours, &book).actions.at(0).kw, (std::vector<double>{10.0, 10.0}));
    PlanRequest later = request;
    later.ders[0].commitments[0].from = noon + hours{5};
    later.ders[0].commitments[0].to = noon + hours{6};
    EXPECT_EQ(checked_plan(later, &book).primacy.at(0).outcome, "passed");
    EXPECT_EQ(checked_plan(request).primacy.at(0).outcome, "reduced");  // without a rule it stands
}

TEST(SchedulePhysics, FaultsHaveTheirPointers) {
    PlanDer bad = der("A", 5.0);
    bad.battery = PlanBattery{.soc_kwh = 9.0, .capacity_kwh = 8.0};
    EXPECT_EQ(pointer_of_der_fault(bad), "/ders/0/battery/soc_kwh");
    bad.battery = PlanBattery{.soc_kwh = 1.0, .reserve_kwh = 9.0, .capacity_kwh = 8.0};
    EXPECT_EQ(pointer_of_der_fault(bad), "/ders/0/battery/reserve_kwh");
    bad = der("A", 5.0);
    bad.ev = PlanEv{.charging_kw = 7.0, .phases = 2};
    EXPECT_EQ(pointer_of_der_fault(bad), "/ders/0/ev/phases");
    bad.ev = PlanEv{.charging_kw = 7.0, .charger_kw = 3.0};
    EXPECT_EQ(pointer_of_der_fault(bad), "/ders/0/ev/charger_kw");
    bad = der("A", 5.0);
    bad.heat_pump = PlanHeatPump{.mode = "sometimes"};
    EXPECT_EQ(pointer_of_der_fault(bad), "/ders/0/heat_pump/mode");
    bad.heat_pump = PlanHeatPump{};
    bad.generator = PlanGenerator{};
    EXPECT_EQ(pointer_of_der_fault(bad), "/ders/0");
    bad = der("A", 5.0);
    bad.commitments = {{"X", "sideways", noon, noon + hours{1}, 1.0}};
    EXPECT_EQ(pointer_of_der_fault(bad), "/ders/0/commitments/0/direction");
    bad.commitments = {{"X", "turn_up", noon, noon, 1.0}};
    EXPECT_EQ(pointer_of_der_fault(bad), "/ders/0/commitments/0/to");
    bad = der("A", 5.0);
    bad.max_duration_minutes = 30.0;
    bad.min_duration_minutes = 60.0;
    EXPECT_EQ(pointer_of_der_fault(bad), "/ders/0/min_duration_minutes");
}

/// Units with every kind of limit, blocks and others.
ScheduleProblem drawn_problem(std::uint64_t seed, std::size_t count, std::size_t slots, bool only_blocks) {
    const Random random(seed);
    std::uint64_t draw = 0;
    const auto below = [&](std::uint64_t most) {
        return static_cast<std::int64_t>(random.below(most, 1, ++draw));
    };
    ScheduleProblem problem;
    problem.seed = seed;
    problem.shortfall_price = 6'000'000;
    for (std::size_t t = 0; t < slots; ++t) {
        problem.target_w.push_back(below(4) == 0 ? -1'000 * below(6)
                                                 : 1'000 * below(4 * static_cast<std::uint64_t>(count)));
    }
    for (std::size_t i = 0; i < count; ++i) {
        ScheduleUnit unit;
        unit.power_max_w = (1 + below(8)) * 1'000;
        unit.power_min_w = only_blocks || below(2) == 0 ? unit.power_max_w : 500;
        unit.energy_w_slots = below(2) == 0 ? schedule_energy_unlimited : unit.power_max_w * (2 + below(4));
        unit.slots = (std::uint64_t{1} << slots) - 1;
        unit.run_max = 2 + below(slots);
        unit.run_min = 1 + below(2);
        unit.rest_min = 1 + below(2);
        unit.activations_max = 1 + below(2);
        unit.activation_cost = below(4) * 300'000;
        unit.price = (10 + below(60)) * 10'000;
        unit.relief_ppm = 600'000 + below(5) * 100'000;
        unit.rebound_ppm = below(3) == 0 ? 300'000 : 0;
        unit.rebound_slots = 1;
        unit.key = static_cast<std::uint64_t>(i) * 77 + seed;
        if (unit.power_min_w < unit.power_max_w && below(2) == 0) {
            unit.ramp_up_w = 500 + below(3'000);
            unit.ramp_down_w = below(2) == 0 ? 0 : 500 + below(3'000);
        }
        if (below(3) == 0) {
            UnitExtra extra;
            extra.use_cost = below(3) * 100'000;
            extra.load_w.assign(slots, 0);
            extra.load_w[0] = below(3) * 1'000;
            unit.slots &= ~std::uint64_t{1};
            if (unit.power_min_w < unit.power_max_w) {
                for (std::size_t t = 0; t < slots; ++t) {
                    extra.cap_w.push_back(500 + below(6'000));
                }
            }
            unit.extra = static_cast<std::int64_t>(problem.extras.size());
            problem.extras.push_back(std::move(extra));
        }
        problem.units.push_back(unit);
    }
    return problem;
}

TEST(SchedulePhysics, NoPlanBreaksALimit) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const ScheduleProblem problem = drawn_problem(seed, 3 + seed % 20, 3 + seed % 8, false);
        const Result<ScheduleSolution> solution = solve_schedule(problem);
        ASSERT_TRUE(solution.has_value()) << solution.error().message << ", seed " << seed;
        EXPECT_EQ(broken_limit(problem, solution->schedule), "") << "seed " << seed;
        EXPECT_EQ(broken_limit(problem, solution->first), "") << "seed " << seed;
        EXPECT_LE(solution->bound, static_cast<double>(solution->schedule.objective().value))
            << "seed " << seed;
        EXPECT_LE(solution->schedule.objective(), solution->first.objective()) << "seed " << seed;
    }
}

TEST(SchedulePhysics, BlocksWithLeastRunsAndLoadsMatchAnExhaustiveSearch) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const ScheduleProblem problem = drawn_problem(seed, 3, 4, true);
        const Result<ScheduleSolution> solution = solve_schedule(problem);
        ASSERT_TRUE(solution.has_value()) << solution.error().message << ", seed " << seed;
        const std::int64_t best = cheapest_of_all(problem);
        EXPECT_LE(solution->bound, static_cast<double>(best) + 1.0) << "seed " << seed;
        EXPECT_LE(static_cast<double>(solution->schedule.objective().value),
                  1.001 * static_cast<double>(best) + 1.0)
            << "seed " << seed;
    }
}

}  // namespace
}  // namespace headroom::flex::test
