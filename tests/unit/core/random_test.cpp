#include "core/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

namespace headroom {
namespace {

TEST(RandomTest, GivesTheSameNumbersForEver) {
    // A scenario recorded by one version replays in the next. The values come from another implementation of
    // Philox4x32-10, itself checked against the published known answers.
    const Random random(2026);
    EXPECT_EQ(random.bits(0, 0), 12776474701761202805U);
    EXPECT_EQ(random.bits(1, 2, 3), 5050341524556315853U);
    EXPECT_EQ(Random(0).bits(17, 48), 2910308277326816423U);
    EXPECT_EQ(Random::key("F-017"), 4026875497999250888U);
    EXPECT_EQ(Random::key(""), 0xCBF29CE484222325U);
}

TEST(RandomTest, SeveralAtATimeAreTheSameAsOneByOne) {
    const Random random(2026);
    for (const std::size_t count : {std::size_t{1}, std::size_t{7}, std::size_t{8}, std::size_t{100}}) {
        const std::uint64_t first = 0xFFFF'FFFDU + count;  // the step's upper half counts as well
        std::vector<std::uint64_t> out(count);
        random.bits_from(Random::key("F-017"), first, out, 3);
        for (std::size_t i = 0; i < count; ++i) {
            EXPECT_EQ(out[i], random.bits(Random::key("F-017"), first + i, 3));
        }
    }
}

TEST(RandomTest, DrawsDependOnSeedEntityStepAndStreamAlone) {
    const Random random(7);
    const double first = random.uniform(3, 4);
    (void)random.uniform(9, 9);
    EXPECT_EQ(random.uniform(3, 4), first);
    std::set<std::uint64_t> draws;
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
        for (std::uint64_t entity = 0; entity < 8; ++entity) {
            for (std::uint64_t step = 0; step < 8; ++step) {
                for (std::uint64_t stream = 0; stream < 8; ++stream) {
                    draws.insert(Random(seed).bits(entity, step, stream));
                }
            }
        }
    }
    EXPECT_EQ(draws.size(), 4'096U);
}

TEST(RandomTest, IsUniformOverTheUnitInterval) {
    const Random random(1);
    constexpr int count = 100'000;
    double sum = 0;
    int tenths[10] = {};
    for (std::uint64_t i = 0; i < count; ++i) {
        const double u = random.uniform(i, 5);
        ASSERT_GE(u, 0.0);
        ASSERT_LT(u, 1.0);
        sum += u;
        ++tenths[static_cast<int>(u * 10)];
    }
    EXPECT_NEAR(sum / count, 0.5, 0.004);  // four standard errors
    for (const int tenth : tenths) {
        EXPECT_NEAR(tenth, count / 10, 400);
    }
}

TEST(RandomTest, IsNormalWithMeanZeroAndVarianceOne) {
    const Random random(1);
    constexpr int count = 100'000;
    double sum = 0;
    double squares = 0;
    int beyond_two = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const double z = random.normal(4, i);
        ASSERT_TRUE(std::isfinite(z));
        sum += z;
        squares += z * z;
        beyond_two += std::fabs(z) > 2.0 ? 1 : 0;
    }
    EXPECT_NEAR(sum / count, 0.0, 0.013);
    EXPECT_NEAR(squares / count, 1.0, 0.018);
    EXPECT_NEAR(beyond_two, 4'550, 270);
}

TEST(RandomTest, StaysBelowTheCount) {
    const Random random(1);
    int seen[6] = {};
    for (std::uint64_t i = 0; i < 60'000; ++i) {
        const std::uint64_t draw = random.below(6, i, 0);
        ASSERT_LT(draw, 6U);
        ++seen[draw];
    }
    for (const int times : seen) {
        EXPECT_NEAR(times, 10'000, 400);
    }
    EXPECT_EQ(random.below(1, 5, 5), 0U);
}

TEST(RandomTest, NeighbouringEntitiesAreNotRelated) {
    const Random random(1);
    double products = 0;
    for (std::uint64_t i = 0; i < 50'000; ++i) {
        products += (random.uniform(i, 0) - 0.5) * (random.uniform(i + 1, 0) - 0.5);
    }
    EXPECT_NEAR(products / 50'000, 0.0, 0.0015);
}

}  // namespace
}  // namespace headroom
