#include "forecast/outlook.hpp"

#include "core/random.hpp"
#include "core/time.hpp"
#include "forecast/outlook_days.hpp"
#include "unit/forecast/periods.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <vector>

namespace headroom::forecast {
namespace {

constexpr std::int64_t week = 7 * day_periods;
constexpr std::size_t median = 3;
constexpr std::size_t upper = 5;

std::int64_t period_of(const char* utc) {
    return features::period_index(parse_utc(utc).value());
}

/// Half-hours of [origin − count, origin), by a rule.
struct Past {
    std::int64_t first = 0;
    std::vector<float> kw;

    Past(std::int64_t origin, std::int64_t count, const std::function<double(std::int64_t)>& load)
        : first(origin - count) {
        for (std::int64_t period = first; period < origin; ++period) {
            kw.push_back(static_cast<float>(load(period)));
        }
    }
    [[nodiscard]] features::HalfHours view() const { return {first, kw}; }
    float& at(std::int64_t period) { return kw[static_cast<std::size_t>(period - first)]; }
};

/// 100 kW by night, 300 in the evening; half as much more on Saturdays and twice the base on Sundays.
double by_the_wall(std::int64_t period) {
    const DayPlace at = place_in_day(Region::england_and_wales, period * 1800);
    const double evening = at.minute >= 17 * 60 && at.minute < 20 * 60 ? 200.0 : 0.0;
    return 100.0 + evening + (at.weekday == 5 ? 50.0 : 0.0) +
           (at.weekday == 6 || at.is_holiday ? 100.0 : 0.0);
}

double kw_at(const Outlook& outlook, std::int64_t period, std::size_t quantile = median) {
    return static_cast<double>(
               outlook.load_w.at(static_cast<std::size_t>(period - outlook.start))[quantile]) /
           1000.0;
}

Outlook outlook_of(const Past& past, std::int64_t origin, std::int64_t days = outlook_days_max) {
    return make_outlook(past.view(), origin, days, Region::england_and_wales);
}

TEST(Outlook, ForetellsAWeekThatRepeats) {
    const std::int64_t origin = period_of("2026-02-10T09:00:00Z");
    const Outlook outlook = outlook_of(Past(origin, 8 * week, by_the_wall), origin, 7);

    EXPECT_TRUE(outlook.reason.empty()) << outlook.reason;
    EXPECT_EQ(outlook.start, origin + 96);
    ASSERT_EQ(outlook.load_w.size(), 5U * 48U);
    EXPECT_EQ(outlook.days_known, 56);
    for (std::int64_t period = outlook.start; period < origin + week; ++period) {
        EXPECT_NEAR(kw_at(outlook, period), by_the_wall(period), 0.01) << period;
        EXPECT_NEAR(kw_at(outlook, period, upper), by_the_wall(period), 0.01) << period;
    }
}

TEST(Outlook, KeepsToTheClockOnTheWallWhenItChanges) {
    for (const char* before : {"2026-03-25T09:00:00Z", "2026-10-21T09:00:00Z"}) {
        const std::int64_t origin = period_of(before);
        const Outlook outlook = outlook_of(Past(origin, 6 * week, by_the_wall), origin);
        ASSERT_EQ(outlook.load_w.size(), 6U * 48U) << outlook.reason;
        for (std::int64_t period = outlook.start; period < origin + 8 * day_periods; ++period) {
            EXPECT_NEAR(kw_at(outlook, period), by_the_wall(period), 0.01)
                << before << " " << period - origin;
        }
    }
}

TEST(Outlook, KnowsThePastAcrossAChangeOfTheClocks) {
    const std::int64_t origin = period_of("2026-11-04T09:00:00Z");  // ten days after the change
    const Outlook outlook = outlook_of(Past(origin, 6 * week, by_the_wall), origin);
    for (std::int64_t period = outlook.start; period < origin + 8 * day_periods; ++period) {
        EXPECT_NEAR(kw_at(outlook, period), by_the_wall(period), 0.01) << period - origin;
    }
}

TEST(Outlook, TakesAHolidayForASundayAndNoHolidayForAWorkingDay) {
    // 25 May 2026 is a holiday, and so was 4 May: neither the holiday nor the Mondays after it take one for
    // the other.
    const std::int64_t before = period_of("2026-05-20T09:00:00Z");
    const Outlook ahead = outlook_of(Past(before, 8 * week, by_the_wall), before);
    EXPECT_NEAR(kw_at(ahead, period_of("2026-05-25T12:00:00Z")), 200.0, 5.0);

    const std::int64_t after = period_of("2026-05-27T09:00:00Z");
    const Outlook behind = outlook_of(Past(after, 8 * week, by_the_wall), after);
    EXPECT_NEAR(kw_at(behind, period_of("2026-06-01T12:00:00Z")), 100.0, 5.0);
}

TEST(Outlook, FollowsTheLevelOfTheNewestDays) {
    const std::int64_t origin = period_of("2026-02-10T09:00:00Z");
    // Swings by weeks, as weather does: what the last days lay off by lasts.
    const auto load = [origin](std::int64_t period) {
        return by_the_wall(period) +
               40.0 * std::sin(2.0 * std::numbers::pi * static_cast<double>(period - origin) / (31.0 * 48.0));
    };
    const Outlook outlook = outlook_of(Past(origin, 12 * week, load), origin, 3);
    double error = 0.0;
    double naive = 0.0;
    for (std::int64_t period = outlook.start; period < origin + 3 * day_periods; ++period) {
        error += std::abs(kw_at(outlook, period) - load(period));
        naive += std::abs(load(period - week) - load(period));
    }
    EXPECT_LT(error, 0.75 * naive);
}

TEST(Outlook, IsNotMovedByASpikeOrAnOutage) {
    const std::int64_t origin = period_of("2026-02-10T09:00:00Z");
    Past past(origin, 8 * week, by_the_wall);
    for (std::int64_t i = 1; i <= 4; ++i) {
        past.at(origin - i) = 5000.0F;
        past.at(origin - 3 * day_periods - i) = 0.0F;
    }
    const Outlook outlook = outlook_of(past, origin);
    EXPECT_NEAR(kw_at(outlook, period_of("2026-02-13T12:00:00Z")), 100.0, 3.0);
}

TEST(Outlook, GoesOnWithoutWeeksThatAreMissing) {
    const std::int64_t origin = period_of("2026-02-10T09:00:00Z");
    Past past(origin, 8 * week, by_the_wall);
    for (std::int64_t period = origin - 3 * week; period < origin - week; ++period) {
        past.at(period) = unknown;
    }
    const Outlook outlook = outlook_of(past, origin);
    EXPECT_EQ(outlook.days_known, 42);
    ASSERT_EQ(outlook.load_w.size(), 6U * 48U) << outlook.reason;
    EXPECT_NEAR(kw_at(outlook, period_of("2026-02-14T18:00:00Z")), 350.0, 0.01);
}

TEST(Outlook, DrawsStraightOverHalfHoursThatNoWeekKnows) {
    const std::int64_t origin = period_of("2026-02-10T09:00:00Z");
    Past past(origin, 8 * week, by_the_wall);
    for (std::int64_t period = past.first; period < origin; ++period) {
        const WallPlace wall = wall_place(Region::england_and_wales, period);
        if (wall.slot == 20 || wall.slot == 21) {
            past.at(period) = unknown;
        }
    }
    const Outlook outlook = outlook_of(past, origin);
    ASSERT_EQ(outlook.load_w.size(), 6U * 48U) << outlook.reason;
    EXPECT_NEAR(kw_at(outlook, period_of("2026-02-13T10:30:00Z")), 100.0, 0.01);
    for (std::int64_t period = past.first; period < origin; ++period) {
        if (wall_place(Region::england_and_wales, period).slot >= 16 &&
            wall_place(Region::england_and_wales, period).slot < 24) {
            past.at(period) = unknown;
        }
    }
    EXPECT_EQ(outlook_of(past, origin - 24).load_w.size(),
              22U);  // to 08:00 of the next morning, and no further
}

TEST(Outlook, SaysWhyThereIsNone) {
    const std::int64_t origin = period_of("2026-02-10T09:00:00Z");
    EXPECT_EQ(outlook_of(Past(origin, 12 * day_periods, by_the_wall), origin).reason,
              "the week ahead needs 14 days of readings, and 12 are known");
    EXPECT_EQ(outlook_of(Past(origin, 0, by_the_wall), origin).reason,
              "the week ahead needs 14 days of readings, and 0 are known");

    Past silent(origin, 8 * week, by_the_wall);
    for (std::int64_t period = origin - 2 * day_periods; period < origin; ++period) {
        silent.at(period) = unknown;
    }
    EXPECT_EQ(outlook_of(silent, origin).reason, "nothing is known of the last two days");

    Past alternating(origin, 8 * week, by_the_wall);  // no day has one a week before it
    for (std::int64_t period = alternating.first; period < origin; ++period) {
        if (((origin - 1 - period) / week) % 2 == 1) {
            alternating.at(period) = unknown;
        }
    }
    const Outlook every_other = outlook_of(alternating, origin);
    EXPECT_TRUE(every_other.load_w.empty() || every_other.days_judged >= 5);
}

TEST(Outlook, EndsWhereTooFewDaysTellHowFarItErrs) {
    const std::int64_t origin = period_of("2026-02-10T09:00:00Z");
    // Two weeks: a day that is foretold a week and more before would need one two weeks before it.
    const Outlook short_one = outlook_of(Past(origin, 15 * day_periods, by_the_wall), origin);
    EXPECT_TRUE(short_one.reason.empty()) << short_one.reason;
    EXPECT_GE(short_one.load_w.size(), 4U * 48U);
    EXPECT_LT(short_one.load_w.size(), 6U * 48U);
    EXPECT_GE(short_one.days_judged, 5);
}

TEST(Outlook, BeginsWithTheRunningHalfHourWhereItIsAskedTo) {
    for (const char* text : {"2026-02-10T00:00:00Z", "2026-02-10T07:00:00Z", "2026-02-10T23:30:00Z"}) {
        const std::int64_t origin = period_of(text);
        const Past past(origin, 5 * week, by_the_wall);
        const Outlook outlook =
            make_outlook(past.view(), origin, outlook_days_usual, Region::england_and_wales, 0);
        EXPECT_EQ(outlook.start, origin);
        ASSERT_EQ(outlook.load_w.size(), 7U * 48U) << text << ": " << outlook.reason;
        for (std::int64_t period = origin; period < origin + week; ++period) {
            EXPECT_NEAR(kw_at(outlook, period), by_the_wall(period), 0.01) << text << " " << period - origin;
        }
    }
}

TEST(Outlook, LooksAtNothingFromItsOriginOn) {
    const std::int64_t origin = period_of("2026-02-10T09:00:00Z");
    Past longer(origin + week, 9 * week, by_the_wall);
    const Outlook without = outlook_of(Past(origin, 8 * week, by_the_wall), origin);
    for (std::int64_t period = origin; period < origin + week; ++period) {
        longer.at(period) = -12'345.0F;
    }
    const Outlook with = outlook_of(longer, origin);
    EXPECT_EQ(with.load_w, without.load_w);
    EXPECT_EQ(with.upper_kw, without.upper_kw);
}

TEST(Outlook, IsHonestAboutHowFarItErrs) {
    // Ten weeks and a year of origins: days that differ by a random level that fades over days, and noise.
    // What came lies at or below the 90 % quantile nine times in ten, three, five and seven days ahead.
    constexpr std::int64_t weeks = 10;
    const std::int64_t begin = period_of("2026-01-05T00:00:00Z");
    const std::int64_t end = begin + 52 * week;
    const Random random(11);
    std::vector<float> load;
    double level = 0.0;
    for (std::int64_t period = begin; period < end; ++period) {
        const auto step = static_cast<std::uint64_t>(period - begin);
        level = (period - begin) % day_periods == 0 ? 0.7 * level + 12.0 * random.normal(0, step) : level;
        load.push_back(static_cast<float>(by_the_wall(period) + level + 8.0 * random.normal(1, step)));
    }
    std::array<double, 8> within{};
    std::array<double, 8> count{};
    std::array<double, 8> spread{};
    for (std::int64_t origin = begin + weeks * week + 12; origin + 8 * day_periods < end;
         origin += day_periods) {
        const features::HalfHours past{
            begin, std::span<const float>(load).first(static_cast<std::size_t>(origin - begin))};
        const Outlook outlook = make_outlook(past, origin, outlook_days_max, Region::england_and_wales);
        ASSERT_EQ(outlook.load_w.size(), 6U * 48U) << outlook.reason;
        for (std::int64_t period = outlook.start; period < origin + 8 * day_periods; ++period) {
            const auto lead = static_cast<std::size_t>((period - origin) / day_periods);
            const double came = load[static_cast<std::size_t>(period - begin)];
            within[lead] += came <= kw_at(outlook, period, upper) ? 1.0 : 0.0;
            spread[lead] += kw_at(outlook, period, upper) - kw_at(outlook, period);
            count[lead] += 1.0;
        }
    }
    for (const std::size_t lead : {3U, 5U, 7U}) {
        EXPECT_GT(within[lead] / count[lead], 0.87) << lead;
        EXPECT_LT(within[lead] / count[lead], 0.93) << lead;
    }
    EXPECT_LT(spread[2] / count[2], spread[7] / count[7]);  // the farther, the less sure
}

TEST(LocalDays, HoldsTheHourThatComesTwiceOnceAndLacksTheOneThatIsLeftOut) {
    const std::int64_t autumn = period_of("2026-10-25T00:00:00Z");
    Past past(autumn + day_periods, 2 * day_periods,
              [](std::int64_t period) { return static_cast<double>(period % 100); });
    const LocalDays days(past.view(), autumn + day_periods, autumn + 2 * day_periods,
                         Region::england_and_wales);
    const WallPlace first = wall_place(Region::england_and_wales, autumn);      // 01:00 BST
    const WallPlace again = wall_place(Region::england_and_wales, autumn + 2);  // 01:00 GMT
    EXPECT_EQ(first.slot, 2);
    EXPECT_EQ(again.slot, 2);
    EXPECT_EQ(first.day, again.day);
    EXPECT_FLOAT_EQ(days.at(first.day, 2), 0.5F * (past.at(autumn) + past.at(autumn + 2)));

    const std::int64_t spring = period_of("2026-03-29T00:00:00Z");
    const Past other(spring + day_periods, 2 * day_periods, [](std::int64_t) { return 1.0; });
    const LocalDays gap(other.view(), spring + day_periods, spring + day_periods, Region::england_and_wales);
    const std::int64_t sunday = wall_place(Region::england_and_wales, spring).day;
    EXPECT_FLOAT_EQ(gap.at(sunday, 1), 1.0F);
    EXPECT_TRUE(std::isnan(gap.at(sunday, 2)));  // 01:00 to 02:00 never was
    EXPECT_TRUE(std::isnan(gap.at(sunday, 3)));
    EXPECT_FLOAT_EQ(gap.at(sunday, 4), 1.0F);
}

}  // namespace
}  // namespace headroom::forecast
