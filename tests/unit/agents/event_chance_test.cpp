// With which probability, over which loads: what a live event's plan is asked for.
#include "agents/event_chance.hpp"

#include "unit/agents/instants.hpp"

#include <gtest/gtest.h>

namespace headroom::agents {
namespace {

using test::evening;

risk::Overload overload(risk::Cause cause, std::vector<std::int64_t> need_w) {
    risk::Overload out;
    out.feeder = "F1";
    out.limit.asset = "F1";
    out.limit.value = 100.0;
    out.cause = cause;
    out.alarm_quantile_ppm = 900'000;
    out.start = evening;
    out.need = {evening, std::move(need_w)};
    out.end = evening + period_length * static_cast<std::int64_t>(out.need.w.size());
    return out;
}

LimitForecast forecast(std::vector<std::int64_t> medians_w) {
    LimitForecast out;
    for (const std::int64_t median : medians_w) {
        out.rows_w.push_back({median - 15'000, median - 10'000, median - 4'000, median, median + 4'000,
                              median + 10'000, median + 15'000});
    }
    return out;
}

flex::ChanceAsked asked(const risk::Overload& whole, LimitForecast newest,
                        const flex::IntervalGrid& others = {}) {
    const std::optional<flex::ChanceAsked> chance = chance_for({.whole = whole,
                                                                .left = whole.need,
                                                                .forecast = std::move(newest),
                                                                .relief_of_others = others,
                                                                .standing = {}},
                                                               flex::RuleBook{}, {});
    EXPECT_TRUE(chance.has_value());
    return chance.value_or(flex::ChanceAsked{});
}

TEST(EventChance, TheAlarmsQuantileNeedsWhatWasForeseen) {
    const flex::ChanceAsked chance =
        asked(overload(risk::Cause::forecast, {12'000, 0}), forecast({102'000, 84'000}));
    EXPECT_EQ(chance.probability_ppm, 900'000);
    EXPECT_EQ(chance.over_w[0],
              (std::vector<std::int64_t>{-13'000, -8'000, -2'000, 2'000, 6'000, 12'000, 17'000}));
    EXPECT_EQ(chance.over_w[1][5], -6'000) << "below the limit it is as far away as it is";
}

TEST(EventChance, OfALiveOverloadTheMedianIsWhatWasMeasured) {
    const flex::ChanceAsked chance = asked(overload(risk::Cause::live, {12'000}), forecast({90'000}));
    EXPECT_EQ(chance.over_w[0][3], 12'000);
    EXPECT_EQ(chance.over_w[0][6], 27'000);
}

TEST(EventChance, ExportsSpreadTheOtherWayRound) {
    risk::Overload export_ = overload(risk::Cause::forecast, {12'000});
    export_.limit.direction = grid::Direction::export_;
    LimitForecast sunny;  // 102 kW are fed in at the median, 120 kW at the load's lowest quantile
    sunny.rows_w.push_back({-120'000, -112'000, -107'000, -102'000, -98'000, -92'000, -87'000});
    sunny.median_w = {-102'000};
    sunny.upper_w = {-92'000};
    const LimitForecast exported = in_direction(sunny, grid::Direction::export_);
    EXPECT_EQ(exported.median_w.front(), 102'000);
    EXPECT_EQ(exported.upper_w.front(), 112'000);
    const flex::ChanceAsked chance = asked(export_, exported);
    EXPECT_EQ(chance.quantiles_ppm.size(), 7U);
    // The alarm's quantile of what is exported is the load's tenth: 112 kW, 12 kW above the limit.
    EXPECT_EQ(chance.over_w[0],
              (std::vector<std::int64_t>{-13'000, -8'000, -2'000, 2'000, 7'000, 12'000, 20'000}));
    EXPECT_NE(chance.source.find("90 % quantile"), std::string::npos) << chance.source;
}

TEST(EventChance, WhatAPersonAsksForIsCertainAndSoIsWhatNoForecastReaches) {
    const std::vector<std::int64_t> only{500'000};
    EXPECT_EQ(asked(overload(risk::Cause::person, {12'000}), forecast({90'000})).quantiles_ppm, only);
    const flex::ChanceAsked unknown = asked(overload(risk::Cause::forecast, {12'000}), {});
    EXPECT_EQ(unknown.quantiles_ppm, only);
    EXPECT_EQ(unknown.over_w[0], (std::vector<std::int64_t>{12'000}));
    EXPECT_NE(unknown.source.find("no forecast"), std::string::npos);
}

TEST(EventChance, ReliefOfOtherEventsIsOffTheLoad) {
    const flex::IntervalGrid others{evening, period_length, {5'000}};
    EXPECT_EQ(asked(overload(risk::Cause::person, {12'000}), {}, others).over_w[0].front(), 7'000);
}

TEST(EventChance, NothingWhereTheBookBuysInExpectation) {
    flex::RuleBook book;
    book.probability = 0.0;
    const risk::Overload whole = overload(risk::Cause::person, {12'000});
    const flex::IntervalGrid none;
    EXPECT_FALSE(chance_for({whole, whole.need, {}, none, {}}, book, {}).has_value());
}

TEST(EventChance, StandingReliefCountsAsItsDerWasLearnt) {
    EventRecord record;
    record.overload = overload(risk::Cause::forecast, {12'000, 8'000});
    for (const char* der : {"D1", "D2", "D3"}) {
        Assignment assignment;
        assignment.der = der;
        assignment.provider = "pool";
        assignment.offer = std::string("O-") + der;
        assignment.power_w = {evening, period_length, {6'000, 3'000}};
        assignment.relief_ppm = 500'000;
        assignment.state = "armed";
        record.assignments.push_back(assignment);
    }
    record.assignments[2].state = "refused";
    EventRecord past = record;
    past.statement = "settled";
    past.assignments[0].delivered_ppm = 0;
    const risk::PeriodPower left{evening + period_length, {8'000}};
    const std::vector<flex::StandingRelief> standing =
        standing_relief(record, left, {{"pool/O-D1", 900'000}, {"pool/O-D2", 800'000}}, {&past});
    ASSERT_EQ(standing.size(), 2U);
    EXPECT_EQ(standing[0].relief_w, (std::vector<std::int64_t>{1'500}));
    EXPECT_LT(standing[0].reliability_ppm, 900'000) << "it was told once and gave nothing";
    EXPECT_EQ(standing[1].reliability_ppm, 800'000);
    record.assignments[1].state = "following";
    EXPECT_EQ(standing_relief(record, left, {{"pool/O-D2", 800'000}}, {&past})[1].reliability_ppm, 1'000'000)
        << "its meter shows it";
}

}  // namespace
}  // namespace headroom::agents
