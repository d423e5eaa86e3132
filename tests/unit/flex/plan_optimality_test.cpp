// Plans of small random problems against an exhaustive search, and of a large one against its bound.
#include "core/random.hpp"
#include "flex/plan_problem.hpp"
#include "plan_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>

namespace headroom::flex::test {
namespace {

constexpr std::int64_t unit_w = 1'000;

/// A random problem whose numbers are all multiples of 1 kW.
PlanInput random_input(std::uint64_t seed, int offers, std::size_t slots, bool by_reliability) {
    const Random random(seed);
    std::uint64_t draw = 0;
    const auto below = [&](std::uint64_t count) {
        return static_cast<std::int64_t>(random.below(count, 1, ++draw));
    };
    std::vector<std::int64_t> need;
    for (std::size_t slot = 0; slot < slots; ++slot) {
        need.push_back(below(9) * unit_w);
    }
    PlanInput input = input_for(need);
    for (int i = 0; i < offers; ++i) {
        Offer made = offer("o" + std::to_string(i), (1 + below(4)) * unit_w, 50 + below(12) * 25);
        if (below(3) == 0) {
            made.energy = WattHours{(1 + below(4)) * unit_w};
        }
        if (below(3) == 0) {
            made.duration_max = period_length * (1 + below(slots));
        }
        if (below(4) == 0) {
            made.duration_min = made.duration_max.count() == 0 ? hours{1} : made.duration_max;
        }
        if (below(4) == 0) {
            made.available_from = evening + minutes{30};
        }
        if (by_reliability) {
            made.reliability_ppm = 500'000 + below(6) * 100'000;
        }
        input.offers.push_back(made);
    }
    return input;
}

/// Every way to run one offer in whole kilowatts.
std::vector<std::vector<std::int64_t>> ways(const Candidate& candidate, std::size_t slots) {
    std::vector<std::vector<std::int64_t>> found{std::vector<std::int64_t>(slots, 0)};
    if (candidate.is_block()) {
        for (std::size_t length = candidate.run_min; length <= candidate.run_max; ++length) {
            for (std::size_t begin = 0; begin + length <= slots; ++begin) {
                const std::int64_t power = block_power(candidate, {begin, begin + length});
                if (power > 0) {
                    std::vector<std::int64_t> way(slots, 0);
                    std::fill_n(way.begin() + static_cast<std::ptrdiff_t>(begin), length, power);
                    found.push_back(way);
                }
            }
        }
        return found;
    }
    std::vector<std::int64_t> way(slots, 0);
    const auto next = [&] {
        for (std::size_t slot = 0; slot < slots; ++slot) {
            way[slot] += unit_w;
            if (way[slot] <= candidate.cap_w[slot]) {
                return true;
            }
            way[slot] = 0;
        }
        return false;
    };
    while (next()) {
        std::size_t first = slots;
        std::size_t last = 0;
        std::int64_t sum = 0;
        for (std::size_t slot = 0; slot < slots; ++slot) {
            if (way[slot] > 0) {
                first = std::min(first, slot);
                last = slot + 1;
                sum += way[slot];
            }
        }
        if (sum <= candidate.supply_w && last - first <= candidate.run_max) {
            found.push_back(way);
        }
    }
    return found;
}

/// The least cost and value of uncovered need over all combinations: offer by offer, keeping for each relief
/// reached the cheapest way to it.
std::int64_t best_objective(const Problem& problem, const PlanInput& input) {
    std::map<std::vector<std::int64_t>, std::int64_t> reached{
        {std::vector<std::int64_t>(problem.slots, 0), 0}};
    for (const Candidate& candidate : problem.candidates) {
        std::map<std::vector<std::int64_t>, std::int64_t> next;
        for (const auto& way : ways(candidate, problem.slots)) {
            std::int64_t sum = 0;
            for (const std::int64_t power : way) {
                sum += power;
            }
            const std::int64_t cost = sum == 0 ? 0 : line_cost(input.offers[candidate.offer], sum);
            for (const auto& [relief, so_far] : reached) {
                std::vector<std::int64_t> more = relief;
                for (std::size_t slot = 0; slot < problem.slots; ++slot) {
                    more[slot] =
                        std::min(problem.target_uw[slot], more[slot] + way[slot] * candidate.relief_uw_per_w);
                }
                const auto [entry, is_new] = next.try_emplace(std::move(more), so_far + cost);
                entry->second = std::min(entry->second, so_far + cost);
            }
        }
        reached = std::move(next);
    }
    std::int64_t best = std::numeric_limits<std::int64_t>::max();
    for (const auto& [relief, cost] : reached) {
        std::int64_t missing_w = 0;
        for (std::size_t slot = 0; slot < problem.slots; ++slot) {
            missing_w += (problem.target_uw[slot] - relief[slot] + 999'999) / 1'000'000;
        }
        const MicroPounds unserved =
            cost_of(energy_of(Watts{missing_w}, period_length), input.rules.unserved_price);
        best = std::min(best, cost + unserved.value);
    }
    return best;
}

/// What the plan counts as: its cost and the unserved need, from its lines alone.
std::int64_t objective_of(const FlexPlan& plan, const Problem& problem, const PlanInput& input) {
    Cover cover;
    cover.power_w.assign(problem.candidates.size() * problem.slots, 0);
    for (const PlanLine& line : plan.lines) {
        for (std::size_t i = 0; i < problem.candidates.size(); ++i) {
            if (input.offers[problem.candidates[i].offer] == line.offer) {
                std::copy(line.power_w.values.begin(), line.power_w.values.end(),
                          cover.power_w.begin() + static_cast<std::ptrdiff_t>(i * problem.slots));
            }
        }
    }
    evaluate(problem, input, cover);
    return cover.objective();
}

void expect_feasible(const FlexPlan& plan, const Problem& problem, const PlanInput& input) {
    for (const PlanLine& line : plan.lines) {
        const auto candidate =
            std::find_if(problem.candidates.begin(), problem.candidates.end(),
                         [&](const Candidate& each) { return input.offers[each.offer] == line.offer; });
        ASSERT_NE(candidate, problem.candidates.end());
        std::size_t first = problem.slots;
        std::size_t last = 0;
        std::int64_t sum = 0;
        for (std::size_t slot = 0; slot < problem.slots; ++slot) {
            const std::int64_t power = line.power_w.values[slot];
            EXPECT_GE(power, 0);
            EXPECT_LE(power, candidate->cap_w[slot]) << line.offer.id;
            if (power > 0) {
                first = std::min(first, slot);
                last = slot + 1;
            }
            sum += power;
        }
        EXPECT_LE(sum, candidate->supply_w) << line.offer.id;
        EXPECT_LE(last - first, candidate->run_max) << line.offer.id;
        if (candidate->is_block()) {
            EXPECT_GE(last - first, candidate->run_min) << line.offer.id;
            EXPECT_EQ(sum, line.power_w.values[first] * static_cast<std::int64_t>(last - first))
                << line.offer.id;
        }
    }
    EXPECT_LE(plan.cost, input.rules.cost_max);
}

class SmallPlans : public ::testing::TestWithParam<int> {};

TEST_P(SmallPlans, AreOptimalWithoutReliability) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        const auto key = seed * 1'000 + static_cast<std::uint64_t>(GetParam());
        const PlanInput input = random_input(key, GetParam(), 2 + seed % 2, false);
        const Result<Problem> problem = make_problem(input);
        ASSERT_TRUE(problem.has_value());
        const Result<FlexPlan> plan = make_plan(input);
        ASSERT_TRUE(plan.has_value());
        expect_feasible(*plan, *problem, input);
        const std::int64_t best = best_objective(*problem, input);
        const std::int64_t ours = objective_of(*plan, *problem, input);
        EXPECT_LE(ours, best + best / 100'000) << "seed " << key;
        EXPECT_LE(plan->bound->value, best) << "seed " << key;
    }
}

TEST_P(SmallPlans, AreNoWorseThanAnyInWholeKilowatts) {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        const auto key = seed * 7'000 + static_cast<std::uint64_t>(GetParam());
        const PlanInput input = random_input(key, std::min(GetParam(), 5), 2, true);
        const Result<Problem> problem = make_problem(input);
        ASSERT_TRUE(problem.has_value());
        const Result<FlexPlan> plan = make_plan(input);
        ASSERT_TRUE(plan.has_value());
        expect_feasible(*plan, *problem, input);
        const std::int64_t best = best_objective(*problem, input);
        const std::int64_t ours = objective_of(*plan, *problem, input);
        // A rounded-up watt for each offer and half-hour is the most that whole watts may cost.
        EXPECT_LE(ours, best + best / 100'000 + 16 * 200) << "seed " << key;
        EXPECT_LE(plan->bound->value, ours) << "seed " << key;
    }
}

INSTANTIATE_TEST_SUITE_P(Offers, SmallPlans, ::testing::Values(1, 2, 3, 5, 8));

TEST(LargePlans, AThousandOffersComeCloseToTheirBound) {
    const Random random(3);
    PlanInput input = input_for({900'000, 1'200'000, 1'100'000, 600'000});
    input.rules.margin_ppm = 50'000;
    for (std::uint64_t i = 0; i < 1'000; ++i) {
        Offer made = offer("o" + std::to_string(1'000 + i),
                           2'000 + static_cast<std::int64_t>(random.below(6'000, i, 1)),
                           100 + static_cast<std::int64_t>(random.below(500, i, 2)));
        made.reliability_ppm = 800'000 + static_cast<std::int64_t>(random.below(200'000, i, 3));
        if (random.below(2, i, 4) == 0) {
            made.energy = WattHours{3'000 + static_cast<std::int64_t>(random.below(6'000, i, 5))};
        }
        if (random.below(3, i, 6) == 0) {
            made.duration_max = period_length * (1 + static_cast<std::int64_t>(random.below(3, i, 7)));
        }
        input.offers.push_back(made);
    }
    const Result<Problem> problem = make_problem(input);
    ASSERT_TRUE(problem.has_value());
    const Result<FlexPlan> plan = make_plan(input);
    ASSERT_TRUE(plan.has_value());
    expect_feasible(*plan, *problem, input);
    EXPECT_EQ(plan->shortfall_peak, 0_W);
    EXPECT_LE(plan->nodes_used, input.rules.node_budget);
    EXPECT_GE(plan->cost.value, plan->bound->value);
    EXPECT_LE(plan->cost.value - plan->bound->value, plan->bound->value / 100);
}

}  // namespace
}  // namespace headroom::flex::test
