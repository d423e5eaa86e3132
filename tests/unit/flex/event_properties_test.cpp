// What holds of every live event's plan, whatever is offered: with and without a probability that is asked
// for.
#include "flex/event_chance.hpp"

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

/// With the probability asked for, over loads that may come to less; some relief may stand already.
EventPlanInput sure(EventPlanInput input, std::int64_t probability_ppm, std::int64_t standing_w) {
    ChanceAsked chance{
        .probability_ppm = probability_ppm, .rule = "SURE", .quantiles_ppm = {100'000, 500'000, 900'000}};
    for (const std::int64_t need : input.base.overload.need.w) {
        chance.over_w.push_back({need * 8 / 10, need * 9 / 10, need});
    }
    if (standing_w > 0) {
        chance.standing.push_back({"der-standing", 850'000,
                                   std::vector<std::int64_t>(input.base.overload.need.w.size(), standing_w)});
    }
    input.facts.chance = std::move(chance);
    return input;
}

class EventProperties : public ::testing::TestWithParam<std::tuple<int, bool>> {
  protected:
    static EventPlanInput input() {
        const auto [seed, is_sure] = GetParam();
        return is_sure ? sure(half_needed(seed), 900'000, 0) : half_needed(seed);
    }
};

std::map<std::string, std::vector<std::int64_t>> powers_w(const EventPlan& plan) {
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

void expect_the_same_without_the_unused(EventPlanInput all) {
    const EventPlan plan = planned(all);
    const auto used = powers_w(plan);
    std::erase_if(all.base.offers, [&used](const Offer& offer) { return !used.contains(offer.id); });
    const EventPlan again = planned(all);
    EXPECT_EQ(powers_w(again), used);
    EXPECT_EQ(again.plan.cost, plan.plan.cost);
    EXPECT_EQ(again.plan.shortfall_energy, plan.plan.shortfall_energy);
    ASSERT_EQ(again.notes.chance.has_value(), plan.notes.chance.has_value());
    if (plan.notes.chance) {
        EXPECT_EQ(again.notes.chance->reached_ppm, plan.notes.chance->reached_ppm);
    }
}

TEST_P(EventProperties, RemovingTheUnusedOffersChangesNothing) {
    expect_the_same_without_the_unused(input());
}

TEST_P(EventProperties, WhatIsNotUsedIsStillTold) {
    const EventPlanInput all = input();
    const EventPlan plan = planned(all);
    const auto used = powers_w(plan);
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
    const auto used = powers_w(planned(twice));
    for (const Offer& cheap : once) {
        const auto dear = used.find(cheap.id + "-dear");
        const auto first = used.find(cheap.id);
        const std::int64_t of_the_first = first == used.end() ? 0 : sum(first->second);
        EXPECT_LE(dear == used.end() ? 0 : sum(dear->second), of_the_first) << cheap.id;
    }
}

void expect_tenfold_of_ten_times_everything(EventPlanInput large) {
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
        for (StandingRelief& each : large.facts.chance->standing) {
            for (std::int64_t& relief : each.relief_w) {
                relief *= 10;
            }
        }
    }
    const EventPlan tenfold = planned(large);
    auto expected = powers_w(plan);
    for (auto& [id, values] : expected) {
        for (std::int64_t& power : values) {
            power *= 10;
        }
    }
    EXPECT_EQ(powers_w(tenfold), expected);
    if (plan.notes.chance) {
        EXPECT_EQ(tenfold.notes.chance->reached_ppm, plan.notes.chance->reached_ppm);
    }
    // A line's energy is paid in whole Wh and micro-pounds.
    std::int64_t rounding = 0;
    for (const PlanLine& line : plan.plan.lines) {
        rounding +=
            5 * (line.offer.utilisation.value + line.offer.availability_per_mw_h.value) / 1'000'000 + 11;
    }
    EXPECT_LE(std::abs(tenfold.plan.cost.value - 10 * plan.plan.cost.value), rounding);
}

TEST_P(EventProperties, OfTenTimesEverythingIsTenTimesAsLarge) {
    expect_tenfold_of_ten_times_everything(input());
}

/// Further markets: more and fewer offers, other probabilities, relief that stands already.
TEST(EventMarkets, NeitherWhatIsNotUsedNorTheUnitChangesAnything) {
    struct Market {
        std::size_t offers = 0;
        std::size_t slots = 0;
        std::int64_t probability_ppm = 0;
        std::int64_t standing_w = 0;
        std::uint64_t seeds = 0;
    };
    for (const Market& each :
         {Market{12, 3, 900'000, 0, 120}, Market{12, 3, 970'000, 4'000, 40}, Market{5, 2, 750'000, 0, 60},
          Market{30, 4, 900'000, 0, 20}, Market{60, 1, 950'000, 9'000, 20}}) {
        for (std::uint64_t seed = 1'001; seed <= 1'000 + each.seeds; ++seed) {
            SCOPED_TRACE(std::to_string(each.offers) + " offers, seed " + std::to_string(seed));
            EventPlanInput market = drawn(seed, each.offers, each.slots);
            for (std::int64_t& need : market.base.overload.need.w) {
                need = need / 2;
            }
            market = sure(std::move(market), each.probability_ppm, each.standing_w);
            expect_the_same_without_the_unused(market);
            expect_tenfold_of_ten_times_everything(market);
        }
    }
}

TEST(EventMarkets, WhatIsNotUsedDoesNotMakeOthersDirtier) {
    // Nobody knows what a charger emits; the generator, which is not used, is known to emit much.
    const std::string rules =
        "carbon_gbp_per_tonne = 80.0\n[[carbon]]\nkind = \"generator\"\ng_per_kwh = 2000.0\n"
        "[[carbon]]\nkind = \"battery\"\ng_per_kwh = 400.0\n";
    Offer charger = offer("O1", 8'000, 100);
    charger.der_class = grid::DerClass::ev_charger;
    Offer store = offer("O2", 8'000, 120);
    store.der_class = grid::DerClass::battery;
    Offer engine = offer("O3", 8'000, 900);
    engine.der_class = grid::DerClass::generator;
    const EventPlan plan = planned(event_for({8'000}, {charger, store, engine}, rules));
    EXPECT_EQ(asked(plan), std::vector<std::string>{"O2"});
    EXPECT_EQ(plan.notes.weights[0].carbon_micro_gbp_per_kwh, 80'000);
    EXPECT_EQ(asked(planned(event_for({8'000}, {charger, store}, rules))), asked(plan));
}

/// Plans are as sure as asked and hardly surer, by deliveries that they were not made with.
TEST(EventMarkets, AreAsSureAsAskedByOtherDraws) {
    double sum = 0.0;
    constexpr int markets = 60;
    for (int seed = 1; seed <= markets; ++seed) {
        const EventPlanInput input = sure(half_needed(seed), 900'000, 0);
        const EventPlan plan = planned(input);
        EXPECT_TRUE(plan.notes.chance->is_reached) << seed;
        DeliveryDraws others(987'654'321);
        const std::int64_t share = ChanceDraws(*input.facts.chance, others)
                                       .share_ppm(chance_parts(plan.plan, input.base.overload.limit.phase));
        EXPECT_GT(share, 870'000) << seed;
        sum += static_cast<double>(share) / 1e4;
    }
    EXPECT_NEAR(sum / markets, 90.0, 1.0);
}

INSTANTIATE_TEST_SUITE_P(Drawn, EventProperties,
                         ::testing::Combine(::testing::Range(1, 26), ::testing::Bool()));

}  // namespace
}  // namespace headroom::flex::test
