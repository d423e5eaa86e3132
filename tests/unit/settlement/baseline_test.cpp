#include "settlement/baseline.hpp"
#include "settlement_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::settlement::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

const Calendar calendar = Calendar::england_and_wales();
const std::vector<std::int64_t> nothing_supplied;

BaselineAnswer reckon(const BaselineProfile& profile, const MeterHistory& meter, UtcTime start,
                      std::size_t periods, const std::vector<Date>& event_days = {}) {
    Result<BaselineAnswer> answer =
        make_baseline(profile, {start, periods, meter, event_days, nothing_supplied}, calendar);
    EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().message);
    return answer ? std::move(*answer) : BaselineAnswer{};
}

BaselineAnswer example_with(std::string_view profile) {
    const Meter meter = example_a();
    return reckon(*find_baseline_profile(profile), meter.history(), period("2026-01-15", 35), 2,
                  event_days_a);
}

TEST(BaselineExampleA, ChoosesTheTenNewestWorkingDays) {
    EXPECT_THAT(example_with("bl01").baseline.chosen_days,
                ElementsAre(day("2026-01-14"), day("2026-01-13"), day("2026-01-12"), day("2026-01-09"),
                            day("2026-01-07"), day("2026-01-06"), day("2026-01-05"), day("2026-01-02"),
                            day("2025-12-31"), day("2025-12-30")));
    EXPECT_THAT(example_with("bl01").baseline.excluded_days,
                ElementsAre(Pair(day("2026-01-08"), "event_day")));
}

TEST(BaselineExampleA, WithoutAdjustmentIsThePlainMean) {
    EXPECT_THAT(example_with("bl01_vtp").baseline.wh, ElementsAre(504'000, 521'000));
    EXPECT_THAT(example_with("dfs_domestic").baseline.wh, ElementsAre(504'000, 521'000));
    EXPECT_EQ(example_with("bl01_vtp").baseline.adjustment_wh, 0);
}

