#include "core/calendar.hpp"

#include "unit/core/times.hpp"

#include <gtest/gtest.h>

namespace headroom {
namespace {

TEST(CalendarTest, KnowsWorkingDays) {
    const Calendar calendar = Calendar::england_and_wales();
    EXPECT_TRUE(*calendar.is_working_day(day("2026-01-15")));   // Thursday
    EXPECT_FALSE(*calendar.is_working_day(day("2026-01-17")));  // Saturday
    EXPECT_FALSE(*calendar.is_working_day(day("2026-01-18")));  // Sunday
    EXPECT_FALSE(*calendar.is_working_day(day("2026-01-01")));
    EXPECT_FALSE(*calendar.is_working_day(day("2026-12-28")));  // for the 26th, a Saturday
    EXPECT_TRUE(*calendar.is_working_day(day("2026-12-29")));
    EXPECT_FALSE(*calendar.is_working_day(day("2025-04-21")));
    EXPECT_FALSE(*calendar.is_working_day(day("2027-03-26")));
    EXPECT_EQ(calendar.years(), (std::vector<int>{2025, 2026, 2027}));
}

TEST(CalendarTest, HasEightBankHolidaysAYearNoneAtAWeekend) {
    const Calendar calendar = Calendar::england_and_wales();
    for (int year = 2025; year <= 2027; ++year) {
        int holidays = 0;
        for (std::chrono::sys_days d{std::chrono::year{year} / 1 / 1};
             d < std::chrono::sys_days{std::chrono::year{year + 1} / 1 / 1}; d += std::chrono::days{1}) {
            if (*calendar.is_bank_holiday(Date{d})) {
                ++holidays;
                const std::chrono::weekday weekday{d};
                EXPECT_TRUE(weekday != std::chrono::Saturday && weekday != std::chrono::Sunday)
                    << format_date(Date{d});
            }
        }
        EXPECT_EQ(holidays, 8) << year;
    }
}

// The list of www.gov.uk/bank-holidays, England and Wales.
TEST(CalendarTest, HoldsTheDaysThatWerePublished) {
    const Calendar calendar = Calendar::england_and_wales();
    for (const char* date :
         {"2025-01-01", "2025-04-18", "2025-04-21", "2025-05-05", "2025-05-26", "2025-08-25",
          "2025-12-25", "2025-12-26", "2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04",
          "2026-05-25", "2026-08-31", "2026-12-25", "2026-12-28", "2027-01-01", "2027-03-26",
          "2027-03-29", "2027-05-03", "2027-05-31", "2027-08-30", "2027-12-27", "2027-12-28"}) {
        EXPECT_TRUE(*calendar.is_bank_holiday(day(date))) << date;
    }
}

TEST(CalendarTest, DoesNotAssumeAnythingOfOtherYears) {
    const Calendar calendar = Calendar::england_and_wales();
    for (const char* date : {"2024-12-31", "2028-01-01"}) {
        const Result<bool> answer = calendar.is_working_day(day(date));
        ASSERT_FALSE(answer.has_value());
        EXPECT_EQ(answer.error().code, Errc::not_found);
        EXPECT_EQ(answer.error().message, std::string("no bank holidays are loaded for the year of ") + date);
    }
}

TEST(CalendarTest, LoadsTheGovernmentsFile) {
    Calendar calendar = Calendar::england_and_wales();
    const auto loaded = calendar.load(
        R"({"england-and-wales":{"division":"england-and-wales","events":[)"
        R"({"title":"New Year's Day","date":"2028-01-03","notes":"Substitute day","bunting":true},)"
        R"({"title":"Good Friday","date":"2028-04-14"}]},"scotland":{"events":[{"date":"2028-01-04"}]}})");
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    EXPECT_FALSE(*calendar.is_working_day(day("2028-01-03")));
    EXPECT_TRUE(*calendar.is_working_day(day("2028-01-04")));
    EXPECT_FALSE(*calendar.is_working_day(day("2026-01-01")));  // still there
}

TEST(CalendarTest, LoadsListsAndLinesAndReplacesWholeYears) {
    Calendar calendar = Calendar::england_and_wales();
    ASSERT_TRUE(calendar.load(R"(["2026-06-01"])").has_value());
    EXPECT_FALSE(*calendar.is_working_day(day("2026-06-01")));
    EXPECT_TRUE(*calendar.is_working_day(day("2026-01-01")));
    Calendar from_lines;
    ASSERT_TRUE(
        from_lines.load("date,title\r\n# moved\n2029-01-01,New Year\n\n2029-03-30;Good Friday").has_value());
    EXPECT_FALSE(*from_lines.is_working_day(day("2029-03-30")));
    EXPECT_TRUE(*from_lines.is_working_day(day("2029-04-03")));
}

TEST(CalendarTest, StaysAsItWasWhenATextIsWrong) {
    Calendar calendar = Calendar::england_and_wales();
    for (const char* text :
         {"", "  \n", "{}", "[]", "[1]", R"(["2026-02-30"])", "[", "date\n2026-02-30\n", "2026-1-1",
          "date\ntitle\n", R"({"england-and-wales":{"events":[{"title":"x"}]}})"}) {
        EXPECT_FALSE(calendar.load(text).has_value()) << text;
    }
    EXPECT_EQ(calendar.years(), (std::vector<int>{2025, 2026, 2027}));
    EXPECT_EQ(calendar.load("date\n2026-02-30\n").error().message,
              "bank holidays, line 2: \"2026-02-30\" is no date: there is no such day");
}

}  // namespace
}  // namespace headroom
