// What holds of every live event's plan, whatever is offered: with and without a probability that is asked
// for.
#include "event_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <tuple>

namespace headroom::flex::test {
namespace {

/// Needs of what is offered that can mostly be covered.
EventPlanInput half_needed(int seed) {
    EventPlanInput out = drawn(static_cast<std::uint64_t>(seed), 12, 3);
    for (std::int64_t& need : out.base.overload.need.w) {
        need = need / 2;
    }
    return out;
}

class EventProperties : public ::testing::TestWithParam<std::tuple<int, bool>> {
  protected:
    static EventPlanInput input() {
        const auto [seed, is_sure] = GetParam();
        EventPlanInput out = half_needed(seed);
        if (is_sure) {
            ChanceAsked chance{
                .probability_ppm = 900'000, .rule = "SURE", .quantiles_ppm = {100'000, 500'000, 900'000}};
            for (const std::int64_t need : out.base.overload.need.w) {
                chance.over_w.push_back({need * 8 / 10, need * 9 / 10, need});
            }
            out.facts.chance = std::move(chance);
        }
        return out;
    }
};

std::map<std::string, std::vector<std::int64_t>> powers(const EventPlan& plan) {
    std::map<std::string, std::vector<std::int64_t>> out;
    for (const PlanLine& line : plan.plan.lines) {
        out.emplace(line.offer.id, line.power_w.values);
    }
    return out;
}

std::int64_t sum(const std::vector<std::int64_t>& values) {
    std::int64_t out = 0;
    for (const std::int64_t value : values) {
        out += value;
    }
    return out;
}

TEST_P(EventProperties, NoPlanBreaksALimitOfAnOffer) {
    const EventPlan plan = planned(input());
    for (const PlanLine& line : plan.plan.lines) {
        const Offer& offer = line.offer;
        std::int64_t run = 0;
        std::int64_t longest = 0;
        for (const std::int64_t power : line.power_w.values) {
            EXPECT_GE(power, 0);
            EXPECT_LE(power, offer.power.value) << offer.id;
            run = power > 0 ? run + 1 : 0;
            longest = std::max(longest, run);
        }
        const std::int64_t energy = sum(line.power_w.values) / 2;
        EXPECT_TRUE(offer.energy.value == 0 || energy <= offer.energy.value) << offer.id;
        EXPECT_TRUE(offer.duration_max.count() == 0 || period_length * longest <= offer.duration_max)
            << offer.id;
    }
}

TEST_P(EventProperties, RemovingTheUnusedOffersChangesNothing) {
    EventPlanInput all = input();
    const EventPlan plan = planned(all);
    const auto used = powers(plan);
    std::erase_if(all.base.offers, [&used](const Offer& offer) { return !used.contains(offer.id); });
    const EventPlan again = planned(all);
    EXPECT_EQ(powers(again), used);
    EXPECT_EQ(again.plan.cost, plan.plan.cost);
    EXPECT_EQ(again.plan.shortfall_energy, plan.plan.shortfall_energy);
    ASSERT_EQ(again.notes.chance.has_value(), plan.notes.chance.has_value());
    if (plan.notes.chance) {
        EXPECT_EQ(again.notes.chance->reached_ppm, plan.notes.chance->reached_ppm);
    }
}

TEST_P(EventProperties, WhatIsNotUsedIsStillTold) {
    const EventPlanInput all = input();
    const EventPlan plan = planned(all);
    const auto used = powers(plan);
    std::size_t stand_ins = 0;
    bool is_missed = false;
    for (const EventReserve& reserve : plan.notes.reserve) {
        stand_ins += reserve.stand_in.size();
        is_missed = is_missed || reserve.shortfall_w > 0;
    }
    // Every offer of these markets can be used; idle ones stand in for others where these are missed.
    EXPECT_TRUE(plan.notes.refused.empty());
    EXPECT_TRUE(!is_missed || used.size() == all.base.offers.size() || stand_ins > 0);
}

TEST_P(EventProperties, ADearerOneIsNeverAskedBeforeACheaperAlike) {
    EventPlanInput twice = input();
    const std::vector<Offer> once = twice.base.offers;
    for (Offer dear : once) {
        dear.id += "-dear";
        dear.der += "-dear";
        dear.utilisation.value += 20'000'000;
        twice.base.offers.push_back(std::move(dear));
    }
    const auto used = powers(planned(twice));
    for (const Offer& cheap : once) {
        const auto dear = used.find(cheap.id + "-dear");
        const auto first = used.find(cheap.id);
        const std::int64_t of_the_first = first == used.end() ? 0 : sum(first->second);
        EXPECT_LE(dear == used.end() ? 0 : sum(dear->second), of_the_first) << cheap.id;
    }
}

TEST_P(EventProperties, OfTenTimesEverythingIsTenTimesAsLarge) {
    EventPlanInput large = input();
    const EventPlan plan = planned(large);
    for (std::int64_t& need : large.base.overload.need.w) {
        need *= 10;
    }
    for (Offer& offer : large.base.offers) {
        offer.power.value *= 10;
        offer.energy.value *= 10;
    }
    large.base.rules.cost_max.value *= 10;
    if (large.facts.chance) {
        for (std::vector<std::int64_t>& row : large.facts.chance->over_w) {
            for (std::int64_t& over : row) {
                over *= 10;
            }
        }
    }
    const EventPlan tenfold = planned(large);
    auto expected = powers(plan);
    for (auto& [id, values] : expected) {
        for (std::int64_t& power : values) {
            power *= 10;
        }
    }
    EXPECT_EQ(powers(tenfold), expected);
    // A line's energy is paid in whole Wh and micro-pounds.
    std::int64_t rounding = 0;
    for (const PlanLine& line : plan.plan.lines) {
        rounding +=
            5 * (line.offer.utilisation.value + line.offer.availability_per_mw_h.value) / 1'000'000 + 11;
    }
    EXPECT_LE(std::abs(tenfold.plan.cost.value - 10 * plan.plan.cost.value), rounding);
}

INSTANTIATE_TEST_SUITE_P(Drawn, EventProperties,
                         ::testing::Combine(::testing::Range(1, 26), ::testing::Bool()));

}  // namespace
}  // namespace headroom::flex::test
