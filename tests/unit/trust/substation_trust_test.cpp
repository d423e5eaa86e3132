#include "trust/substation_trust.hpp"
#include "core/random.hpp"
#include "unit/trust/slots.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

namespace headroom::trust {
namespace {

constexpr std::size_t three_feeders = 3;
const Random meter_noise(21);

/// Three feeders of three phases with a daily shape, load noise, and meters of class 0.5.
SlotReadings honest_three(std::size_t t) {
    SlotReadings slot;
    const double shape = 1.0 + 0.3 * std::sin(2 * std::numbers::pi * static_cast<double>(t % slots) / slots);
    for (std::size_t f = 0; f < three_feeders; ++f) {
        for (std::size_t p = 0; p < phases; ++p) {
            const double mean = 10.0 + 3.0 * static_cast<double>(f) + static_cast<double>((p * (f + 1)) % 4);
            const double kw = mean * shape * (1.0 + 0.05 * meter_noise.normal(f * phases + p, t, 1));
            slot.busbar_kw[p] += kw;
            const double metered = kw + (0.005 * kw + 0.05) * meter_noise.normal(f * phases + p, t, 2);
            slot.feeders_kw.push_back(std::round(metered * 100.0) / 100.0);
        }
    }
    for (std::size_t p = 0; p < phases; ++p) {
        slot.busbar_kw[p] += (0.005 * slot.busbar_kw[p] + 0.05) * meter_noise.normal(90 + p, t, 2);
    }
    return slot;
}

struct Outcome {
    std::size_t doubted = 0;
    std::optional<std::size_t> accused;  // at the last doubt
    std::optional<Layer> layer;
    std::size_t first = 0;  // slots into the attack
};

/// Four honest days, then `length` slots that `alter` changes.
Outcome attack(std::size_t length, const std::function<void(SlotReadings&, std::size_t)>& alter,
               const SubstationRules& rules = {}) {
    SubstationTrust trust({"A", "B", "C"}, phases, rules);
    std::size_t t = 0;
    std::size_t false_alarms = 0;
    for (; t < 4 * slots; ++t) {
        const SlotReadings slot = honest_three(t);
        false_alarms += trust.take(slot.busbar_kw, slot.feeders_kw).is_doubted ? 1 : 0;
    }
    EXPECT_EQ(false_alarms, 0U) << "on honest readings";
    Outcome outcome;
    for (std::size_t i = 0; i < length; ++i, ++t) {
        SlotReadings slot = honest_three(t);
        alter(slot, t);
        const SubstationVerdict verdict = trust.take(slot.busbar_kw, slot.feeders_kw);
        if (verdict.is_doubted) {
            outcome.first = outcome.doubted == 0 ? i : outcome.first;
            ++outcome.doubted;
            outcome.accused = verdict.accused;
            outcome.layer = verdict.evidence.front().layer;
            EXPECT_FALSE(verdict.evidence.front().detail.empty());
            EXPECT_GE(verdict.evidence.front().confidence, 0.5);
        }
    }
    return outcome;
}

TEST(SubstationTrust, AFeederThatReadsTooLittleBreaksTheBalanceAndIsNamed) {
    const Outcome outcome = attack(12, [](SlotReadings& slot, std::size_t) {
        for (std::size_t p = 0; p < phases; ++p) {
            slot.feeders_kw[1 * phases + p] *= 0.6;
        }
    });
    EXPECT_GE(outcome.doubted, 10U);
    EXPECT_LE(outcome.first, 1U) << "within two readings";
    EXPECT_EQ(outcome.layer, Layer::balance);
    EXPECT_EQ(outcome.accused, 1U);
}

TEST(SubstationTrust, AFrozenFeederIsNamedThoughItLooksCalm) {
    const SlotReadings frozen = honest_three(4 * slots);
    const Outcome outcome = attack(24, [&frozen](SlotReadings& slot, std::size_t) {
        for (std::size_t p = 0; p < phases; ++p) {
            slot.feeders_kw[p] = frozen.feeders_kw[p];
        }
    });
    EXPECT_GE(outcome.doubted, 10U);
    EXPECT_EQ(outcome.accused, 0U);
}

TEST(SubstationTrust, ReadingsOfTheDayBeforeAreNamed) {
    const Outcome outcome = attack(24, [](SlotReadings& slot, std::size_t t) {
        const SlotReadings before = honest_three(t - slots);
        for (std::size_t p = 0; p < phases; ++p) {
            slot.feeders_kw[2 * phases + p] = before.feeders_kw[2 * phases + p];
        }
    });
    EXPECT_GE(outcome.doubted, 10U);
    EXPECT_EQ(outcome.accused, 2U);
}

TEST(SubstationTrust, AWrongBusbarIsToldFromWrongFeeders) {
    const Outcome outcome = attack(12, [](SlotReadings& slot, std::size_t) {
        for (double& kw : slot.busbar_kw) {
            kw *= 0.7;
        }
    });
    EXPECT_GE(outcome.doubted, 10U);
    EXPECT_EQ(outcome.accused, three_feeders) << "the busbar";
}

TEST(SubstationTrust, FeederAndBusbarMovedTogetherAreSeenByTheResidualAlone) {
    const Outcome outcome = attack(20, [](SlotReadings& slot, std::size_t) {
        for (std::size_t p = 0; p < phases; ++p) {
            const double mean = 16.0 + static_cast<double>((p * 3) % 4);
            slot.feeders_kw[2 * phases + p] += 0.4 * mean;
            slot.busbar_kw[p] += 0.4 * mean;
        }
    });
    EXPECT_GE(outcome.doubted, 1U);
    EXPECT_LE(outcome.first, 2U) << "at the edge";
    EXPECT_EQ(outcome.layer, Layer::residual);
    EXPECT_EQ(outcome.accused, 2U);
}

TEST(SubstationTrust, OnePhaseThatJumpsIsLoad) {
    const Outcome outcome = attack(12, [](SlotReadings& slot, std::size_t) {
        slot.feeders_kw[0] += 7.0;  // a car that charges
        slot.busbar_kw[0] += 7.0;
    });
    EXPECT_EQ(outcome.doubted, 0U);
}

/// Adds `share` of the feeder's mean to its phases and to the busbar.
void move_feeder(SlotReadings& slot, std::size_t feeder, double share) {
    for (std::size_t p = 0; p < phases; ++p) {
        const double mean =
            10.0 + 3.0 * static_cast<double>(feeder) + static_cast<double>((p * (feeder + 1)) % 4);
        slot.feeders_kw[feeder * phases + p] += share * mean;
        slot.busbar_kw[p] += share * mean;
    }
}

TEST(SubstationTrust, WhatAllFeedersDoAtOnceIsTheWeather) {
    const auto pickup = [](SlotReadings& slot, std::size_t) {
        for (std::size_t f = 0; f < three_feeders; ++f) {
            move_feeder(slot, f, 0.12);
        }
    };
    EXPECT_EQ(attack(12, pickup).doubted, 0U);
    SubstationRules alone;
    alone.others_share = 0.0;
    EXPECT_GE(attack(12, pickup, alone).doubted, 1U) << "without the look at the others";
}

TEST(SubstationTrust, WhatAFeederDoesSeveralTimesADayIsItsHabit) {
    const auto doubted_on_the_last_day = [](const SubstationRules& rules) {
        SubstationTrust trust({"A", "B", "C"}, phases, rules);
        std::size_t doubted = 0;
        for (std::size_t t = 0; t < 7 * slots; ++t) {
            SlotReadings slot = honest_three(t);
            // A works that starts and stops all its phases, at another time each day.
            const std::size_t of_day = (t + 29 * (t / slots)) % slots;
            if (of_day % 36 < 18) {
                move_feeder(slot, 1, 0.2);
            }
            doubted += trust.take(slot.busbar_kw, slot.feeders_kw).is_doubted && t >= 6 * slots ? 1 : 0;
        }
        return doubted;
    };
    EXPECT_EQ(doubted_on_the_last_day(SubstationRules{}), 0U);
    SubstationRules without;
    without.habit.base = 1e6;
    without.habit.scale = 1e6 + without.habit.usual;
    EXPECT_GE(doubted_on_the_last_day(without), 2U) << "were it held against what feeders usually do";
}

TEST(SubstationTrust, AReturnComesAfterAsManyHoursWhateverTheReadingsDistance) {
    SubstationRules rules;
    rules.shift.slots = 48;
    rules.warm_up = 2 * 48;
    rules.habit.loud = 1e9;  // this one is told at its first edge
    SubstationTrust trust({"A", "B", "C"}, phases, rules);
    constexpr std::size_t begin = 5 * 48;
    constexpr std::size_t end = begin + 8;  // four hours
    double edge = 0.0;
    double back = 0.0;
    for (std::size_t t = 0; t < end + 3; ++t) {
        SlotReadings slot = honest_three(3 * t);
        if (t >= begin && t < end) {
            move_feeder(slot, 2, 0.2);
        }
        const double score = trust.take(slot.busbar_kw, slot.feeders_kw).score;
        edge = t >= begin && t < end ? std::max(edge, score) : edge;
        back = t >= end ? std::max(back, score) : back;
    }
    EXPECT_GT(back, 1.2 * edge);
}

/// How much is doubted because it has stayed, beyond what is for its edges.
std::size_t doubted_for_its_stay(const std::function<void(SlotReadings&, std::size_t)>& alter) {
    SubstationRules edges_alone;
    edges_alone.stay.tenth_weight = edges_alone.stay.day_weight = 0.0;
    const std::size_t for_edges = attack(36, alter, edges_alone).doubted;
    const std::size_t in_all = attack(36, alter).doubted;
    EXPECT_GE(in_all, for_edges);
    return in_all - for_edges;
}

/// Of a move in three steps, none of them loud.
double share_at(std::size_t t) {
    return 0.08 * static_cast<double>(std::min<std::size_t>(t / 2 + 1, 3));
}

TEST(SubstationTrust, ALieThatComesQuietlyIsToldOnceItHasStayed) {
    EXPECT_GE(
        doubted_for_its_stay([](SlotReadings& slot, std::size_t t) { move_feeder(slot, 1, share_at(t)); }),
        6U);
}

TEST(SubstationTrust, WhereAllFeedersStayHighItIsTheWeather) {
    const auto cold = [](SlotReadings& slot, std::size_t t) {
        for (std::size_t f = 0; f < three_feeders; ++f) {
            move_feeder(slot, f, share_at(t));
        }
    };
    EXPECT_EQ(doubted_for_its_stay(cold), 0U);
}

TEST(SubstationTrust, NoiseTooSmallForTheBalanceIsSeenInItsVariance) {
    const auto noise = [](SlotReadings& slot, std::size_t t) {
        for (std::size_t p = 0; p < phases; ++p) {
            slot.feeders_kw[p] += 0.55 * meter_noise.normal(p, t, 5);
        }
    };
    const Outcome outcome = attack(48, noise);
    EXPECT_GE(outcome.doubted, 5U);
    EXPECT_EQ(outcome.layer, Layer::balance);
    EXPECT_EQ(outcome.accused, 0U);
    SubstationRules mean_alone;
    mean_alone.unrest.limit = mean_alone.unrest.ceiling = 1e9;
    EXPECT_LT(attack(48, noise, mean_alone).doubted, outcome.doubted / 2);
}

TEST(SubstationTrust, WhatIsMissingIsNoAttack) {
    const Outcome outcome = attack(12, [](SlotReadings& slot, std::size_t t) {
        for (std::size_t p = 0; p < phases && t % 2 == 0; ++p) {
            slot.feeders_kw[p] = std::nan("");
        }
    });
    EXPECT_EQ(outcome.doubted, 0U);
}

}  // namespace
}  // namespace headroom::trust
