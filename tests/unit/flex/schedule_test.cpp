// Plans of small problems: by hand, against an exhaustive search, and under changes that must change nothing.
#include "core/random.hpp"
#include "flex/schedule_solve.hpp"
#include "schedule_checker.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

namespace headroom::flex::test {
namespace {

constexpr std::int64_t always = (std::int64_t{1} << 48) - 1;

ScheduleUnit unit(std::int64_t power_w, std::int64_t price) {
    ScheduleUnit der;
    der.power_max_w = power_w;
    der.slots = always;
    der.run_max = 48;
    der.activations_max = 48;
    der.price = price;
    der.key = static_cast<std::uint64_t>(power_w * 1'000 + price);
    return der;
}

ScheduleSolution solved(const ScheduleProblem& problem) {
    Result<ScheduleSolution> solution = solve_schedule(problem);
    EXPECT_TRUE(solution.has_value());
    EXPECT_EQ(broken_limit(problem, solution->schedule), "");
    EXPECT_EQ(broken_limit(problem, solution->first), "");
    EXPECT_LE(solution->bound, static_cast<double>(solution->schedule.objective().value));
    EXPECT_LE(solution->schedule.objective(), solution->first.objective());
    return std::move(*solution);
}

std::int64_t energy_of_unit(const ScheduleProblem& problem, const Schedule& schedule, std::size_t number) {
    const auto begin = schedule.power_w.begin() + static_cast<std::ptrdiff_t>(number * problem.slots());
    return std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(problem.slots()), std::int64_t{0});
}

/// Blocks of whole kilowatts with every kind of limit: few enough to try all of their schedules.
ScheduleProblem random_blocks(std::uint64_t seed) {
    const Random random(seed);
    std::uint64_t draw = 0;
    const auto below = [&](std::uint64_t count) {
        return static_cast<std::int64_t>(random.below(count, 1, ++draw));
    };
    const auto slots = static_cast<std::size_t>(3 + below(2));
    std::vector<std::int64_t> target;
    for (std::size_t t = 0; t < slots; ++t) {
        target.push_back(below(12) * 1'000);
    }
    std::vector<ScheduleUnit> units;
    const std::int64_t count = 2 + below(2);
    for (std::int64_t i = 0; i < count; ++i) {
        ScheduleUnit der = unit((1 + below(6)) * 1'000, (10 + below(50)) * 10'000);
        der.power_min_w = der.power_max_w;
        der.energy_w_slots = below(2) == 0 ? schedule_energy_unlimited : der.power_max_w * (1 + below(3));
        der.slots = static_cast<std::uint64_t>(1 + below((std::uint64_t{1} << slots) - 1));
        der.run_max = 1 + below(slots);
        der.rest_min = 1 + below(2);
        der.activations_max = 1 + below(2);
        der.activation_cost = below(4) * 500'000;
        der.relief_ppm = 500'000 + below(6) * 100'000;
        der.group = below(4) == 0 ? 0 : -1;
        units.push_back(der);
    }
    ScheduleProblem problem = problem_of(std::move(target), std::move(units));
    problem.seed = seed;
    return problem;
}

TEST(Schedule, TakesTheCheaperFirstAndTheDearerForTheRest) {
    const ScheduleProblem problem = problem_of({8'000, 3'000}, {unit(5'000, 300'000), unit(5'000, 200'000)});
    const ScheduleSolution solution = solved(problem);
    EXPECT_EQ(solution.status, ScheduleStatus::optimal);
    EXPECT_EQ(solution.schedule.power_w, (std::vector<std::int32_t>{3'000, 0, 5'000, 3'000}));
    // 8 kW for half an hour at 0.20 GBP/kWh, 3 kW at 0.30.
    EXPECT_EQ(solution.schedule.cost, MicroPounds{800'000 + 450'000});
}

TEST(Schedule, WeighsTheFeeOfAnActivationAgainstThePrice) {
    ScheduleUnit cheap_with_fee = unit(5'000, 100'000);
    cheap_with_fee.activation_cost = 2'000'000;
    const ScheduleProblem once = problem_of({5'000}, {cheap_with_fee, unit(5'000, 500'000)});
    EXPECT_EQ(solved(once).schedule.cost, MicroPounds{1'250'000});
    const ScheduleProblem thrice = problem_of({5'000, 5'000, 5'000}, {cheap_with_fee, unit(5'000, 500'000)});
    EXPECT_EQ(solved(thrice).schedule.cost, MicroPounds{2'750'000});
}

TEST(Schedule, MatchesAnExhaustiveSearch) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        const ScheduleProblem problem = random_blocks(seed);
        const std::int64_t best = cheapest_of_all(problem);
        const ScheduleSolution solution = solved(problem);
        EXPECT_EQ(solution.schedule.objective(), MicroPounds{best}) << "seed " << seed;
        EXPECT_LE(solution.bound, static_cast<double>(best) + 1.0) << "seed " << seed;
    }
}

TEST(Schedule, AnEmptyMarketLeavesTheNeedOpen) {
    const ScheduleSolution solution = solved(problem_of({4'000}, {}));
    EXPECT_EQ(solution.status, ScheduleStatus::partial);
    EXPECT_EQ(solution.schedule.shortfall_w, std::vector<std::int64_t>{4'000});
    EXPECT_EQ(solution.schedule.shortfall_cost, MicroPounds{12'000'000});
}

TEST(Schedule, ANeedBeyondEverythingTakesAllThatIsWorthIt) {
    const ScheduleSolution solution =
        solved(problem_of({90'000, 90'000}, {unit(5'000, 200'000), unit(5'000, 7'000'000)}));
    EXPECT_EQ(solution.status, ScheduleStatus::partial);
    EXPECT_EQ(solution.schedule.power_w, (std::vector<std::int32_t>{5'000, 5'000, 0, 0}));
}

TEST(Schedule, ReboundDoesNotMakeTheNextOverload) {
    ScheduleUnit warm = unit(6'000, 100'000);
    warm.rebound_ppm = 500'000;
    warm.rebound_slots = 1;
    // There is room for 1 kW after the first slot, and half of what was taken comes back.
    warm.slots = 1;
    ScheduleUnit other = unit(6'000, 150'000);
    other.slots = 1;
    const ScheduleProblem problem = problem_of({6'000, -1'000}, {warm, other});
    const ScheduleSolution solution = solved(problem);
    EXPECT_EQ(solution.schedule.shortfall_cost, MicroPounds{});
    EXPECT_EQ(solution.schedule.power_w[0], 2'000);
}

TEST(Schedule, OneOfAGroupIsUsed) {
    ScheduleUnit first = unit(5'000, 100'000);
    ScheduleUnit second = unit(5'000, 110'000);
    first.group = second.group = 7;
    const ScheduleSolution solution = solved(problem_of({10'000}, {first, second, unit(5'000, 300'000)}));
    EXPECT_EQ(solution.schedule.power_w, (std::vector<std::int32_t>{5'000, 0, 5'000}));
}

TEST(Schedule, ADearerIsNeverUsedBeforeACheaperAlike) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const Random random(seed);
        std::vector<ScheduleUnit> units;
        for (std::uint64_t i = 0; i < 24; ++i) {
            ScheduleUnit der =
                unit(4'000, 100'000 + 1'000 * static_cast<std::int64_t>(random.below(200, i, 0)));
            der.power_min_w = random.below(2, i, 1) == 0 ? 4'000 : 1'000;
            der.run_max = 2;
            der.activation_cost = 100'000;
            der.key = random.bits(i, 2);
            units.push_back(der);
        }
        const ScheduleProblem problem = problem_of({9'000, 25'000, 31'000, 14'000, 2'000}, units);
        const ScheduleSolution solution = solved(problem);
        for (std::size_t a = 0; a < units.size(); ++a) {
            for (std::size_t b = 0; b < units.size(); ++b) {
                if (units[a].power_min_w == units[b].power_min_w && units[a].price < units[b].price) {
                    EXPECT_GE(energy_of_unit(problem, solution.schedule, a),
                              energy_of_unit(problem, solution.schedule, b))
                        << "seed " << seed;
                }
            }
        }
    }
}

TEST(Schedule, RemovingAnUnusedOneChangesNothing) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        ScheduleProblem problem = random_blocks(seed);
        const ScheduleSolution before = solved(problem);
        for (std::size_t i = problem.units.size(); i-- > 0;) {
            if (energy_of_unit(problem, before.schedule, i) == 0) {
                problem.units.erase(problem.units.begin() + static_cast<std::ptrdiff_t>(i));
            }
        }
        EXPECT_EQ(solved(problem).schedule.objective(), before.schedule.objective()) << "seed " << seed;
    }
}

TEST(Schedule, ScalingPowerAndPriceChangesNothing) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        ScheduleProblem problem = random_blocks(seed);
        const ScheduleSolution small = solved(problem);
        for (std::int64_t& target : problem.target_w) {
            target *= 10;
        }
        for (ScheduleUnit& der : problem.units) {
            der.power_min_w *= 10;
            der.power_max_w *= 10;
            der.energy_w_slots *= der.energy_w_slots == schedule_energy_unlimited ? 1 : 10;
            der.price /= 10;
        }
        problem.shortfall_price /= 10;
        const ScheduleSolution large = solved(problem);
        EXPECT_EQ(large.schedule.objective(), small.schedule.objective()) << "seed " << seed;
        for (std::size_t at = 0; at < small.schedule.power_w.size(); ++at) {
            EXPECT_EQ(large.schedule.power_w[at], 10 * small.schedule.power_w[at]) << "seed " << seed;
        }
    }
}

TEST(Schedule, AStopKeepsTheFirstPlanOrABetterOne) {
    const ScheduleProblem problem = random_blocks(3);
    ScheduleBudget budget = schedule_budget(problem);
    budget.stop = [] { return true; };
    const Result<ScheduleSolution> solution =
        solve_schedule(problem, [&budget](const ScheduleProblem&) { return budget; });
    ASSERT_TRUE(solution.has_value());
    EXPECT_TRUE(solution->stopped);
    EXPECT_LE(solution->schedule.objective(), solution->first.objective());
}

TEST(Schedule, RefusesWhatIsOutOfBounds) {
    const auto refused = [](const ScheduleProblem& problem) { return !solve_schedule(problem).has_value(); };
    EXPECT_TRUE(refused(problem_of({}, {})));
    EXPECT_TRUE(refused(problem_of(std::vector<std::int64_t>(65, 1), {})));
    ScheduleUnit turned = unit(5'000, 1);
    turned.power_min_w = 6'000;
    EXPECT_TRUE(refused(problem_of({1}, {turned})));
    EXPECT_TRUE(refused(problem_of({1}, {unit(0, 1)})));
    EXPECT_TRUE(refused(problem_of({1}, {unit(1'000, -1)})));
}

}  // namespace
}  // namespace headroom::flex::test