TEST(BaselineExampleA, AdjustsByTheInDayWindow) {
    const Baseline baseline = example_with("bl01").baseline;
    EXPECT_EQ(baseline.adjustment_wh, 12'000);
    EXPECT_THAT(baseline.wh, ElementsAre(516'000, 533'000));
    EXPECT_THAT(baseline.flags, IsEmpty());
    EXPECT_EQ(baseline.profile, "bl01");
}

TEST(BaselineExampleA, HighFiveOfTen) {
    const Baseline baseline = example_with("high5of10").baseline;
    EXPECT_THAT(baseline.chosen_days, ElementsAre(day("2026-01-14"), day("2026-01-13"), day("2026-01-12"),
                                                  day("2026-01-07"), day("2026-01-06")));
    EXPECT_THAT(baseline.wh, ElementsAre(517'000, 535'400));
}

TEST(BaselineExampleA, MiddleEightOfTen) {
    const Baseline baseline = example_with("mid8of10").baseline;
    EXPECT_THAT(baseline.chosen_days, Not(Contains(day("2026-01-07"))));
    EXPECT_THAT(baseline.chosen_days, Not(Contains(day("2025-12-31"))));
    EXPECT_THAT(baseline.wh, ElementsAre(505'000, 522'000));
}

TEST(BaselineExampleB, ChoosesTheFourNewestNonWorkingDays) {
    Meter meter("D-1", "2025-11-10", "2026-01-17");
    meter.fill(1'000);
    const BaselineAnswer answer = reckon(*find_baseline_profile("bl01"), meter.history(),
                                         period("2026-01-17", 35), 2, {day("2026-01-10")});
    EXPECT_THAT(answer.baseline.chosen_days,
                ElementsAre(day("2026-01-11"), day("2026-01-04"), day("2026-01-03"), day("2026-01-01")));
}

TEST(Baseline, WithTooFewDaysThereIsNone) {
    Meter meter("D-1", "2026-01-13", "2026-01-15");
    meter.fill(1'000);
    const BaselineAnswer answer =
        reckon(*find_baseline_profile("bl01"), meter.history(), period("2026-01-15", 35), 1);
    EXPECT_THAT(answer.hold,
                HasSubstr("only 2 of the 3 history days that bl01 needs at least are usable for D-1"));
    EXPECT_THAT(answer.baseline.wh, IsEmpty());
}

TEST(Baseline, SkipsADayWithAMissingPeriod) {
    Meter meter = example_a();
    meter.clear("2026-01-13", 35);
    meter.set("2025-12-29", 35, 600'000).set("2025-12-29", 36, 600'000);
    const BaselineAnswer answer = reckon(*find_baseline_profile("bl01_vtp"), meter.history(),
                                         period("2026-01-15", 35), 2, event_days_a);
    EXPECT_THAT(answer.baseline.chosen_days, Not(Contains(day("2026-01-13"))));
    EXPECT_EQ(answer.baseline.chosen_days.back(), day("2025-12-29"));
    EXPECT_THAT(answer.baseline.excluded_days, Contains(Pair(day("2026-01-13"), "incomplete_day")));
}

TEST(Baseline, LooksBackSixtyDaysAndNoFurther) {
    // 2026-03-16 is a Monday: 60 days before it is Thursday 2026-01-15, 61 days Wednesday 2026-01-14.
    const auto chosen_from = [](const char* only_day) {
        Meter meter("D-1", "2026-01-10", "2026-03-16");
        meter.set(only_day, 35, 1'000).set("2026-02-02", 35, 1'000).set("2026-02-03", 35, 1'000);
        return reckon(*find_baseline_profile("bl01_vtp"), meter.history(), period("2026-03-16", 35), 1)
            .baseline.chosen_days;
    };
    EXPECT_THAT(chosen_from("2026-01-15"),
                ElementsAre(day("2026-02-03"), day("2026-02-02"), day("2026-01-15")));
    EXPECT_THAT(chosen_from("2026-01-14"), IsEmpty());
}

TEST(Baseline, SkipsTheDayOfTheClockChange) {
    Meter meter("D-1", "2026-09-01", "2026-10-31");
    meter.fill(1'000);
    const BaselineAnswer sunday =
        reckon(*find_baseline_profile("bl01_vtp"), meter.history(), period("2026-10-31", 35), 1);
    EXPECT_THAT(sunday.baseline.chosen_days, Not(Contains(day("2026-10-25"))));
    EXPECT_THAT(sunday.baseline.excluded_days, Contains(Pair(day("2026-10-25"), "clock_change_day")));
    EXPECT_EQ(sunday.baseline.chosen_days.size(), 4U);

    const BaselineAnswer monday =
        reckon(*find_baseline_profile("bl01_vtp"), meter.history(), period("2026-10-26", 35), 1);
    EXPECT_THAT(monday.baseline.chosen_days, Not(Contains(day("2026-10-25"))));
}

TEST(Baseline, MapsAnAutumnEventByWhatTheClockShows) {
    Meter meter("D-1", "2026-09-20", "2026-10-25");
    for (const char* sunday : {"2026-10-24", "2026-10-18", "2026-10-17", "2026-10-11"}) {
        meter.set(sunday, 3, 3'000).set(sunday, 4, 4'000).set(sunday, 5, 5'000);
    }
    // Periods 3, 4 show 01:00 and 01:30 for the first time, 5 and 6 again; 7 shows 02:00.
    const BaselineAnswer answer =
        reckon(*find_baseline_profile("bl01_vtp"), meter.history(), period("2026-10-25", 3), 5);
    EXPECT_THAT(answer.baseline.wh, ElementsAre(3'000, 4'000, 3'000, 4'000, 5'000));
}

TEST(Baseline, MapsASpringEventByWhatTheClockShows) {
    Meter meter("D-1", "2026-03-01", "2026-03-29");
    for (const char* weekend : {"2026-03-28", "2026-03-22", "2026-03-21", "2026-03-15"}) {
        meter.set(weekend, 2, 2'000).set(weekend, 5, 5'000);
    }
    // Period 3 of the short day shows 02:00, which is period 5 of any other.
    const BaselineAnswer answer =
        reckon(*find_baseline_profile("bl01_vtp"), meter.history(), period("2026-03-29", 2), 2);
    EXPECT_THAT(answer.baseline.wh, ElementsAre(2'000, 5'000));
}

TEST(Baseline, FollowsAnEventPastMidnight) {
    Meter meter("D-1", "2026-01-01", "2026-01-16");
    for (const char* before : {"2026-01-14", "2026-01-13", "2026-01-12"}) {
        meter.set(before, 48, 4'800);
    }
    for (const char* after : {"2026-01-15", "2026-01-14", "2026-01-13"}) {
        meter.set(after, 1, 100);
    }
    const BaselineAnswer answer =
        reckon(*find_baseline_profile("bl01_vtp"), meter.history(), period("2026-01-15", 48), 2);
    EXPECT_THAT(answer.baseline.chosen_days,
                ElementsAre(day("2026-01-14"), day("2026-01-13"), day("2026-01-12")));
    EXPECT_THAT(answer.baseline.wh, ElementsAre(4'800, 100));
}

TEST(Baseline, WithoutAWholeWindowTheAdjustmentIsSkippedAndSaysSo) {
    Meter meter = example_a();
    meter.clear("2026-01-15", 30);
    const BaselineAnswer answer =
        reckon(*find_baseline_profile("bl01"), meter.history(), period("2026-01-15", 35), 2, event_days_a);
    EXPECT_THAT(answer.baseline.wh, ElementsAre(504'000, 521'000));
    EXPECT_EQ(answer.baseline.adjustment_wh, 0);
    EXPECT_THAT(answer.baseline.flags, ElementsAre("ADJ_SKIPPED"));
}

TEST(Baseline, FlagsAnAdjustmentAboveAFifth) {
    const auto flags_at = [](std::int64_t window_wh) {
        Meter meter("D-1", "2026-01-01", "2026-01-15");
        for (int number = 27; number <= 32; ++number) {
            meter.set("2026-01-15", number, window_wh);
        }
        meter.fill(100'000);
        return reckon(*find_baseline_profile("bl01"), meter.history(), period("2026-01-15", 35), 2)
            .baseline.flags;
    };
    EXPECT_THAT(flags_at(120'000), IsEmpty());
    EXPECT_THAT(flags_at(120'001), ElementsAre("ADJ_LARGE"));
    EXPECT_THAT(flags_at(79'999), ElementsAre("ADJ_LARGE"));
}

TEST(Baseline, AnAllZeroHistoryGivesZero) {
    Meter meter("D-1", "2025-12-01", "2026-01-15");
    meter.fill(0);
    EXPECT_THAT(
        reckon(*find_baseline_profile("bl01"), meter.history(), period("2026-01-15", 35), 2).baseline.wh,
        ElementsAre(0, 0));
}

TEST(Baseline, MultiplicativeAdjustmentIsCapped) {
    BaselineProfile profile = *find_baseline_profile("bl01");
    profile.adjust = Adjust::multiplicative;
    const auto answer_at = [&profile](std::int64_t window_wh) {
        Meter meter("D-1", "2026-01-01", "2026-01-15");
        for (int number = 27; number <= 32; ++number) {
            meter.set("2026-01-15", number, window_wh);
        }
        meter.fill(100'000);
        return reckon(profile, meter.history(), period("2026-01-15", 35), 1).baseline;
    };
    EXPECT_THAT(answer_at(110'000).wh, ElementsAre(110'000));
    EXPECT_THAT(answer_at(150'000).wh, ElementsAre(120'000));
    EXPECT_THAT(answer_at(150'000).flags, Contains("ADJ_CAPPED"));
    EXPECT_THAT(answer_at(10'000).wh, ElementsAre(80'000));
}

TEST(Baseline, LowPicksTheSmallestAndFewDaysShrinkX) {
    BaselineProfile profile = *find_baseline_profile("high5of10");
    profile.pick = Pick::low;
    Meter meter("D-1", "2026-01-08", "2026-01-15");
    meter.set("2026-01-14", 35, 400)
        .set("2026-01-13", 35, 300)
        .set("2026-01-12", 35, 200)
        .set("2026-01-09", 35, 100);
    // Four of ten days: round(5 × 4 / 10) = 2 are averaged.
    const Baseline low = reckon(profile, meter.history(), period("2026-01-15", 35), 1).baseline;
    EXPECT_THAT(low.chosen_days, ElementsAre(day("2026-01-12"), day("2026-01-09")));
    EXPECT_THAT(low.wh, ElementsAre(150));
}

TEST(Baseline, OfEqualDaysTheNewerCounts) {
    Meter meter("D-1", "2025-12-01", "2026-01-15");
    meter.fill(1'000);
    const Baseline high =
        reckon(*find_baseline_profile("high5of10"), meter.history(), period("2026-01-15", 35), 1).baseline;
    EXPECT_THAT(high.chosen_days, ElementsAre(day("2026-01-14"), day("2026-01-13"), day("2026-01-12"),
                                              day("2026-01-09"), day("2026-01-08")));
}

TEST(Baseline, FloorsAtZeroOnlyWhereTheProfileSaysSo) {
    BaselineProfile profile = *find_baseline_profile("bl01_vtp");
    Meter meter("D-1", "2025-12-01", "2026-01-15");
    meter.fill(-500);
    EXPECT_THAT(reckon(profile, meter.history(), period("2026-01-15", 35), 1).baseline.wh, ElementsAre(-500));
    profile.floor_zero = true;
    EXPECT_THAT(reckon(profile, meter.history(), period("2026-01-15", 35), 1).baseline.wh, ElementsAre(0));
}

TEST(Baseline, SuppliedProfilesTakeWhatTheyAreGiven) {
    const Meter meter("D-1", "2026-01-15", "2026-01-15");
    const auto with = [&meter](std::string_view id, const std::vector<std::int64_t>& supplied) {
        const std::vector<Date> no_events;
        return make_baseline(*find_baseline_profile(id),
                             {period("2026-01-15", 35), 2, meter.history(), no_events, supplied}, calendar)
            .value();
    };
    EXPECT_THAT(with("nominated", {7'000, 8'000}).baseline.wh, ElementsAre(7'000, 8'000));
    EXPECT_THAT(with("asset_capacity", {50'000}).baseline.wh, ElementsAre(50'000, 50'000));
    EXPECT_THAT(with("fixed_reference", {1, 2}).baseline.wh, ElementsAre(1, 2));
    EXPECT_THAT(with("zero", {}).baseline.wh, ElementsAre(0, 0));
    EXPECT_THAT(with("nominated", {}).hold, HasSubstr("needs a supplied baseline for D-1"));
}

TEST(Baseline, ADayOutsideTheCalendarIsAnError) {
    Meter meter("D-1", "2024-11-01", "2025-01-02");
    meter.fill(1'000);
    const std::vector<Date> no_events;
    const auto answer =
        make_baseline(*find_baseline_profile("bl01"),
                      {period("2025-01-02", 35), 1, meter.history(), no_events, nothing_supplied}, calendar);
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, Errc::unsupported);
}

TEST(BaselineProfiles, AreKnownByName) {
    for (const char* id : {"bl01", "bl01_vtp", "dfs_domestic", "high5of10", "mid8of10", "nominated",
                           "asset_capacity", "zero", "fixed_reference"}) {
        ASSERT_NE(find_baseline_profile(id), nullptr) << id;
        EXPECT_EQ(find_baseline_profile(id)->version, 1);
    }
    EXPECT_EQ(find_baseline_profile("bl02"), nullptr);
}

}  // namespace
}  // namespace headroom::settlement::test
