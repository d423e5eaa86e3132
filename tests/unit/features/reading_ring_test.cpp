#include "features/reading_ring.hpp"

#include "features/half_hour_ring.hpp"

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

TEST(HalfHourRing, ManyAtOnceAreAsIfSetOneByOne) {
    constexpr std::size_t length = 48;
    for (const std::size_t count : {1U, 20U, 48U, 70U}) {
        for (const std::int64_t first : {0, 31, 1000}) {
            OwnHalfHours one_by_one(length);
            OwnHalfHours at_once(length);
            std::vector<float> means;
            for (std::size_t i = 0; i < count; ++i) {
                means.push_back(static_cast<float>(i) + 0.5F);
                one_by_one.ring().set(first + static_cast<std::int64_t>(i), means.back());
            }
            at_once.ring().set_all(first, means);
            at_once.ring().set_all(first, std::span(means).first(1));  // also into a ring that is in use
            one_by_one.ring().set(first, means.front());
            ASSERT_EQ(at_once.ring().newest(), one_by_one.ring().newest());
            for (std::int64_t period = first - 60; period < first + 80; ++period) {
                const float wanted = one_by_one.ring().at(period);
                const float is = at_once.ring().at(period);
                EXPECT_TRUE(wanted == is || (std::isnan(wanted) && std::isnan(is))) << count << ' ' << period;
            }
        }
    }
}

}  // namespace
}  // namespace headroom::features
