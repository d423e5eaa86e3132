// The bound against every plan there is: on and off by slot, and the cheapest powers to the watt.
#include "core/random.hpp"
#include "flex/schedule_settle.hpp"
#include "flex/schedule_solve.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace headroom::flex::test {
namespace {

constexpr std::size_t half_hours = 5;

/// Few DERs in powers that can be told in tens of watts and more, without a limit on energy.
ScheduleProblem few(std::uint64_t seed, std::uint64_t ders) {
    const Random random(seed);
    ScheduleProblem problem;
    problem.shortfall_price = 3'000'000;
    for (std::size_t t = 0; t < half_hours; ++t) {
        problem.target_w.push_back(
            10'000 * static_cast<std::int64_t>(random.below(2, 0, t) == 0 ? 0 : random.below(12, 1, t)));
    }
    for (std::uint64_t i = 0; i < ders; ++i) {
        ScheduleUnit unit;
        unit.power_max_w = 50'000 + 10'000 * static_cast<std::int64_t>(random.below(4, 2, i));
        unit.power_min_w = random.below(3, 3, i) == 0 ? 20'000 : 0;
        unit.slots = (std::uint64_t{1} << half_hours) - 1;
        unit.run_max = 2 + static_cast<std::int64_t>(random.below(3, 4, i));
        unit.rest_min = 1 + static_cast<std::int64_t>(random.below(2, 5, i));
        unit.activations_max = 1 + static_cast<std::int64_t>(random.below(2, 6, i));
        unit.activation_cost = 1'000'000 * static_cast<std::int64_t>(random.below(6, 7, i));
        unit.price = 100'000 + 1'000 * static_cast<std::int64_t>(random.below(600, 8, i));
        unit.key = i + 1;
        problem.units.push_back(unit);
    }
    return problem;
}

/// Slots in which the unit may be on together.
std::vector<std::uint32_t> patterns(const ScheduleUnit& unit) {
    std::vector<std::uint32_t> out;
    for (std::uint32_t on = 0; on < (1U << half_hours); ++on) {
        std::int64_t run = 0;
        std::int64_t off = unit.rest_min;
        std::int64_t starts = 0;
        bool is_allowed = true;
        for (std::size_t t = 0; t < half_hours; ++t) {
            if ((on >> t & 1U) != 0) {
                starts += run == 0 ? 1 : 0;
                is_allowed = is_allowed && (run > 0 || off >= unit.rest_min);
                is_allowed = is_allowed && ++run <= unit.run_max;
                off = 0;
            } else {
                off = run > 0 ? 1 : off + 1;
                run = 0;
            }
        }
        if (is_allowed && starts <= unit.activations_max) {
            out.push_back(on);
        }
    }
    return out;
}

std::int64_t starts_of(std::uint32_t on) {
    return static_cast<std::int64_t>(__builtin_popcount(on & ~(on << 1U)));
}

/// What the slot costs at least with those units on: each holds its least power, the cheapest fill up.
double slot_cost(const ScheduleProblem& problem, const std::vector<std::uint32_t>& on, std::size_t t) {
    double left = static_cast<double>(std::max<std::int64_t>(0, problem.target_w[t]));
    double cost = 0.0;
    std::vector<std::size_t> there;
    for (std::size_t i = 0; i < on.size(); ++i) {
        if ((on[i] >> t & 1U) != 0) {
            const auto hold = static_cast<double>(std::max<std::int64_t>(1, problem.units[i].power_min_w));
            left -= hold;
            cost += hold * problem.slot_cost(problem.units[i].price);
            there.push_back(i);
        }
    }
    std::sort(there.begin(), there.end(), [&problem](std::size_t a, std::size_t b) {
        return problem.units[a].price < problem.units[b].price;
    });
    for (const std::size_t i : there) {
        const ScheduleUnit& unit = problem.units[i];
        const auto more = static_cast<double>(unit.power_max_w - std::max<std::int64_t>(1, unit.power_min_w));
        const double taken = std::clamp(left, 0.0, more);
        left -= taken;
        cost += taken * problem.slot_cost(unit.price);
    }
    return cost + std::max(0.0, left) * problem.slot_cost(problem.shortfall_price);
}

/// The cost of the best plan, by trying all of them.
double best_cost(const ScheduleProblem& problem) {
    std::vector<std::vector<std::uint32_t>> choices;
    for (const ScheduleUnit& unit : problem.units) {
        choices.push_back(patterns(unit));
    }
    double best = std::numeric_limits<double>::infinity();
    std::vector<std::size_t> at(choices.size(), 0);
    for (bool is_over = false; !is_over;) {
        std::vector<std::uint32_t> on;
        double cost = 0.0;
        for (std::size_t i = 0; i < at.size(); ++i) {
            on.push_back(choices[i][at[i]]);
            cost += static_cast<double>(starts_of(on[i]) * problem.units[i].activation_cost);
        }
        for (std::size_t t = 0; t < half_hours && cost < best; ++t) {
            cost += slot_cost(problem, on, t);
        }
        best = std::min(best, cost);
        is_over = true;
        for (std::size_t i = 0; i < at.size() && is_over; ++i) {
            at[i] = (at[i] + 1) % choices[i].size();
            is_over = at[i] == 0;
        }
    }
    return best;
}

TEST(ScheduleBound, ASlotMayBeHeldWithOneWattWhereverPowersAreToldInTens) {
    // One start for two half-hours with one between them in which nothing is wanted.
    ScheduleProblem problem;
    problem.shortfall_price = 3'000'000;
    problem.target_w = {50'000, 0, 50'000, schedule_unconstrained, schedule_unconstrained, 0};
    ScheduleUnit unit;
    unit.power_max_w = 50'000;
    unit.slots = 0b111111;
    unit.run_max = 3;
    unit.activation_cost = 3'000'000;
    unit.price = 200'000;
    problem.units.push_back(unit);
    ASSERT_EQ(resolution_w(problem), 10);
    const ScheduleProblem in_tens = in_units(problem, 10);
    const Result<ScheduleSolution> found = search_schedule(in_tens, schedule_budget(in_tens));
    ASSERT_TRUE(found.has_value());
    constexpr double best = 3e6 + 50.0 * 200'000 + 0.0005 * 200'000;
    EXPECT_LE(10.0 * found->bound, best + 1.0);
    EXPECT_GT(10.0 * found->bound, best - 100.0);
}

TEST(ScheduleBound, IsNeverAboveTheBestPlanThereIs) {
    int met = 0;
    constexpr int problems = 120;
    for (std::uint64_t seed = 1; seed <= problems; ++seed) {
        SCOPED_TRACE(seed);
        const ScheduleProblem problem = few(seed, 2 + seed % 2);
        EXPECT_GE(resolution_w(problem), 10);
        const Result<ScheduleSolution> found = solve_schedule(problem);
        ASSERT_TRUE(found.has_value());
        const double best = best_cost(problem);
        // Each DER's cost is rounded to a millionth of a pound.
        EXPECT_LE(found->bound, best + static_cast<double>(problem.units.size()));
        EXPECT_GE(static_cast<double>(found->schedule.objective().value) +
                      static_cast<double>(problem.units.size()),
                  best);
        met += static_cast<double>(found->schedule.objective().value) <= best * 1.001 + 10.0 ? 1 : 0;
    }
    EXPECT_GE(met, problems * 9 / 10) << "plans within a thousandth of the best";
}

}  // namespace
}  // namespace headroom::flex::test
