// The optimiser on generated instances of every shape.
#include "sim/schedule_instance.hpp"
#include "flex/schedule_solve.hpp"
#include "unit/flex/schedule_checker.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace headroom::sim {
namespace {

TEST(ScheduleInstance, IsTheSameForTheSameNumbers) {
    const flex::ScheduleProblem one = schedule_instance({.ders = 50, .slots = 16, .seed = 3});
    const flex::ScheduleProblem two = schedule_instance({.ders = 50, .slots = 16, .seed = 3});
    const flex::ScheduleProblem other = schedule_instance({.ders = 50, .slots = 16, .seed = 4});
    ASSERT_EQ(one.units.size(), 50U);
    EXPECT_EQ(one.target_w, two.target_w);
    EXPECT_NE(one.target_w, other.target_w);
}

TEST(ScheduleInstance, PlansKeepEveryLimitAndTheirBound) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        for (const std::int64_t slots : {1, 3, 12, 48}) {
            for (const std::int64_t ders : {10, 40, 120}) {
                const flex::ScheduleProblem problem = schedule_instance({ders, slots, seed});
                flex::ScheduleBudget budget = flex::schedule_budget(problem);
                budget.improve_work /= 20;
                budget.bound_work /= 10;
                const Result<flex::ScheduleSolution> solution = flex::search_schedule(problem, budget);
                ASSERT_TRUE(solution.has_value());
                EXPECT_EQ(flex::broken_limit(problem, solution->schedule), "");
                EXPECT_EQ(flex::broken_limit(problem, solution->first), "");
                EXPECT_LE(solution->bound, static_cast<double>(solution->schedule.objective().value));
                EXPECT_LE(solution->schedule.objective(), solution->first.objective());
            }
        }
    }
}

TEST(ScheduleInstance, LeastRunsAreKeptAndTheBoundStaysProven) {
    for (const std::int64_t slots : {4, 12, 48}) {
        for (const std::int64_t ders : {10, 120}) {
            const flex::ScheduleProblem problem = schedule_instance({ders, slots, 3, true});
            const auto has_least_run = [](const flex::ScheduleUnit& der) { return der.run_min > 1; };
            EXPECT_GT(std::count_if(problem.units.begin(), problem.units.end(), has_least_run), ders / 3);
            flex::ScheduleBudget budget = flex::schedule_budget(problem);
            budget.improve_work /= 10;
            const Result<flex::ScheduleSolution> solution = flex::search_schedule(problem, budget);
            ASSERT_TRUE(solution.has_value());
            EXPECT_EQ(flex::broken_limit(problem, solution->schedule), "");
            EXPECT_EQ(flex::broken_limit(problem, solution->first), "");
            EXPECT_LE(solution->bound, static_cast<double>(solution->schedule.objective().value));
            // Without the least runs it is a relaxation: its plans cannot be dearer than this bound allows.
            const Result<flex::ScheduleSolution> relaxed =
                flex::solve_schedule(schedule_instance({ders, slots, 3, false}));
            ASSERT_TRUE(relaxed.has_value());
            EXPECT_LE(relaxed->bound, static_cast<double>(solution->schedule.objective().value) + 1.0);
        }
    }
}

TEST(ScheduleInstance, AThousandAreWithinOnePercentOfTheBound) {
    for (const std::int64_t slots : {1, 4, 12}) {
        const flex::ScheduleProblem problem = schedule_instance({1'000, slots, 5, slots > 4});
        const Result<flex::ScheduleSolution> one = flex::solve_schedule(problem);
        const Result<flex::ScheduleSolution> two = flex::solve_schedule(problem);
        ASSERT_TRUE(one.has_value() && two.has_value());
        EXPECT_LT(one->gap_percent, 1.0) << slots;
        EXPECT_EQ(one->schedule.power_w, two->schedule.power_w);
        EXPECT_EQ(one->work_units, two->work_units);
    }
}

}  // namespace
}  // namespace headroom::sim
