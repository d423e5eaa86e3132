// What holds of every live event's plan, whatever is offered: with and without a probability that is asked
// for.
#include "event_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
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

class PlansInExpectation : public ::testing::TestWithParam<int> {
  protected:
    static EventPlanInput input() { return half_needed(GetParam()); }
};

TEST_P(PlansInExpectation, RemovingAnUnusedOfferChangesNothing) {
    EventPlanInput all = input();
    const EventPlan plan = planned(all);
    const auto used = powers(plan);
    const std::size_t before = all.base.offers.size();
    std::erase_if(all.base.offers, [&used](const Offer& offer) { return !used.contains(offer.id); });
    if (all.base.offers.size() == before) {
        return;  // all are needed
    }
    const EventPlan again = planned(all);
    EXPECT_EQ(powers(again), used);
    EXPECT_EQ(again.plan.cost, plan.plan.cost);
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

TEST_P(PlansInExpectation, TenTimesEverythingIsTheSamePlan) {
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
    const EventPlan tenfold = planned(large);
    const auto small = powers(plan);
    const auto tens = powers(tenfold);
    ASSERT_EQ(tens.size(), small.size());
    for (const auto& [id, values] : small) {
        ASSERT_TRUE(tens.contains(id)) << id;
        // To whole watts, half-hour by half-hour, and what that leaves for others.
        EXPECT_NEAR(static_cast<double>(sum(tens.at(id))), 10.0 * static_cast<double>(sum(values)), 150.0)
            << id;
    }
    EXPECT_NEAR(static_cast<double>(tenfold.plan.cost.value),
                10.0 * static_cast<double>(plan.plan.cost.value),
                0.001 * 10.0 * static_cast<double>(plan.plan.cost.value) + 1'000.0);
}

INSTANTIATE_TEST_SUITE_P(Drawn, PlansInExpectation, ::testing::Range(1, 26));
INSTANTIATE_TEST_SUITE_P(Drawn, EventProperties,
                         ::testing::Combine(::testing::Range(1, 26), ::testing::Bool()));

}  // namespace
}  // namespace headroom::flex::test
