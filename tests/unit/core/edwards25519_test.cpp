#include "core/edwards25519.hpp"

#include <gtest/gtest.h>

#include <sodium.h>

#include <algorithm>
#include <array>
#include <random>

namespace headroom {
namespace {

/// The group's order less one, least significant byte first.
constexpr EdwardsScalar order_less_one{0xEC, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7,
                                       0xA2, 0xDE, 0xF9, 0xDE, 0x14, 0,    0,    0,    0,    0,    0,
                                       0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

/// Below 2^252, which is below the order.
EdwardsScalar drawn_scalar(std::mt19937_64& draw) {
    EdwardsScalar scalar{};
    std::generate(scalar.begin(), scalar.end(), [&] { return static_cast<std::uint8_t>(draw()); });
    scalar[31] &= 0x0F;
    return scalar;
}

EdwardsScalar filled(std::uint8_t lowest, std::uint8_t others, std::uint8_t highest) {
    EdwardsScalar scalar{};
    scalar.fill(others);
    scalar[0] = lowest;
    scalar[31] = highest;
    return scalar;
}

std::array<std::uint8_t, 32> times_base(const EdwardsScalar& scalar) {
    std::array<std::uint8_t, 32> point{};
    // Answers -1 for the neutral point, which it writes all the same.
    const int outcome = crypto_scalarmult_ed25519_base_noclamp(point.data(), scalar.data());
    EXPECT_EQ(outcome == 0, scalar != EdwardsScalar{});
    return point;
}

class EdwardsSumTest : public testing::Test {
  protected:
    void SetUp() override { ASSERT_GE(sodium_init(), 0); }

    /// a B + b (b_base B) by both ways and by libsodium.
    void expect_same(const EdwardsScalar& a, const EdwardsScalar& b) {
        const auto of_a = EdwardsMultiples::digits_of(a);
        const auto of_b = EdwardsMultiples::digits_of(b);
        const EdwardsSum terms{.first = *base_, .of_first = of_a, .second = *other_, .of_second = of_b};
        EdwardsScalar sum{};
        crypto_core_ed25519_scalar_mul(sum.data(), b.data(), other_scalar_.data());
        crypto_core_ed25519_scalar_add(sum.data(), sum.data(), a.data());
        const std::array<std::uint8_t, 32> wanted = times_base(sum);
        EXPECT_EQ(compressed(edwards25519::sum_one_by_one(terms)), wanted);
        EXPECT_EQ(compressed(sum_of(terms)), wanted);
        if (edwards25519::has_lanes()) {
            EXPECT_EQ(compressed(edwards25519::sum_by_lanes(terms)), wanted);
        }
    }

    std::mt19937_64 draw_{25519};
    EdwardsScalar other_scalar_ = drawn_scalar(draw_);
    std::unique_ptr<const EdwardsMultiples> base_ = EdwardsMultiples::of(edwards_base());
    std::unique_ptr<const EdwardsMultiples> other_ =
        EdwardsMultiples::of(decompressed(times_base(other_scalar_)).value());
};

TEST_F(EdwardsSumTest, OfDrawnNumbersIsThatOfLibsodium) {
    for (int i = 0; i < 300; ++i) {
        expect_same(drawn_scalar(draw_), drawn_scalar(draw_));
    }
}

TEST_F(EdwardsSumTest, OfTheEndsOfTheRangeIsThatOfLibsodium) {
    // Nothing; one; each digit -16, -1, 1 or 15 with its carries; the largest there is.
    const std::array<EdwardsScalar, 8> ends{EdwardsScalar{},          filled(1, 0, 0),
                                            filled(0x10, 0x42, 0x08), filled(0xFF, 0xFF, 0x0F),
                                            filled(0x21, 0x84, 0x01), filled(0xEF, 0xBD, 0x07),
                                            filled(0, 0, 0x10),       order_less_one};
    for (const EdwardsScalar& a : ends) {
        for (const EdwardsScalar& b : ends) {
            expect_same(a, b);
        }
    }
}

TEST_F(EdwardsSumTest, OfAPointAndItsNegativeIsNeutral) {
    const auto negative = EdwardsMultiples::of(negated(edwards_base()));
    for (int i = 0; i < 20; ++i) {
        const auto digits = EdwardsMultiples::digits_of(drawn_scalar(draw_));
        const EdwardsPoint sum =
            sum_of({.first = *base_, .of_first = digits, .second = *negative, .of_second = digits});
        EXPECT_TRUE(same(sum.x, {}));
        EXPECT_TRUE(same(sum.y, sum.z));
        EXPECT_TRUE(has_small_order(sum));
    }
    EXPECT_FALSE(has_small_order(edwards_base()));
}

TEST(EdwardsPoint, DoubledIsAddedToItself) {
    const EdwardsPoint base = edwards_base();
    const EdwardsPoint four = doubled(doubled(base));
    EXPECT_EQ(compressed(added(base, base)), compressed(doubled(base)));
    EXPECT_EQ(compressed(added(added(base, base), doubled(base))), compressed(four));
    EXPECT_EQ(compressed(added(four, negated(doubled(base)))), compressed(doubled(base)));
}

}  // namespace
}  // namespace headroom
