#include "desk/feeds.hpp"

#include "flex/schedule_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace headroom::desk {
namespace {

using testing::HasSubstr;

const UtcTime asked_at = parse_utc("2026-11-20T15:10:00Z").value();
const UtcTime need_start = parse_utc("2026-11-20T17:00:00Z").value();

agents::FeedSeries carbon(std::vector<double> from_need_on) {
    agents::FeedSeries series{.name = std::string(agents::carbon_series),
                              .values = {},
                              .origin = {.source = "carbon_intensity",
                                         .url = "https://carbon.example/regional",
                                         .fetched = asked_at - minutes{10},
                                         .status = 200,
                                         .sha256 = {},
                                         .licence = "CC BY 4.0"},
                              .stale_because = {}};
    std::int64_t period = need_start.time_since_epoch() / period_length;
    for (const double value : from_need_on) {
        series.values[period++] = value;
    }
    return series;
}

void hang(const Feeds& feeds, agents::FeedSeries series) {
    std::map<std::string, agents::FeedSeries, std::less<>> all;
    all.emplace(series.name, std::move(series));
    feeds.board()->put(std::make_shared<const agents::FeedTable>(std::move(all)));
}

flex::PlanRequest two_ders() {
    flex::PlanRequest request;
    request.now = asked_at;
    request.need = {.feeder_id = "F-1", .start = need_start, .step_minutes = 30, .required_kw = {20.0, 20.0}};
    // The generator is a little cheaper and says what it emits; the battery says nothing.
    request.ders = {{.der_id = "GEN", .max_kw = 30.0, .price_gbp_per_kwh = 0.20, .carbon_g_per_kwh = 650.0},
                    {.der_id = "BAT", .max_kw = 30.0, .price_gbp_per_kwh = 0.21}};
    request.shortfall_gbp_per_kwh = 6.0;
    return request;
}

TEST(Feeds, TheGridsCarbonReachesDersWithoutAFigureAndTheCleanestWay) {
    Feeds feeds;
    flex::PlanRequest unknown = two_ders();
    EXPECT_FALSE(feeds.fill_carbon(unknown, nullptr)) << "no feed tells";
    EXPECT_EQ(unknown.ders[1].carbon_g_per_kwh, std::nullopt);

    hang(feeds, carbon({100.0, 140.0, 900.0}));
    flex::PlanRequest request = two_ders();
    const auto figure = feeds.fill_carbon(request, nullptr);
    ASSERT_TRUE(figure);
    EXPECT_EQ(request.ders[0].carbon_g_per_kwh, 650.0) << "its own figure stands";
    EXPECT_EQ(request.ders[1].carbon_g_per_kwh, 120.0) << "the mean of the need's two half-hours";
    EXPECT_THAT(carbon_source_text(figure), HasSubstr("120 g/kWh"));
    EXPECT_THAT(carbon_source_text(figure), HasSubstr("carbon_intensity, fetched 2026-11-20T15:00:00"));

    const auto plan = flex::make_schedule_plan(request);
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_NEAR(plan->carbon_kg.value(), 20.0 * 0.65, 1e-6) << "the generator is cheapest";
    const auto clean = std::ranges::find(plan->alternatives, "lowest_carbon", &flex::PlanChoice::name);
    ASSERT_NE(clean, plan->alternatives.end());
    EXPECT_NEAR(clean->carbon_kg.value(), 20.0 * 0.12, 1e-6);
    const auto dearer = feeds.fill_carbon(request, nullptr);
    EXPECT_FALSE(dearer) << "nobody lacks a figure any more";
}

TEST(Feeds, ZeroIsAFigureAndTheOperatorsFigureForTheKindGoesFirst) {
    Feeds feeds;
    hang(feeds, carbon({100.0, 140.0}));
    flex::PlanRequest solar = two_ders();
    solar.ders[1].carbon_g_per_kwh = 0.0;
    EXPECT_FALSE(feeds.fill_carbon(solar, nullptr)) << "a battery that the sun filled is clean, not unknown";
    EXPECT_EQ(solar.ders[1].carbon_g_per_kwh, 0.0);

    flex::RuleBook rules;
    rules.carbon = {{.kind = "battery", .g_per_kwh = 45.0}};
    flex::PlanRequest ruled = two_ders();
    ruled.ders[1].kind = "battery";
    EXPECT_FALSE(feeds.fill_carbon(ruled, &rules));
    EXPECT_EQ(ruled.ders[1].carbon_g_per_kwh, std::nullopt) << "left to the rules";
}

TEST(Feeds, EveryValueIsShownWithSourceAndAgeAndEveryFeedWithItsState) {
    Feeds feeds;
    EXPECT_FALSE(feeds.answer(asked_at, asked_at).live);
    EXPECT_THAT(feeds.answer(asked_at, asked_at).why_not, HasSubstr("feeds.live"));
    feeds.set_live();
    feeds.add([] {
        return std::vector<agents::FeedStanding>{
            {.id = "weather", .reaches = "load forecasts"},
            {.id = "carbon_intensity",
             .reaches = "carbon of plans",
             .asked = asked_at,
             .answered = asked_at - minutes{10},
             .records = 96,
             .source = "carbon_intensity",
             .quarantined = 1,
             .not_believed = {{"/data/0/intensity/forecast", "5000 is not believed"}}},
            {.id = "agile", .reaches = "load forecasts", .asked = asked_at, .fault = "nobody answers"},
            {.id = "demand",
             .reaches = "load forecasts",
             .asked = asked_at,
             .answered = asked_at - hours{3},
             .fault = "answered 503"}};
    });
    feeds.add_off("ukpn_live_faults", "operational states", "there is no key");
    agents::FeedSeries series = carbon({150.0});
    hang(feeds, std::move(series));
    const FeedsAnswer answer = feeds.answer(asked_at, need_start + minutes{4});
    std::vector<std::string> states;
    for (const FeedAnswer& feed : answer.feeds) {
        states.push_back(feed.state);
    }
    EXPECT_THAT(states, testing::ElementsAre("waiting", "ok", "down", "old", "off"));
    EXPECT_EQ(answer.feeds[1].age_s, 600.0);
    EXPECT_EQ(answer.feeds[1].not_believed.at(0).pointer, "/data/0/intensity/forecast");
    ASSERT_EQ(answer.values.size(), 1U);
    EXPECT_EQ(answer.values[0].value, 150.0);
    EXPECT_EQ(answer.values[0].source, "carbon_intensity");
    EXPECT_EQ(answer.values[0].age_s, 600.0);
    EXPECT_EQ(answer.values[0].half_hour, need_start);
    EXPECT_TRUE(feeds.answer(asked_at, need_start + hours{1}).values.empty())
        << "nothing is known of that hour";

    agents::FeedSeries price = carbon({88.5});
    price.name = agents::market_price_series;
    hang(feeds, std::move(price));
    ASSERT_EQ(feeds.answer(asked_at, need_start + hours{2}).values.size(), 1U)
        << "it is published afterwards";
    EXPECT_EQ(feeds.answer(asked_at, need_start + hours{2}).values[0].half_hour, need_start);
    EXPECT_TRUE(feeds.answer(asked_at, need_start + hours{4}).values.empty());
}

}  // namespace
}  // namespace headroom::desk
