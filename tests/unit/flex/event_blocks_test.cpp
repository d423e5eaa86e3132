// Offers with a least run: one power through one run, by the search and by the schedule optimiser.
#include "event_fixture.hpp"
#include "flex/event_plan.hpp"
#include "flex/plan_turns.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace headroom::flex::test {
namespace {

/// Blocks by chance: a least run of two or three half-hours, some with energy that it shortens.
EventPlanInput drawn_blocks(std::uint64_t seed, std::size_t offers, std::size_t slots) {
    EventPlanInput input = drawn(seed, offers, slots);
    const Random random(seed + 1'000);
    for (std::size_t i = 0; i < offers; ++i) {
        Offer& each = input.base.offers[i];
        if (random.below(3, 0, i) == 0) {
            continue;
        }
        each.duration_min = minutes{60 + 30 * static_cast<int>(random.below(2, 1, i))};
        each.duration_max = each.duration_min + minutes{30 * static_cast<int>(random.below(3, 2, i))};
        each.energy = WattHours{random.below(2, 3, i) == 0 ? 0 : each.power.value * 5 / 4};
    }
    return input;
}

TEST(EventPlan, BothEnginesAgreeOnBlocks) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        const EventPlanInput input = drawn_blocks(seed, 6, 5);
        const Result<PlannedCovers> exact = plan_covers(input.base, {});
        ASSERT_TRUE(exact.has_value());
        ASSERT_TRUE(exact->complete) << "seed " << seed;
        const std::optional<ScheduledCover> other = cover_by_schedule(exact->problem, input.base);
        ASSERT_TRUE(other.has_value());
        const auto best = static_cast<double>(exact->best.objective());
        EXPECT_LE(best * (1.0 - 2e-5), static_cast<double>(other->cover.objective()) + 10'000.0)
            << "seed " << seed;
        EXPECT_LE(static_cast<double>(other->cover.objective()), 1.01 * best + 10'000.0) << "seed " << seed;
        EXPECT_LE(other->bound, exact->best.objective()) << "seed " << seed;
        EXPECT_GT(other->bound, 0) << "seed " << seed;
        for (std::size_t i = 0; i < exact->problem.candidates.size(); ++i) {
            const Candidate& candidate = exact->problem.candidates[i];
            const std::int64_t* power = &other->cover.power_w[i * exact->problem.slots];
            std::size_t begin = 0;
            while (begin < exact->problem.slots && power[begin] == 0) {
                ++begin;
            }
            std::size_t end = begin;
            while (end < exact->problem.slots && power[end] > 0) {
                ++end;
            }
            EXPECT_TRUE(std::all_of(power + end, power + exact->problem.slots,
                                    [](std::int64_t w) { return w == 0; }) ||
                        !candidate.is_block());
            if (candidate.is_block() && end > begin) {
                EXPECT_GE(end - begin, candidate.run_min);
                EXPECT_LE(end - begin, candidate.run_max);
                EXPECT_EQ(power[begin], block_power(candidate, {begin, end})) << "all of its free power";
            }
        }
    }
}

TEST(EventPlan, ManyBlocksArePlannedWithAProvenBound) {
    EventPlanInput input = drawn_blocks(7, 200, 8);
    const EventPlan plan = planned(input);
    ASSERT_TRUE(plan.plan.bound.has_value());
    const auto cost = static_cast<double>(plan.plan.cost.value);
    EXPECT_EQ(plan.plan.shortfall_peak, Watts{});
    EXPECT_GT(static_cast<double>(plan.plan.bound->value), 0.97 * cost);
    EXPECT_LE(plan.plan.bound->value, plan.plan.cost.value);
}

}  // namespace
}  // namespace headroom::flex::test
