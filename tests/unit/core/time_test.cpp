#include "core/time.hpp"

#include "unit/core/times.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace headroom {
namespace {

UtcTime at(std::string_view text) {
    const Result<UtcTime> time = parse_utc(text);
    EXPECT_TRUE(time.has_value()) << text;
    return time.value_or(UtcTime{});
}

struct PeriodCase {
    const char* instant;
    const char* date;
    int number;
};

class SettlementPeriods : public testing::TestWithParam<PeriodCase> {};

TEST_P(SettlementPeriods, AreCountedFromLondonMidnightInElapsedTime) {
    const auto [instant, date, number] = GetParam();
    const SettlementPeriod period = settlement_period(at(instant));
    EXPECT_EQ(format_date(period.date), date);
    EXPECT_EQ(period.number, number);
    const Result<UtcTime> start = start_of(period);
    ASSERT_TRUE(start.has_value());
    EXPECT_EQ(*start, at(instant));
    EXPECT_EQ(settlement_period(*start + period_length - milliseconds{1}), period);
}

INSTANTIATE_TEST_SUITE_P(Vectors, SettlementPeriods,
                         testing::Values(PeriodCase{"2026-01-15T17:00:00Z", "2026-01-15", 35},
                                         PeriodCase{"2026-07-15T16:30:00Z", "2026-07-15", 36},
                                         PeriodCase{"2026-03-28T23:30:00Z", "2026-03-28", 48},
                                         PeriodCase{"2026-03-29T00:30:00Z", "2026-03-29", 2},
                                         PeriodCase{"2026-03-29T01:00:00Z", "2026-03-29", 3},
                                         PeriodCase{"2026-03-29T22:30:00Z", "2026-03-29", 46},
                                         PeriodCase{"2026-03-29T23:00:00Z", "2026-03-30", 1},
                                         PeriodCase{"2026-10-24T23:00:00Z", "2026-10-25", 1},
                                         PeriodCase{"2026-10-25T00:30:00Z", "2026-10-25", 4},
                                         PeriodCase{"2026-10-25T01:00:00Z", "2026-10-25", 5},
                                         PeriodCase{"2026-10-25T23:30:00Z", "2026-10-25", 50},
                                         PeriodCase{"2026-10-26T00:00:00Z", "2026-10-26", 1}));

TEST(PeriodsInDay, FollowTheClockChanges) {
    EXPECT_EQ(periods_in_day(day("2025-03-30")), 46);
    EXPECT_EQ(periods_in_day(day("2025-10-26")), 50);
    EXPECT_EQ(periods_in_day(day("2026-03-29")), 46);
    EXPECT_EQ(periods_in_day(day("2026-10-25")), 50);
    EXPECT_EQ(periods_in_day(day("2027-03-28")), 46);
    EXPECT_EQ(periods_in_day(day("2027-10-31")), 50);
    EXPECT_EQ(periods_in_day(day("2026-01-15")), 48);
}

TEST(PeriodsInDay, FollowTheRuleBeyondTheDatabase) {
    EXPECT_EQ(periods_in_day(day("2060-03-28")), 46);  // the last Sunday of that March
    EXPECT_EQ(periods_in_day(day("2060-10-31")), 50);
    EXPECT_EQ(local_minute_of_day(at("2060-07-01T12:00:00Z")), 13 * 60);
    EXPECT_EQ(local_minute_of_day(at("2199-12-31T12:00:00Z")), 12 * 60);
}

TEST(PeriodsInDay, HaveOneShortAndOneLongDayInEveryYearSince1972) {
    for (int year = 1972; year <= 2200; ++year) {
        int short_days = 0;
        int long_days = 0;
        int periods = 0;
        const std::chrono::sys_days first{std::chrono::year{year} / 1 / 1};
        const std::chrono::sys_days next{std::chrono::year{year + 1} / 1 / 1};
        for (std::chrono::sys_days d = first; d < next; d += std::chrono::days{1}) {
            const int count = periods_in_day(Date{d});
            short_days += count == 46 ? 1 : 0;
            long_days += count == 50 ? 1 : 0;
            periods += count;
        }
        EXPECT_EQ(short_days, 1) << year;
        EXPECT_EQ(long_days, 1) << year;
        EXPECT_EQ(periods, 48 * (next - first).count()) << year;
    }
}

TEST(StartOf, RefusesPeriodsThatTheDayDoesNotHave) {
    for (const auto& [date, number] : std::vector<std::pair<const char*, int>>{{"2026-03-29", 47},
                                                                               {"2026-01-15", 49},
                                                                               {"2026-01-15", 0},
                                                                               {"2026-10-25", 51},
                                                                               {"2026-01-15", -1}}) {
        const Result<UtcTime> start = start_of({day(date), number});
        ASSERT_FALSE(start.has_value()) << date << " " << number;
        EXPECT_EQ(start.error().code, Errc::invalid);
    }
    EXPECT_EQ(start_of({day("2026-03-29"), 47}).error().message,
              "settlement day 2026-03-29 has 46 periods, none is number 47");
}

TEST(LocalClock, ShowsWhatTheWallShows) {
    EXPECT_EQ(local_minute_of_day(at("2026-07-15T16:30:00Z")), 17 * 60 + 30);
    EXPECT_EQ(local_minute_of_day(at("2026-03-29T00:59:59Z")), 59);
    EXPECT_EQ(local_minute_of_day(at("2026-03-29T01:00:00Z")), 120);  // 01:00 to 02:00 did not happen
    EXPECT_EQ(local_minute_of_day(at("2026-10-25T00:30:00Z")), 90);
    EXPECT_EQ(local_minute_of_day(at("2026-10-25T01:30:00Z")), 90);  // for the second time
    EXPECT_EQ(local_weekday(at("2026-07-15T23:30:00Z")), 4U);        // Thursday in London already
    EXPECT_EQ(local_weekday(at("2026-01-18T23:59:59Z")), 0U);
    EXPECT_EQ(local_weekday(at("2026-01-17T12:00:00Z")), 6U);
}

TEST(LocalClock, AnswersTheSameOnEveryThread) {
    const UtcTime summer = at("2026-07-15T16:30:00Z");
    const UtcTime winter = at("2026-01-15T16:30:00Z");
    std::vector<std::thread> threads;
    std::vector<int> wrong(4, 0);
    for (std::size_t t = 0; t < wrong.size(); ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 2'000; ++i) {
                wrong[t] += local_minute_of_day(summer) == 1050 ? 0 : 1;
                wrong[t] += local_minute_of_day(winter) == 990 ? 0 : 1;
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(FloorPeriod, GoesBackToTheHalfHour) {
    EXPECT_EQ(floor_period(at("2026-01-15T17:29:59.999Z")), at("2026-01-15T17:00:00Z"));
    EXPECT_EQ(floor_period(at("2026-01-15T17:30:00Z")), at("2026-01-15T17:30:00Z"));
    EXPECT_EQ(floor_period(UtcTime{milliseconds{-1}}), UtcTime{-minutes{30}});
}

TEST(FormatUtc, HasThreeDecimalsAndZ) {
    EXPECT_EQ(format_utc(at("2026-11-20T17:00:00Z")), "2026-11-20T17:00:00.000Z");
    EXPECT_EQ(format_utc(at("2026-11-20T17:00:00.0079Z")), "2026-11-20T17:00:00.007Z");
    EXPECT_EQ(format_utc(UtcTime{}), "1970-01-01T00:00:00.000Z");
}

TEST(ParseUtc, TakesOffsetsBlanksAndDecimals) {
    EXPECT_EQ(at("2026-11-20T18:30:00+01:30"), at("2026-11-20T17:00:00Z"));
    EXPECT_EQ(at("2026-11-20T12:00:00-05:00"), at("2026-11-20T17:00:00Z"));
    EXPECT_EQ(at("2026-11-20 17:00:00.5z"), at("2026-11-20T17:00:00.500Z"));
    EXPECT_EQ(at("2026-11-20t17:00:00.123456789Z"), at("2026-11-20T17:00:00.123Z"));
    EXPECT_EQ(at("2026-11-20T00:15:00+01:00"), at("2026-11-19T23:15:00Z"));
    EXPECT_EQ(at("2024-02-29T00:00:00Z") + hours{24}, at("2024-03-01T00:00:00Z"));
    EXPECT_EQ(at("2026-11-20T17:00:00-00:00"), at("2026-11-20T17:00:00Z"));
}

TEST(ParseUtc, RefusesEverythingElse) {
    for (const char* text : {"",
                             "Z",
                             "2026",
                             "2026-11-20",
                             "2026-11-20T17:00Z",
                             "2026-11-20T17:00:00",
                             "2026-11-20T17:00:00.Z",
                             "2026-11-20T17:00:00.1234567890Z",
                             "2026-11-20T17:00:00,5Z",
                             "2026-11-20T17:00:60Z",
                             "2026-11-20T24:00:00Z",
                             "2026-11-20T17:60:00Z",
                             "2026-13-20T17:00:00Z",
                             "2026-00-20T17:00:00Z",
                             "2026-02-29T17:00:00Z",
                             "2026-11-31T17:00:00Z",
                             "2026-11-00T17:00:00Z",
                             "1969-12-31T23:59:59Z",
                             "2201-01-01T00:00:00Z",
                             "1970-01-01T00:00:00+01:00",
                             "2200-12-31T23:30:00-01:00",
                             "0000-01-01T00:00:00Z",
                             "9999-12-31T23:59:59Z",
                             "2026-11-20T17:00:00+1:00",
                             "2026-11-20T17:00:00+0100",
                             "2026-11-20T17:00:00+24:00",
                             "2026-11-20T17:00:00+01:60",
                             "2026-11-20T17:00:00 Z",
                             "2026-11-20T17:00:00Zx",
                             "2026-11-20T17:00:00ZZ",
                             " 2026-11-20T17:00:00Z",
                             "+2026-11-20T17:00:00Z",
                             "-026-11-20T17:00:00Z",
                             "2026-1-20T17:00:00Z",
                             "2026-11-20X17:00:00Z",
                             "20261120T170000Z",
                             "2026-11-20T17:00:00\xE2\x88\x92"
                             "01:00",
                             "２０26-11-20T17:00:00Z"}) {
        const Result<UtcTime> time = parse_utc(text);
        EXPECT_FALSE(time.has_value()) << text;
        if (!time) {
            EXPECT_EQ(time.error().code, Errc::invalid);
        }
    }
    EXPECT_FALSE(parse_utc(std::string_view("2026-11-20T17:00:00Z\0", 21)).has_value());
    EXPECT_EQ(parse_utc("2026-11-20T17:00:00").error().message,
              "\"2026-11-20T17:00:00\" is no RFC 3339 time: it has no zone; end it in Z or an offset");
}

TEST(ParseUtc, DoesNotRepeatAHostileTextInItsMessage) {
    const std::string hostile = "\x1B[2J" + std::string(100'000, 'A');
    const std::string message = parse_utc(hostile).error().message;
    EXPECT_LT(message.size(), 200U);
    EXPECT_EQ(message.find('\x1B'), std::string::npos);
}

TEST(ParseUtcAssumed, TakesATimeWithoutZoneForUtc) {
    EXPECT_EQ(parse_utc_assumed("2026-11-20 17:00:00").value_or(UtcTime{}), at("2026-11-20T17:00:00Z"));
    EXPECT_EQ(parse_utc_assumed("2026-11-20T17:00").value_or(UtcTime{}), at("2026-11-20T17:00:00Z"));
    EXPECT_EQ(parse_utc_assumed("2026-11-20T17:00Z").value_or(UtcTime{}), at("2026-11-20T17:00:00Z"));
    EXPECT_EQ(parse_utc_assumed("2026-11-20T18:00:00+01:00").value_or(UtcTime{}), at("2026-11-20T17:00:00Z"));
    EXPECT_FALSE(parse_utc_assumed("2026-11-20T17:00:00x").has_value());
    EXPECT_FALSE(parse_utc_assumed("2026-11-20").has_value());
}

TEST(ParseDate, TakesOnlyDaysThatExist) {
    EXPECT_EQ(format_date(day("2026-11-20")), "2026-11-20");
    for (const char* text :
         {"2026-02-29", "2026-11-31", "2026-13-01", "2026-11-20T", "26-11-20", "2026/11/20", ""}) {
        EXPECT_FALSE(parse_date(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace headroom
