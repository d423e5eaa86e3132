// Powers within runs that are decided: shared out at least cost, and no limit touched.
#include "flex/schedule_dispatch.hpp"

#include "core/random.hpp"
#include "flex/schedule_solve.hpp"
#include "schedule_checker.hpp"

#include <gtest/gtest.h>

namespace headroom::flex::test {
namespace {

ScheduleUnit unit_between(std::int64_t least_w, std::int64_t most_w, std::int64_t price,
                          std::int64_t energy_w_slots) {
    ScheduleUnit der;
    der.power_min_w = least_w;
    der.power_max_w = most_w;
    der.energy_w_slots = energy_w_slots;
    der.slots = 0xFFFF;
    der.run_max = 16;
    der.activations_max = 16;
    der.price = price;
    return der;
}

/// `powers` with what the others make of them.
Schedule shared_out(const ScheduleProblem& problem, const std::vector<std::int32_t>& powers) {
    PlanState state(problem);
    for (std::size_t each = 0; each < problem.units.size(); ++each) {
        state.set(each, &powers[each * problem.slots()]);
    }
    PlanDispatch dispatch(problem);
    EXPECT_GT(dispatch.run(state), 0);
    return state.schedule();
}

TEST(PlanDispatch, CoversWhatIsMissingThroughAThirdOne) {
    // Only the first runs in slot 0, and it has no energy left: it gives less in slot 1, where the second can
    // stand in.
    const ScheduleProblem problem = problem_of(
        {8'000, 8'000}, {unit_between(0, 10'000, 200'000, 10'000), unit_between(0, 10'000, 300'000, 20'000)});
    const Schedule found = shared_out(problem, {5'000, 5'000, 0, 3'000});
    EXPECT_EQ(found.power_w, (std::vector<std::int32_t>{8'000, 2'000, 0, 6'000}));
    EXPECT_EQ(found.shortfall_cost, MicroPounds{});
}

TEST(PlanDispatch, TakesBackFromTheDearestAndLetsTheCheapStandIn) {
    const ScheduleProblem problem =
        problem_of({6'000, 6'000},
                   {unit_between(0, 10'000, 200'000, 20'000), unit_between(1'000, 10'000, 400'000, 20'000)});
    const Schedule found = shared_out(problem, {2'000, 4'000, 6'000, 4'000});
    // A run that is decided keeps its least power.
    EXPECT_EQ(found.power_w, (std::vector<std::int32_t>{5'000, 5'000, 1'000, 1'000}));
}

TEST(PlanDispatch, LeavesBlocksRampsAndReboundAsTheyAre) {
    ScheduleUnit block = unit_between(4'000, 4'000, 900'000, 20'000);
    ScheduleUnit ramp = unit_between(0, 9'000, 900'000, 20'000);
    ramp.ramp_up_w = 1'000;
    ScheduleUnit back = unit_between(0, 9'000, 900'000, 20'000);
    back.rebound_ppm = 100'000;
    back.rebound_slots = 1;
    const ScheduleProblem problem =
        problem_of({20'000, 0}, {block, ramp, back, unit_between(0, 9'000, 100'000, 20'000)});
    const Schedule found = shared_out(problem, {4'000, 0, 1'000, 0, 5'000, 0, 1'000, 0});
    EXPECT_EQ(found.power_w, (std::vector<std::int32_t>{4'000, 0, 1'000, 0, 5'000, 0, 9'000, 0}));
}

TEST(PlanDispatch, NeverTouchesALimitAndNeverCostsMore) {
    const Random random(11);
    std::uint64_t draw = 0;
    const auto below = [&](std::uint64_t count) {
        return static_cast<std::int64_t>(random.below(count, 1, ++draw));
    };
    for (int round = 0; round < 200; ++round) {
        std::vector<ScheduleUnit> units;
        std::vector<std::int64_t> target;
        const auto slots = static_cast<std::size_t>(1 + below(8));
        for (std::size_t t = 0; t < slots; ++t) {
            target.push_back(below(60'000));
        }
        std::vector<std::int32_t> powers;
        for (std::int64_t each = 0, count = 1 + below(9); each < count; ++each) {
            ScheduleUnit der =
                unit_between(below(3) * 700, 2'100 + below(20'000), 100'000 + below(400'000), 0);
            der.relief_ppm = 400'000 + below(600'000);
            std::int64_t energy = 0;
            for (std::size_t t = 0; t < slots; ++t) {
                const bool runs = below(3) > 0;
                const std::int64_t least = std::max<std::int64_t>(1, der.power_min_w);
                powers.push_back(runs ? static_cast<std::int32_t>(least + below(static_cast<std::uint64_t>(
                                                                              der.power_max_w - least + 1)))
                                      : 0);
                energy += powers.back();
            }
            der.energy_w_slots = std::max<std::int64_t>(energy, der.power_max_w) + below(20'000);
            units.push_back(der);
        }
        const ScheduleProblem problem = problem_of(std::move(target), std::move(units));
        Schedule before;
        before.power_w = powers;
        evaluate(problem, before);
        ASSERT_EQ(broken_limit(problem, before), "") << round;
        const Schedule after = shared_out(problem, powers);
        EXPECT_EQ(broken_limit(problem, after), "") << round;
        // Whole watts: at each move one may be lost.
        EXPECT_LE(after.objective().value, before.objective().value + 60'000) << round;
        for (std::size_t at = 0; at < powers.size(); ++at) {
            EXPECT_EQ(after.power_w[at] > 0, powers[at] > 0) << round;
        }
    }
}

}  // namespace
}  // namespace headroom::flex::test
