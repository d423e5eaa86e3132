#include "features/feature_row.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace headroom::features {
namespace {

constexpr float unknown = std::numeric_limits<float>::quiet_NaN();
const UtcTime monday = parse_utc("2026-11-16T00:00:00Z").value();

std::size_t feature_column(std::string_view name) {
    for (std::size_t i = 0; i < feature_count; ++i) {
        if (feature_names[i] == name) {
            return i;
        }
    }
    ADD_FAILURE() << "no column " << name;
    return 0;
}

/// Eight days from Monday; the value of a half-hour is 100 + its number since then.
struct Rising {
    std::vector<float> kw;
    Rising() {
        for (int i = 0; i < 8 * 48; ++i) {
            kw.push_back(100.0F + static_cast<float>(i));
        }
    }
    [[nodiscard]] HalfHours view() const { return {.first = period_index(monday), .kw = kw}; }
};

TEST(FeatureRow, LagsAreThoseOfTheClock) {
    const Rising rising;
    const std::int64_t origin = period_index(monday) + 8 * 48;
    const std::int64_t target = origin + 3;
    const PointLevel level{.level_kw = 10.0, .noise_kw = 1.0};
    FeatureRow row{};
    ASSERT_TRUE(make_row(rising.view(), level, origin, target, period_calendar(target), row));

    const auto value_at = [](int i) { return (100.0 + i) / 10.0; };
    EXPECT_DOUBLE_EQ(row[feature_column("one")], 1.0);
    EXPECT_DOUBLE_EQ(row[feature_column("load_1d")], value_at(7 * 48 + 3));
    EXPECT_DOUBLE_EQ(row[feature_column("load_2d")], value_at(6 * 48 + 3));
    EXPECT_DOUBLE_EQ(row[feature_column("load_7d")], value_at(48 + 3));
    EXPECT_DOUBLE_EQ(row[feature_column("load_1d_around")], value_at(7 * 48 + 3));
    EXPECT_DOUBLE_EQ(row[feature_column("load_day_mean")], (100.0 + 7 * 48 + 23.5) / 10.0);
    EXPECT_DOUBLE_EQ(row[feature_column("residual_3h")], 4.8);  // 48 kW a day
    EXPECT_DOUBLE_EQ(row[feature_column("residual_now")], 4.8 * std::exp(-4.0 / 8.0));
    EXPECT_DOUBLE_EQ(row[feature_column("residual_week")], 33.6 * std::exp(-4.0 / 8.0));
    EXPECT_DOUBLE_EQ(row[feature_column("load_now")], value_at(8 * 48 - 1) * std::exp(-4.0 / 8.0));
}

TEST(FeatureRow, NeverLooksAtOrBehindItsOrigin) {
    Rising past;
    const std::int64_t origin = period_index(monday) + 7 * 48;
    const PointLevel level{.level_kw = 10.0, .noise_kw = 1.0};
    for (const std::int64_t target : {origin, origin + 20, origin + 47}) {
        FeatureRow before{};
        FeatureRow after{};
        Rising other = past;
        for (std::size_t i = 7 * 48; i < other.kw.size(); ++i) {
            other.kw[i] = -9999.0F;
        }
        ASSERT_TRUE(make_row(past.view(), level, origin, target, period_calendar(target), before));
        ASSERT_TRUE(make_row(other.view(), level, origin, target, period_calendar(target), after));
        EXPECT_EQ(before, after);
    }
}

TEST(FeatureRow, UnknownLagsFallBackAndAnUnknownPastGivesNoRow) {
    Rising past;
    const std::int64_t origin = period_index(monday) + 8 * 48;
    const PointLevel level{.level_kw = 10.0, .noise_kw = 1.0};
    FeatureRow row{};
    past.kw[7 * 48] = unknown;
    past.kw[48] = unknown;
    ASSERT_TRUE(make_row(past.view(), level, origin, origin, period_calendar(origin), row));
    EXPECT_DOUBLE_EQ(row[feature_column("load_1d")], (100.0 + 6 * 48) / 10.0) << "the day before yesterday";
    EXPECT_DOUBLE_EQ(row[feature_column("load_7d")], row[feature_column("load_1d")]);

    std::fill(past.kw.begin(), past.kw.end(), unknown);
    EXPECT_FALSE(make_row(past.view(), level, origin, origin, period_calendar(origin), row));
    EXPECT_FALSE(make_row(Rising().view(), PointLevel{}, origin, origin, period_calendar(origin), row));
}

TEST(PeriodCalendar, FollowsTheLondonClock) {
    // 17:00 UTC in July is 18:00 in London: the block from 16 to 20; 23:30 UTC is the next day there.
    EXPECT_EQ(period_calendar(period_index(parse_utc("2026-07-01T17:00:00Z").value())).block, 4);
    EXPECT_EQ(period_calendar(period_index(parse_utc("2026-07-03T23:30:00Z").value())).is_weekend, 1.0);
    EXPECT_EQ(period_calendar(period_index(parse_utc("2026-11-20T23:30:00Z").value())).is_weekend, 0.0);
    EXPECT_EQ(period_calendar(period_index(parse_utc("2026-11-21T12:00:00Z").value())).day_kind_changed, 1.0);
    EXPECT_EQ(period_calendar(period_index(parse_utc("2026-11-22T12:00:00Z").value())).day_kind_changed, 0.0);
    EXPECT_EQ(period_calendar(period_index(parse_utc("2026-11-23T12:00:00Z").value())).day_kind_changed,
              -1.0);
}

TEST(PointLevel, IsMeanLoadAndDayToDayNoise) {
    std::vector<float> kw(96, 10.0F);
    for (std::size_t i = 48; i < 96; ++i) {
        kw[i] = -14.0F;
    }
    const PointLevel level = point_level({.first = 0, .kw = kw});
    EXPECT_DOUBLE_EQ(level.level_kw, 12.0);
    EXPECT_DOUBLE_EQ(level.noise_kw, 24.0);
    EXPECT_EQ(level.known, 96U);
    EXPECT_EQ(level.pairs, 48U);
}

TEST(HalfHourRing, LaysItsPastOutStraight) {
    OwnHalfHours memory;
    HalfHourRing ring = memory.ring();
    EXPECT_TRUE(std::isnan(ring.at(1000)));
    for (std::int64_t period = 1000; period < 2000; ++period) {
        if (period != 1900) {
            ring.set(period, static_cast<float>(period));
        }
    }
    ring.set(1000, 1.0F);  // older than the ring
    std::vector<float> scratch(half_hours_kept);
    const HalfHours past = straight(ring, 2000, scratch);
    EXPECT_EQ(past.first, 2000 - ring.length());
    EXPECT_EQ(past.end(), 2000);
    EXPECT_EQ(past.at(past.first), static_cast<float>(past.first));
    EXPECT_EQ(past.at(1999), 1999.0F);
    EXPECT_TRUE(std::isnan(past.at(1900)));
    EXPECT_TRUE(std::isnan(past.at(past.first - 1)));
    EXPECT_TRUE(std::isnan(straight(ring, 2010, scratch).at(2005)));
}

TEST(HalfHourRing, AJumpBeyondItsLengthLeavesNothingOfThePast) {
    OwnHalfHours memory(96);
    HalfHourRing ring = memory.ring();
    ring.set(1000, 1.0F);
    ring.set(1001, 2.0F);
    ring.set(5000, 3.0F);
    EXPECT_EQ(ring.at(5000), 3.0F);
    for (std::int64_t period = 4905; period < 5000; ++period) {
        EXPECT_TRUE(std::isnan(ring.at(period))) << period;
    }
    EXPECT_TRUE(std::isnan(ring.at(1001)));
}

}  // namespace
}  // namespace headroom::features
