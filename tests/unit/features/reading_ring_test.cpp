#include "features/reading_ring.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace headroom::features {
namespace {

struct Ring {
    std::array<float, ring_size> values{};
    std::int64_t newest = 0;
    ReadingRing view() { return {values, newest}; }
};

TEST(ReadingRing, LagIsTheReadingSoManySlotsBackAlsoOverAGap) {
    Ring memory;
    ReadingRing ring = memory.view();
    ring.restart(100);
    EXPECT_TRUE(ring.write(100, 1.0F));
    EXPECT_TRUE(ring.write(101, 2.0F));
    EXPECT_TRUE(ring.write(104, 5.0F));

    EXPECT_EQ(ring.lag(0), 5.0F);
    EXPECT_TRUE(std::isnan(ring.lag(1)));
    EXPECT_TRUE(std::isnan(ring.lag(2)));
    EXPECT_EQ(ring.lag(3), 2.0F);
    EXPECT_EQ(ring.lag(4), 1.0F);
    EXPECT_TRUE(std::isnan(ring.lag(5)));
    EXPECT_TRUE(std::isnan(ring.lag(-1)));
}

TEST(ReadingRing, ALateReadingTakesItsSlotWhileTheRingHoldsIt) {
    Ring memory;
    ReadingRing ring = memory.view();
    ring.restart(100);
    ring.write(149, 9.0F);
    EXPECT_TRUE(ring.write(100, 1.0F));
    EXPECT_EQ(ring.lag(49), 1.0F);
    EXPECT_FALSE(ring.write(99, 1.0F));
}

TEST(ReadingRing, AJumpFurtherThanTheRingForgetsEverything) {
    Ring memory;
    ReadingRing ring = memory.view();
    ring.restart(0);
    ring.write(1, 1.0F);
    ring.write(1'000'000, 2.0F);
    EXPECT_EQ(ring.spread().count, 1U);
}

TEST(ReadingRing, SpreadForgetsAnAbsurdValueWithItsSlot) {
    Ring memory;
    ReadingRing ring = memory.view();
    ring.restart(0);
    for (std::int64_t slot = 0; slot < 60; ++slot) {
        ring.write(slot, slot == 5 ? 1e9F : slot % 2 == 0 ? 9.0F : 11.0F);
    }
    const Spread spread = ring.spread();
    EXPECT_EQ(spread.count, ring_size);
    EXPECT_DOUBLE_EQ(spread.mean, 10.0);
    EXPECT_DOUBLE_EQ(spread.std, 1.0);
    EXPECT_DOUBLE_EQ(spread.max_abs, 11.0);
}

TEST(ReadingRing, SpreadOfNothingAndOfOneIsUnknown) {
    Ring memory;
    ReadingRing ring = memory.view();
    ring.restart(0);
    EXPECT_TRUE(std::isnan(ring.spread().mean));
    ring.write(0, 3.0F);
    EXPECT_DOUBLE_EQ(ring.spread().mean, 3.0);
    EXPECT_TRUE(std::isnan(ring.spread().std));
}

TEST(ReadingRing, SlotsBefore1970WrapLikeOthers) {
    Ring memory;
    ReadingRing ring = memory.view();
    ring.restart(-30);
    ring.write(-30, 1.0F);
    ring.write(5, 2.0F);
    EXPECT_EQ(ring.lag(35), 1.0F);
}

}  // namespace
}  // namespace headroom::features
