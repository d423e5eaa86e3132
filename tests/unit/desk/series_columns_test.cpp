#include "desk/series_columns.hpp"

#include "unit/desk/instants.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace headroom::desk {
namespace {

using test::noon;
using ::testing::ElementsAre;
using ::testing::Optional;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr float unknown = std::numeric_limits<float>::quiet_NaN();

SeriesQuery query() {
    return {.points = {"F-1/p_kw/L1"}, .from = noon, .to = noon + hours{2}, .step = seconds{3'600}};
}

std::string refused(const SeriesQuery& asked) {
    const Result<void> checked = check(asked);
    return checked ? std::string("taken") : checked.error().pointer;
}

TEST(SeriesQueryCheck, NamesTheParameter) {
    EXPECT_EQ(refused(query()), "taken");
    SeriesQuery asked = query();
    asked.points.clear();
    EXPECT_EQ(refused(asked), "/point");
    asked.points.assign(51, "F-1/p_kw/L1");
    EXPECT_EQ(refused(asked), "/point");
    for (const std::int64_t step : {0, 59, 61, 90, 2'678'460}) {
        asked = query();
        asked.step = seconds{step};
        EXPECT_EQ(refused(asked), "/step") << step;
    }
    asked = query();
    asked.values_wanted = 20'001;
    EXPECT_EQ(refused(asked), "/points");
    asked = query();
    asked.to = asked.from;
    EXPECT_EQ(refused(asked), "/to");
    asked.to = asked.from + hours{24 * 400};
    asked.step = seconds{60};
    EXPECT_EQ(refused(asked), "/from");
}

TEST(StepFor, IsTheShortestWithNoMoreValues) {
    EXPECT_EQ(step_for(noon, noon + hours{3}, 500), seconds{60});
    EXPECT_EQ(step_for(noon, noon + hours{24}, 500), seconds{300});
    EXPECT_EQ(step_for(noon, noon + hours{24 * 365}, 1'000), seconds{43'200});
    EXPECT_EQ(step_for(noon, noon + hours{24 * 365 * 20}, 1'000), seconds{864'000});
    for (std::int64_t span_min = 1; span_min < 100'000; span_min = span_min * 3 + 7) {
        const UtcTime from = noon + seconds{17};
        const seconds step = step_for(from, from + minutes{span_min}, 100);
        const SeriesSteps steps = steps_of(
            {.points = {}, .from = from, .to = from + minutes{span_min}, .step = step}, noon + hours{9'999});
        EXPECT_LE(steps.count, 100U) << span_min;
        EXPECT_LE(steps.from, from);
        EXPECT_GE(steps.to, from + minutes{span_min});
    }
}

TEST(SeriesSteps, NoneHasNotBegun) {
    const SeriesSteps steps = steps_of(query(), noon + minutes{70});
    EXPECT_EQ(steps.count, 2U);
    EXPECT_EQ(steps_of(query(), noon + minutes{10}).count, 1U);
    EXPECT_EQ(steps_of(query(), noon - hours{5}).count, 0U);
}

TEST(StepColumns, MinutesGoIntoTheirSteps) {
    const SeriesSteps steps{.from = noon, .to = noon + minutes{6}, .step = minutes{2}, .count = 3};
    StepColumns columns(3);
    columns.add_minutes({1.0, 3.0, nan, nan, 5.0}, steps, noon);
    EXPECT_EQ(columns.mean[0], 2.0);
    EXPECT_EQ(columns.min[0], 1.0);
    EXPECT_EQ(columns.max[0], 3.0);
    EXPECT_EQ(columns.last[0], 3.0);
    EXPECT_EQ(columns.sum[0], 4.0);
    EXPECT_TRUE(std::isnan(columns.mean[1]));
    EXPECT_EQ(columns.mean[2], 5.0);
}

TEST(StepColumns, ALongerStepStandsInEachOfTheShorterOnes) {
    const SeriesSteps steps{.from = noon, .to = noon + hours{2}, .step = minutes{30}, .count = 4};
    StepColumns columns(4);
    columns.add_summary({.key = "k",
                         .start = noon,
                         .step = hours{1},
                         .mean = {2.0F, unknown},
                         .min = {1.0F, unknown},
                         .max = {9.0F, unknown},
                         .last = {3.0F, unknown},
                         .count = {2, 0}},
                        steps);
    EXPECT_EQ(columns.max[0], 9.0);
    EXPECT_EQ(columns.max[1], 9.0);
    EXPECT_TRUE(std::isnan(columns.max[2]));
}

TEST(StepColumns, JoinedTheyFillGapsAndKeepBothExtremes) {
    StepColumns half_hours(2);
    half_hours.put_mean(0, 10.0);
    StepColumns minutes(2);
    minutes.put_mean(0, 12.0);
    minutes.max[0] = 30.0;
    minutes.min[0] = 2.0;
    minutes.put_mean(1, 7.0);
    half_hours.join(minutes);
    EXPECT_EQ(half_hours.mean[0], 10.0);
    EXPECT_EQ(half_hours.min[0], 2.0);
    EXPECT_EQ(half_hours.max[0], 30.0);
    EXPECT_EQ(half_hours.mean[1], 7.0);
}

TEST(Fill, GivesTheColumnAskedFor) {
    StepColumns columns(1);
    columns.put_mean(0, 2.0);
    columns.min[0] = 1.0;
    columns.max[0] = 5.0;
    SeriesAnswer answer;
    fill(answer, columns, SeriesAggregate::max);
    EXPECT_THAT(answer.values, ElementsAre(Optional(5.0)));
    EXPECT_TRUE(answer.max.empty());
    fill(answer, columns, SeriesAggregate::minmax);
    EXPECT_THAT(answer.values, ElementsAre(Optional(2.0)));
    EXPECT_THAT(answer.min, ElementsAre(Optional(1.0)));
    EXPECT_THAT(answer.max, ElementsAre(Optional(5.0)));
}

}  // namespace
}  // namespace headroom::desk
