#include "desk/recent_minutes.hpp"

#include "unit/desk/instants.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace headroom::desk {
namespace {

using test::january_noon;

std::vector<double> minutes_of(const RecentMinutes& ring, std::int64_t from, std::int64_t to) {
    return ring.means_kw(0, january_noon + minutes{from}, january_noon + minutes{to});
}

TEST(RecentMinutes, AMinuteIsTheMeanOfItsReadingsWeightedByLength) {
    RecentMinutes ring;
    ring.track(0);
    ring.add(0, 10.0, january_noon, january_noon + seconds{45});
    ring.add(0, 50.0, january_noon + seconds{45}, january_noon + seconds{60});
    EXPECT_DOUBLE_EQ(minutes_of(ring, 0, 1)[0], 20.0);
}

TEST(RecentMinutes, ALongReadingStandsInEveryMinuteItCovers) {
    RecentMinutes ring;
    ring.track(0);
    ring.add(0, 7.0, january_noon, january_noon + minutes{5});
    ring.add(0, 9.0, january_noon + minutes{5}, january_noon + minutes{6});
    const std::vector<double> means = minutes_of(ring, 0, 7);
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_DOUBLE_EQ(means[i], 7.0) << i;
    }
    EXPECT_DOUBLE_EQ(means[5], 9.0);
    EXPECT_TRUE(std::isnan(means[6]));
}

TEST(RecentMinutes, GapsAreUnknownAndLateReadingsFillThem) {
    RecentMinutes ring;
    ring.track(0);
    ring.add(0, 1.0, january_noon, january_noon + minutes{1});
    ring.add(0, 4.0, january_noon + minutes{3}, january_noon + minutes{4});
    EXPECT_TRUE(std::isnan(minutes_of(ring, 1, 2)[0]));
    ring.add(0, 2.0, january_noon + minutes{1}, january_noon + minutes{2});
    EXPECT_DOUBLE_EQ(minutes_of(ring, 1, 2)[0], 2.0);
    ring.add(0, 99.0, january_noon + minutes{1}, january_noon + minutes{2});
    EXPECT_DOUBLE_EQ(minutes_of(ring, 1, 2)[0], 2.0) << "a closed minute that is known stays";
}

TEST(RecentMinutes, InstantsAreAveraged) {
    RecentMinutes ring;
    ring.track(0);
    ring.add(0, 1.0, january_noon + seconds{1}, january_noon + seconds{1});
    ring.add(0, 3.0, january_noon + seconds{2}, january_noon + seconds{2});
    EXPECT_DOUBLE_EQ(minutes_of(ring, 0, 1)[0], 2.0);
}

TEST(RecentMinutes, TheRingForgetsWhatIsOlder) {
    RecentMinutes ring(10);
    ring.track(0);
    for (int i = 0; i < 25; ++i) {
        ring.add(0, i, january_noon + minutes{i}, january_noon + minutes{i + 1});
    }
    const std::vector<double> means = minutes_of(ring, 0, 25);
    for (std::size_t i = 0; i < 25; ++i) {
        EXPECT_EQ(std::isfinite(means[i]), i >= 15) << i;
    }
    ring.add(0, 5.0, january_noon + hours{2}, january_noon + hours{2} + minutes{1});
    EXPECT_TRUE(std::isnan(minutes_of(ring, 24, 25)[0])) << "a long gap empties the ring";
    EXPECT_DOUBLE_EQ(minutes_of(ring, 120, 121)[0], 5.0);
}

TEST(RecentMinutes, OnlyUsedReadingsOfTrackedPointsCount) {
    RecentMinutes ring;
    ring.track(0);
    const std::vector<telemetry::Reading> batch{
        {.value = 3.0, .interval_start = january_noon, .interval_end = january_noon + minutes{1}, .point = 0},
        {.value = 900.0,
         .interval_start = january_noon,
         .interval_end = january_noon + minutes{1},
         .point = 0},
        {.value = 5.0,
         .interval_start = january_noon,
         .interval_end = january_noon + minutes{1},
         .point = 7}};
    const std::vector<std::uint32_t> used{0, 2};
    ring.add(batch, used);
    EXPECT_DOUBLE_EQ(minutes_of(ring, 0, 1)[0], 3.0);
    EXPECT_EQ(ring.bytes(), RecentMinutes::minutes_default * sizeof(float)) << "7 is not kept";
}

TEST(RecentMinutes, PointsAreBounded) {
    RecentMinutes ring;
    for (telemetry::PointRef point = 0; point < RecentMinutes::points_max; ++point) {
        ASSERT_TRUE(ring.track(point));
    }
    EXPECT_FALSE(ring.track(RecentMinutes::points_max));
    EXPECT_TRUE(ring.track(3)) << "one that is kept already";
}

TEST(RecentMinutes, HandsOutMinutesThatAreOverWithTheirExtremes) {
    RecentMinutes ring;
    ring.hand_out(1);
    ring.track(0);
    ring.track(1);
    ring.add(0, 10.0, january_noon, january_noon + seconds{20});
    ring.add(0, 70.0, january_noon + seconds{20}, january_noon + seconds{40});
    ring.add(0, 40.0, january_noon + seconds{40}, january_noon + seconds{60});
    ring.add(1, 5.0, january_noon, january_noon + seconds{60});
    EXPECT_TRUE(ring.take_closed().empty());
    ring.add(0, 3.0, january_noon + minutes{2}, january_noon + minutes{3});
    ring.add(1, 3.0, january_noon + minutes{2}, january_noon + minutes{3});
    std::vector<RecentMinutes::Closed> closed = ring.take_closed();
    ASSERT_EQ(closed.size(), 1U);  // of the first point alone
    EXPECT_EQ(closed[0].point, 0U);
    EXPECT_EQ(closed[0].start, january_noon);
    EXPECT_FLOAT_EQ(closed[0].mean, 40.0F);
    EXPECT_FLOAT_EQ(closed[0].min, 10.0F);
    EXPECT_FLOAT_EQ(closed[0].max, 70.0F);
    ring.add(0, 8.0, january_noon + minutes{1}, january_noon + minutes{2});  // late
    closed = ring.take_closed();
    ASSERT_EQ(closed.size(), 1U);
    EXPECT_EQ(closed[0].start, january_noon + minutes{1});
    EXPECT_FLOAT_EQ(closed[0].max, 8.0F);
    EXPECT_TRUE(ring.take_closed().empty());
}

TEST(RecentMinutes, WhatNobodyTakesIsBoundedAndCounted) {
    RecentMinutes ring{2};
    constexpr telemetry::PointRef points = 1'000;
    ring.hand_out(points);
    for (telemetry::PointRef point = 0; point < points; ++point) {
        ring.track(point);
    }
    constexpr int minutes_over = static_cast<int>(RecentMinutes::closed_max / points) + 3;
    for (int minute = 0; minute <= minutes_over; ++minute) {
        for (telemetry::PointRef point = 0; point < points; ++point) {
            ring.add(point, 1.0, january_noon + minutes{minute}, january_noon + minutes{minute + 1});
        }
    }
    EXPECT_EQ(ring.lost(), 3'000U);
    EXPECT_EQ(ring.take_closed().size(), RecentMinutes::closed_max);
    ring.add(0, 1.0, january_noon + minutes{minutes_over + 1}, january_noon + minutes{minutes_over + 2});
    EXPECT_EQ(ring.take_closed().size(), 1U) << "there is room again";
    EXPECT_EQ(ring.lost(), 3'000U);
}

}  // namespace
}  // namespace headroom::desk
