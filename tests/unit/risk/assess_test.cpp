#include "risk/assess.hpp"

#include "core/json.hpp"
#include "unit/risk/noon.hpp"

#include <gtest/gtest.h>

namespace headroom::risk {
namespace {

grid::Limit limit_of(double kw, grid::Direction direction = grid::Direction::import_) {
    return {.asset = "F-1",
            .phase = grid::Phase::l1,
            .direction = direction,
            .value = kw,
            .source = "grid file",
            .verified_by = "grid.csv"};
}

/// A question about a 100 kW limit at 12:10 with readings one minute apart, the newest at 12:10.
RiskInput question(std::vector<std::int64_t> recent_w) {
    RiskInput input{.feeder = "F-1",
                    .limit = limit_of(100.0),
                    .limit_w = 100'000,
                    .now = noon + minutes{10},
                    .recent = {},
                    .forecast_start = {},
                    .forecast_w = {},
                    .rules = {},
                    .source = "test"};
    const auto count = static_cast<int>(recent_w.size());
    for (int i = 0; i < count; ++i) {
        input.recent.push_back(
            {.at = noon + minutes{10 - (count - 1 - i)}, .w = recent_w[static_cast<std::size_t>(i)]});
    }
    return input;
}

/// A forecast whose P50 is `p50_w`, the other quantiles 10 kW apart.
std::vector<std::vector<std::int64_t>> forecast_around(const std::vector<std::int64_t>& p50_w) {
    std::vector<std::vector<std::int64_t>> rows;
    for (const std::int64_t middle : p50_w) {
        std::vector<std::int64_t>& row = rows.emplace_back();
        for (std::int64_t step = -3; step <= 3; ++step) {
            row.push_back(middle + step * 10'000);
        }
    }
    return rows;
}

std::optional<Overload> ask(const RiskInput& input) {
    const Result<std::optional<Overload>> answer = assess(input);
    EXPECT_TRUE(answer.has_value()) << answer.error().message;
    return answer ? *answer : std::nullopt;
}

TEST(Assess, OneReadingOverTheLimitIsNoise) {
    EXPECT_FALSE(ask(question({99'000, 98'000, 106'000})));
}

TEST(Assess, TwoOfThreeReadingsOverTheLimitAreAnOverload) {
    const std::optional<Overload> found = ask(question({104'000, 98'000, 106'000}));

    ASSERT_TRUE(found);
    EXPECT_EQ(found->cause, Cause::live);
    EXPECT_EQ(found->start, noon);
    EXPECT_EQ(found->end, noon + hours{1});
    EXPECT_EQ(found->need.w, (std::vector<std::int64_t>{6'000, 6'000}));
    EXPECT_EQ(found->peak_over, Watts{6'000});
    EXPECT_EQ(found->peak_load, Watts{106'000});
    EXPECT_EQ(found->energy_over, WattHours{6'000});  // 6 kW for two half-hours
    EXPECT_EQ(found->probability_ppm, 1'000'000);
    EXPECT_EQ(found->time_to_limit, milliseconds{0});
    EXPECT_EQ(found->level, Level::high);
    EXPECT_EQ(found->event, make_event_id("F-1/p_kw/L1/import/continuous", noon));
}

TEST(Assess, ALoadEqualToTheLimitIsWithinIt) {
    EXPECT_FALSE(ask(question({100'000, 100'000, 100'000})));
}

TEST(Assess, TheNewestReadingMustBeOver) {
    EXPECT_FALSE(ask(question({110'000, 110'000, 100'000})));
}

TEST(Assess, OneReadingAboveTheInstantLevelIsEnough) {
    EXPECT_FALSE(ask(question({130'000})));
    const std::optional<Overload> found = ask(question({130'001}));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->level, Level::critical);
}

TEST(Assess, AnOldNewestReadingRaisesNothing) {
    RiskInput input = question({150'000, 150'000, 150'000});
    input.now += hours{1} + minutes{1};
    EXPECT_FALSE(ask(input));
}

TEST(Assess, LevelsFollowTheWorstLoading) {
    EXPECT_EQ(ask(question({105'000, 105'000, 105'000}))->level, Level::medium);
    EXPECT_EQ(ask(question({105'000, 105'000, 105'001}))->level, Level::high);
    EXPECT_EQ(ask(question({105'000, 105'000, 120'000}))->level, Level::high);
    EXPECT_EQ(ask(question({105'000, 105'000, 120'001}))->level, Level::critical);
}

TEST(Assess, ALiveOverloadTakesTheForecastsShape) {
    RiskInput input = question({104'000, 108'000, 110'000});
    input.forecast_start = noon;
    input.forecast_w = forecast_around({90'000, 95'000, 85'000, 70'000});  // +5, -5, -20 kW against the first

    const std::optional<Overload> found = ask(input);

    ASSERT_TRUE(found);
    EXPECT_EQ(found->need.w, (std::vector<std::int64_t>{10'000, 15'000, 5'000}));
    EXPECT_EQ(found->end, noon + minutes{90});
    EXPECT_EQ(found->peak_over, Watts{15'000});
    EXPECT_EQ(found->energy_over, WattHours{15'000});
}

TEST(Assess, ALiveOverloadWhoseHalfHourIsNotForecastTakesTheShapeFromTheNext) {
    RiskInput input = question({104'000, 108'000, 110'000});
    input.forecast_start = noon + minutes{30};
    input.forecast_w = forecast_around({90'000, 85'000, 70'000});

    EXPECT_EQ(ask(input)->need.w, (std::vector<std::int64_t>{10'000, 10'000, 5'000}));
}

TEST(Assess, JoinsNeighbouringHalfHoursOfTheForecastAtTheAlarmQuantile) {
    RiskInput input = question({});
    input.forecast_start = noon + minutes{30};
    input.forecast_w = forecast_around({70'000, 85'000, 95'000, 76'000, 99'000});  // P90 is 20 kW above P50

    const std::optional<Overload> found = ask(input);

    ASSERT_TRUE(found);
    EXPECT_EQ(found->cause, Cause::forecast);
    EXPECT_EQ(found->start, noon + hours{1});
    EXPECT_EQ(found->end, noon + hours{2});
    EXPECT_EQ(found->need.w, (std::vector<std::int64_t>{5'000, 15'000}));
    EXPECT_EQ(found->energy_over, WattHours{10'000});
    EXPECT_EQ(found->time_to_limit, milliseconds{minutes{50}});
    EXPECT_EQ(found->level, Level::high);
}

TEST(Assess, ProbabilityLiesOnTheLineBetweenTheQuantiles) {
    RiskInput input = question({});
    input.forecast_start = noon + minutes{30};
    // 100 kW lies half way between P75 (95 kW) and P90 (105 kW): 82.5 % stay below, 17.5 % are over.
    input.forecast_w = forecast_around({85'000});
    EXPECT_EQ(ask(input)->probability_ppm, 175'000);
    // Never surer than the outermost quantile.
    input.forecast_w = forecast_around({200'000});
    EXPECT_EQ(ask(input)->probability_ppm, 950'000);
}

TEST(Assess, LooksNoFurtherThanTheHorizonButFollowsAWindowToItsEnd) {
    RiskInput input = question({});
    input.rules.forecast_horizon_periods = 3;  // 12:00, 12:30, 13:00
    input.forecast_start = noon + minutes{30};
    input.forecast_w = forecast_around({50'000, 50'000, 95'000});
    EXPECT_FALSE(ask(input));
    input.forecast_w = forecast_around({50'000, 95'000, 95'000});
    EXPECT_EQ(ask(input)->end, noon + hours{2});
}

TEST(Assess, HalfHoursThatArePastDoNotCount) {
    RiskInput input = question({});
    input.forecast_start = noon - hours{1};
    input.forecast_w = forecast_around({150'000, 150'000, 50'000});
    EXPECT_FALSE(ask(input));
}

TEST(Assess, AnExportLimitComparesLoadsWithTheirSignTurned) {
    RiskInput input = question({-104'000, -90'000, -112'000});
    input.limit = limit_of(100.0, grid::Direction::export_);
    const std::optional<Overload> live = ask(input);
    ASSERT_TRUE(live);
    EXPECT_EQ(live->peak_over, Watts{12'000});
    EXPECT_EQ(live->peak_load, Watts{112'000});

    input.recent.clear();
    input.forecast_start = noon + minutes{30};
    input.forecast_w = forecast_around({-85'000});  // P10 of the load is P90 of the export: 105 kW
    const std::optional<Overload> ahead = ask(input);
    ASSERT_TRUE(ahead);
    EXPECT_EQ(ahead->need.w, (std::vector<std::int64_t>{5'000}));
    EXPECT_EQ(ahead->probability_ppm, 175'000);

    input.forecast_w = forecast_around({200'000});
    EXPECT_FALSE(ask(input));
}

TEST(Assess, RefusesAnInputThatContradictsItself) {
    const auto fault = [](const RiskInput& input) {
        const Result<std::optional<Overload>> answer = assess(input);
        return answer ? std::string("accepted") : answer.error().message;
    };
    RiskInput input = question({1, 2, 3});
    input.limit_w = 99'999;
    EXPECT_NE(fault(input).find("limit_w says 99999"), std::string::npos) << fault(input);

    input = question({1, 2, 3, 4});
    EXPECT_NE(fault(input).find("4 recent readings"), std::string::npos) << fault(input);

    input = question({1, 2});
    std::swap(input.recent[0], input.recent[1]);
    EXPECT_NE(fault(input).find("not in the order of time"), std::string::npos) << fault(input);

    input = question({});
    input.rules.alarm_quantile_ppm = 910'000;
    EXPECT_NE(fault(input).find("910000 ppm"), std::string::npos) << fault(input);

    input = question({});
    input.forecast_w = {{1, 2, 3, 4, 5, 7, 6}};
    EXPECT_NE(fault(input).find("cross"), std::string::npos) << fault(input);

    input = question({});
    input.forecast_w = {{1, 2, 3}};
    EXPECT_NE(fault(input).find("3 quantiles"), std::string::npos) << fault(input);
}

TEST(RiskJson, InputAndOverloadComeBackTheSameAndAreCanonical) {
    RiskInput input = question({104'000, 98'000, 106'000});
    input.limit.value = 100.0;
    input.forecast_start = noon + minutes{30};
    input.forecast_w = forecast_around({90'000, -95'000});
    const json::Value written = to_json(input);
    const Result<RiskInput> read = risk_input_from_json(written);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(json::write(to_json(*read)), json::write(written));
    EXPECT_TRUE(json::write_canonical(written).has_value());

    const Overload overload = ask(input).value();
    const Overload again = ask(*read).value();
    const json::Value overload_json = to_json(overload);
    EXPECT_EQ(json::write(to_json(again)), json::write(overload_json));
    EXPECT_TRUE(json::write_canonical(overload_json).has_value());
    const Result<Overload> overload_read = overload_from_json(overload_json);
    ASSERT_TRUE(overload_read.has_value()) << overload_read.error().message;
    EXPECT_EQ(json::write(to_json(*overload_read)), json::write(overload_json));
}

TEST(RiskJson, FaultsNameTheField) {
    json::Value written = to_json(question({104'000}));
    written.as_object()->find("limit")->as_object()->set("phase", "L9");
    const Result<RiskInput> read = risk_input_from_json(written);
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error().pointer, "/limit/phase");

    json::Value overload = to_json(ask(question({104'000, 98'000, 106'000})).value());
    overload.as_object()->set("peak_over_w", 1.5);
    const Result<Overload> overload_read = overload_from_json(overload);
    ASSERT_FALSE(overload_read.has_value());
    EXPECT_EQ(overload_read.error().pointer, "/peak_over_w");
}

}  // namespace
}  // namespace headroom::risk
