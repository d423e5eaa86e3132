// Each allowance of the residual layer for honest load, on its own: the same load is an alarm without it.
#include "trust/residual_shift.hpp"
#include "core/random.hpp"
#include "unit/trust/slots.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

namespace headroom::trust {
namespace {

constexpr std::array<double, phases> mean_kw{10.0, 12.0, 14.0};
const Random phase_noise(7);

using Load = std::function<double(std::size_t slot, std::size_t phase)>;

/// Loads of a fixed mean with 6 % of independent noise a phase.
double plain(std::size_t slot, std::size_t phase) {
    return mean_kw[phase] * (1.0 + 0.06 * phase_noise.normal(phase, slot));
}

double strongest(const ShiftWatch& watch) {
    return *std::max_element(watch.ratios().begin(), watch.ratios().end());
}

/// The strongest ratio of the three slots in which a move that begins in `move` is judged.
double ratio_at(std::size_t move, const Load& load, const ShiftRules& rules = {}) {
    ShiftWatch watch(phases, rules);
    double found = 0.0;
    for (std::size_t slot = 0; slot < move + rules.window; ++slot) {
        std::vector<double> kw;
        for (std::size_t p = 0; p < phases; ++p) {
            kw.push_back(load(slot, p));
        }
        watch.take(kw, false);
        found = slot < move ? 0.0 : std::max(found, strongest(watch));
    }
    return found;
}

constexpr std::size_t move = 4 * slots + 60;

/// `plain`, with each phase moved by its share of the mean from `move` on.
Load moved(std::array<double, phases> shares) {
    return [shares](std::size_t slot, std::size_t phase) {
        return plain(slot, phase) + (slot >= move ? shares[phase] * mean_kw[phase] : 0.0);
    };
}

TEST(ShiftWatch, SeesAllPhasesMoveByOneShareAndNothingInNoise) {
    EXPECT_GT(ratio_at(move, moved({0.3, 0.3, 0.3})), 10.0);
    EXPECT_GT(ratio_at(move, moved({-0.3, -0.3, -0.3})), 10.0);
    EXPECT_LT(ratio_at(move, moved({0.0, 0.0, 0.0})), 2.0);
}

TEST(ShiftWatch, OnePhaseAloneCannotCarryAMove) {
    const Load car = moved({1.2, 0.04, 0.0});
    ShiftRules rules{.apart = 0.0};
    EXPECT_LT(ratio_at(move, car, rules), 4.0);
    rules.tails = 1e6;  // errors as good as normal
    EXPECT_GT(ratio_at(move, car, rules), 10.0);
}

TEST(ShiftWatch, PhasesThatMoveBySharesOfTheirOwnAreAppliances) {
    const Load shop = moved({0.2, 0.75, 0.45});
    EXPECT_LT(ratio_at(move, shop), 10.0);
    EXPECT_GT(ratio_at(move, shop, {.apart = 0.0}), 13.0);
}

TEST(ShiftWatch, PhasesThatAlwaysMoveTogetherAreWeighedByIt) {
    // As noisy as `plain` in each phase, but with noise that the phases share.
    const auto school = [](std::size_t slot, std::size_t phase) {
        const double noise = slot >= move ? phase_noise.normal(phase, slot) : phase_noise.normal(9, slot);
        return mean_kw[phase] * (1.0 + 0.06 * noise + (slot >= move ? 0.3 : 0.0));
    };
    const double alone = ratio_at(move, moved({0.3, 0.3, 0.3}));
    EXPECT_LT(ratio_at(move, school), 0.75 * alone);
    EXPECT_GT(ratio_at(move, school), 0.4 * alone) << "but not struck out";
}

TEST(ShiftWatch, WhatComesAtThisTimeOfDayIsExpected) {
    const auto heated = [](std::size_t slot, std::size_t phase) {
        const std::size_t of_day = slot % slots;
        return plain(slot, phase) + (of_day >= 60 && of_day < 90 ? 0.3 * mean_kw[phase] : 0.0);
    };
    const auto heated_once = [](std::size_t slot, std::size_t phase) {
        return plain(slot, phase) + (slot >= move ? 0.3 * mean_kw[phase] : 0.0);
    };
    EXPECT_LT(ratio_at(move, heated), 0.5 * ratio_at(move, heated_once));
}

TEST(ShiftWatch, ARestlessDayIsHeldAgainstItself) {
    // Three times the usual noise since half a day, and a move that would be one on any other day.
    const auto washing = [](std::size_t slot, std::size_t phase) {
        const double noise = slot + slots / 2 >= move ? 0.18 : 0.06;
        return mean_kw[phase] * (1.0 + noise * phase_noise.normal(phase, slot) + (slot >= move ? 0.25 : 0.0));
    };
    ShiftRules as_ever;
    as_ever.unrest = 1e12;
    EXPECT_LT(ratio_at(move, washing), 0.7 * ratio_at(move, washing, as_ever));
}

TEST(ShiftWatch, AMoveBelowWhatIsAlwaysOnCountsForMore) {
    const Load to_below = moved({-0.2, -0.2, -0.2});
    const ShiftRules without{.floor_weight = 0.0};
    EXPECT_GT(ratio_at(move, to_below), ratio_at(move, to_below, without) + 3.0);
    // The same move where the day stands half as high again ends far above the nights.
    const auto by_day = [](const Load& load) -> Load {
        return [load](std::size_t slot, std::size_t phase) {
            const std::size_t of_day = slot % slots;
            return load(slot, phase) + (of_day >= 36 && of_day < 108 ? 0.5 * mean_kw[phase] : 0.0);
        };
    };
    EXPECT_EQ(ratio_at(move, by_day(to_below)), ratio_at(move, by_day(to_below), without));
    const Load up = moved({0.2, 0.2, 0.2});
    EXPECT_EQ(ratio_at(move, up), ratio_at(move, up, without));
}

TEST(ShiftWatch, WhereALoadIsAfterASilenceIsNoMove) {
    const auto silent = [](std::size_t slots_long) {
        return [slots_long](std::size_t slot, std::size_t phase) {
            return slot + slots_long >= move && slot < move ? std::nan("")
                                                            : moved({0.3, 0.3, 0.3})(slot, phase);
        };
    };
    EXPECT_LT(ratio_at(move, silent(ShiftRules{}.window)), 3.0);
    EXPECT_GT(ratio_at(move, silent(ShiftRules{}.window - 1)), 10.0) << "a short one hides nothing";
}

}  // namespace
}  // namespace headroom::trust
