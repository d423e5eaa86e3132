#include "telemetry/csv_sign.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace headroom::telemetry {
namespace {

using ::testing::HasSubstr;

const UtcTime midnight = parse_utc("2026-01-14T00:00:00Z").value();  // London keeps UTC in January

/// Half-hourly power over two days, `kw_at` giving it by the hour of the day.
SignSurvey survey_of(const std::function<double(double hour)>& kw_at) {
    SignSurvey survey;
    for (int i = 0; i < 96; ++i) {
        survey.take_power(midnight + minutes{30} * i, kw_at(std::fmod(0.5 * i, 24.0)));
    }
    return survey;
}

/// 1 MW by night, 2 MW by day, 3 MW in the evening.
double load_kw(double hour) {
    return hour < 6.0 ? 1000.0 : hour < 16.0 ? 2000.0 : hour < 20.0 ? 3000.0 : 1500.0;
}

TEST(SignSurvey, LeavesPositiveLoadAlone) {
    const SignRuling ruling = survey_of(load_kw).decide();
    EXPECT_FALSE(ruling.is_turned);
    EXPECT_EQ(ruling.detail, "");
}

TEST(SignSurvey, TurnsLoadThatIsPublishedNegative) {
    const SignRuling ruling = survey_of([](double hour) { return -load_kw(hour); }).decide();
    EXPECT_TRUE(ruling.is_turned);
    EXPECT_THAT(ruling.detail, HasSubstr("96 of 96"));
    EXPECT_THAT(ruling.detail, HasSubstr("-1000 kW from 1 to 5"));
    EXPECT_THAT(ruling.detail, HasSubstr("-3000 kW from 16 to 20"));
    EXPECT_THAT(ruling.detail, HasSubstr("turned round"));
}

TEST(SignSurvey, KeepsSolarExport) {
    // Something small runs at night, so that most readings are negative.
    const SignRuling ruling =
        survey_of([](double hour) {
            return hour > 6.0 && hour < 20.0 ? -5000.0 + 600.0 * std::abs(hour - 13.0) : -10.0;
        }).decide();
    EXPECT_FALSE(ruling.is_turned);
    EXPECT_THAT(ruling.detail, HasSubstr("kept as published"));
}

TEST(SignSurvey, KeepsAGeneratorThatRunsHarderAtNight) {
    const SignRuling ruling = survey_of([](double hour) { return hour < 6.0 ? -4000.0 : -3000.0; }).decide();
    EXPECT_FALSE(ruling.is_turned);
}

TEST(SignSurvey, KeepsPowerThatIsNegativeLessThanTwoThirdsOfTheTime) {
    const SignRuling ruling =
        survey_of([](double hour) { return hour < 9.0 ? 100.0 : -load_kw(hour); }).decide();
    EXPECT_FALSE(ruling.is_turned);
    EXPECT_EQ(ruling.detail, "");
}

TEST(SignSurvey, CannotTellFromAFewHours) {
    SignSurvey survey;
    for (int i = 0; i < 20; ++i) {
        survey.take_power(midnight + minutes{30} * i, -1000.0);
    }
    EXPECT_FALSE(survey.decide().is_turned);
    EXPECT_THAT(survey.decide().detail, HasSubstr("too few hours"));
}

TEST(SignSurvey, AsksThatApparentPowerFollows) {
    SignSurvey follows;
    SignSurvey does_not;
    for (int i = 0; i < 96; ++i) {
        const UtcTime at = midnight + minutes{30} * i;
        const double kw = -load_kw(std::fmod(0.5 * i, 24.0));
        follows.take_flow(at, 10.0 - kw * 1.05);
        follows.take_power(at, kw);
        does_not.take_power(at, kw);
        does_not.take_flow(at, i % 2 == 0 ? 100.0 : 3000.0);
    }
    EXPECT_TRUE(follows.decide().is_turned);
    EXPECT_THAT(follows.decide().detail, HasSubstr("correlation 1.00"));
    EXPECT_FALSE(does_not.decide().is_turned);
    EXPECT_THAT(does_not.decide().detail, HasSubstr("does not follow"));
}

}  // namespace
}  // namespace headroom::telemetry
