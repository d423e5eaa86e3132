#include "agents/scenario_weather.hpp"

#include "feeds/climatology.hpp"
#include "unit/net/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdlib.h>

namespace headroom::agents {
namespace {

using ::testing::HasSubstr;

const UtcTime summer_morning = parse_utc("2026-07-15T10:00:00Z").value();
const WeatherQuery tomorrow{.lat = 51.5074,
                            .lon = -0.1278,
                            .from = parse_utc("2026-07-16T00:00:00Z").value(),
                            .until = parse_utc("2026-07-16T06:00:00Z").value()};

ServiceWeather said(std::vector<feeds::WeatherStep> steps) {
    return {.steps = std::move(steps), .origin = {.source = "stub", .fetched = summer_morning}};
}

feeds::WeatherStep step(int hour, double celsius) {
    feeds::WeatherStep out{.at = tomorrow.from + hours{hour}};
    out.temperature_c = celsius;
    return out;
}

TEST(AssembleWeather, WithoutAServiceEveryHourIsTheSeasonsAndSaysWhy) {
    const FoundWeather found = assemble_weather(tomorrow, std::nullopt, "nobody there");

    ASSERT_EQ(found.hours.size(), 7U);  // six hours, and the one that closes the last
    EXPECT_EQ(found.hours.front().at, tomorrow.from);
    EXPECT_EQ(found.hours[3].temperature_c,
              feeds::climatology::typical_hour(51.5074, -0.1278, tomorrow.from + hours{3}).temperature_c);
    EXPECT_EQ(found.hours[3].precipitation_mm, 0.0);
    ASSERT_EQ(found.origins.size(), 1U);
    EXPECT_EQ(found.origins[0].source, "climatology");
    EXPECT_EQ(found.origins[0].hours, 7);
    EXPECT_EQ(found.origins[0].why, "nobody there");
}

TEST(AssembleWeather, HoursThatTheServiceLeavesOutAreTheSeasons) {
    std::vector<feeds::WeatherStep> steps{step(1, 21.0), step(0, 20.0), step(2, 22.0)};
    steps.push_back({.at = tomorrow.from + hours{3}});  // no temperature
    const FoundWeather found = assemble_weather(tomorrow, said(steps), "");

    EXPECT_EQ(found.hours[0].temperature_c, 20.0);
    EXPECT_EQ(found.hours[2].temperature_c, 22.0);
    EXPECT_EQ(found.hours[3].temperature_c,
              feeds::climatology::typical_hour(51.5074, -0.1278, tomorrow.from + hours{3}).temperature_c);
    ASSERT_EQ(found.origins.size(), 2U);
    EXPECT_EQ(found.origins[0].hours, 3);
    EXPECT_EQ(found.origins[1].hours, 4);
    EXPECT_EQ(found.origins[1].why, "stub says nothing of these hours");
}

TEST(AssembleWeather, StepsOfThreeHoursAreReadBetweenAndTheirRainIsSpread) {
    std::vector<feeds::WeatherStep> steps{step(0, 12.0), step(3, 18.0), step(6, 18.0)};
    steps[1].precipitation_mm = 6.0;
    const FoundWeather found = assemble_weather(tomorrow, said(steps), "");

    EXPECT_DOUBLE_EQ(found.hours[1].temperature_c.value(), 14.0);
    double rain = 0.0;
    for (const feeds::WeatherStep& hour : found.hours) {
        rain += hour.precipitation_mm.value();
    }
    EXPECT_DOUBLE_EQ(rain, 6.0);
    EXPECT_DOUBLE_EQ(found.hours[3].precipitation_mm.value(), 2.0);
}

TEST(Askable, IsThePartOfTheWindowThatServicesKnow) {
    EXPECT_EQ(askable(tomorrow, summer_morning), (std::pair{tomorrow.from, tomorrow.until}));
    WeatherQuery year = tomorrow;
    year.until = tomorrow.from + hours{24 * 365};
    EXPECT_EQ(askable(year, summer_morning)->second, summer_morning + weather_ahead);
    EXPECT_EQ(askable(year, summer_morning - std::chrono::days{60}), std::nullopt);
}

/// A service that behaves like Open-Meteo, or as it is told to.
class ScenarioWeatherTest : public ::testing::Test {
  protected:
    ScenarioWeatherTest() {
        std::string name = (std::filesystem::temp_directory_path() / "headroom-weather-XXXXXX").string();
        HEADROOM_ASSERT(::mkdtemp(name.data()) != nullptr);
        folder_ = name;
        io_.call([&] {
            server_ = std::make_unique<net::HttpServer>(io_.context(), net::ServerLimits{});
            server_->route("GET", "/v1/forecast",
                           [this](net::Request request) { return answer(std::move(request)); });
            HEADROOM_ASSERT(server_->listen().has_value());
        });
    }
    ~ScenarioWeatherTest() override {
        is_held_ = false;
        io_.call([&] { weather_.reset(); });
        io_.await(server_->drain(seconds{5}));
        io_.call([&] { server_.reset(); });
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    Awaitable<net::Response> answer(net::Request request) {
        targets_.push_back(request.target);
        asio::steady_timer pause(io_.context());
        while (is_held_) {
            pause.expires_after(milliseconds{5});
            auto token = asio::as_tuple(asio::use_awaitable);
            co_await pause.async_wait(token);
        }
        co_return net::text_response(status_, body_);
    }
    void make(ScenarioWeatherOptions options = {}) {
        io_.call([&] {
            weather_ = std::make_unique<ScenarioWeather>(
                io_.context().get_executor(), wall_,
                [this] {
                    feeds::FeedSource source{
                        .id = "open_meteo",
                        .base_url = "http://127.0.0.1:" + std::to_string(server_->port()),
                        .licence = "CC BY 4.0",
                        .key_parameter = {},
                        .key = {},
                        .rate = {.burst = 100, .refill = seconds{1}}};
                    return std::make_unique<WeatherLookup>(
                        WeatherServices{.open_meteo = std::move(source)},
                        feeds::FeedClient::Parts{http_, wall_, [](milliseconds) {}, [] { return 0.0; }},
                        feeds::FeedCache(folder_),
                        feeds::FeedRules{.tries = 2, .deadline = milliseconds{2'000}});
                },
                "", options);
        });
    }
    FoundWeather find(const WeatherQuery& query) { return io_.await(weather_->find(query)); }

    net::testing::IoThread io_;
    std::filesystem::path folder_;
    std::unique_ptr<net::HttpServer> server_;
    net::HttpClient http_{net::ClientSettings{.allow_private = {"127.0.0.1:*"}}};
    ManualWallClock wall_{summer_morning};
    int status_ = 200;
    std::string body_ =
        R"({"utc_offset_seconds":0,"hourly":{"time":["2026-07-16T00:00","2026-07-16T01:00","2026-07-16T02:00"],)"
        R"("temperature_2m":[17.5,-40.0,16.5],"precipitation":[0.5,null,0.0]}})";
    std::atomic<bool> is_held_{false};
    std::vector<std::string> targets_;
    std::unique_ptr<ScenarioWeather> weather_;
};

TEST_F(ScenarioWeatherTest, TheServiceSaysWhatItKnowsAndPoisonIsTheSeasons) {
    make();
    const FoundWeather found = find(tomorrow);

    EXPECT_EQ(found.hours[0].temperature_c, 17.5);
    EXPECT_EQ(found.hours[0].precipitation_mm, 0.5);
    // Read between its neighbours is nothing: the hour is there, its value was not believed.
    EXPECT_GT(found.hours[1].temperature_c.value(), 0.0);
    ASSERT_EQ(found.origins.size(), 2U);
    EXPECT_EQ(found.origins[0].source, "open_meteo");
    EXPECT_EQ(found.origins[0].hours, 2);
    EXPECT_EQ(found.origins[0].fetched, summer_morning);
    EXPECT_THAT(found.origins[0].url, HasSubstr("start_date=2026-07-16"));
    EXPECT_EQ(found.origins[1].source, "climatology");

    find(tomorrow);
    EXPECT_EQ(targets_.size(), 1U);  // the answer was kept
}

TEST_F(ScenarioWeatherTest, DatesThatNobodyKnowsAreNotAskedFor) {
    make();
    WeatherQuery later = tomorrow;
    later.from += std::chrono::days{200};
    later.until += std::chrono::days{200};
    const FoundWeather found = find(later);

    EXPECT_EQ(found.origins.at(0).source, "climatology");
    EXPECT_EQ(found.origins.at(0).why, "no weather service knows these dates");
    EXPECT_TRUE(targets_.empty());
}

TEST_F(ScenarioWeatherTest, AServiceThatIsDownIsNamedAndLeftAloneForAWhile) {
    make();
    status_ = 503;
    body_ = R"({"error":true,"reason":"maintenance"})";
    const FoundWeather first = find(tomorrow);
    EXPECT_EQ(first.origins.at(0).source, "climatology");
    EXPECT_THAT(first.origins.at(0).why, HasSubstr("maintenance"));
    EXPECT_EQ(targets_.size(), 2U);  // it was tried again once

    const FoundWeather second = find(tomorrow);
    EXPECT_THAT(second.origins.at(0).why, HasSubstr("maintenance"));
    EXPECT_EQ(targets_.size(), 2U);
}

TEST_F(ScenarioWeatherTest, NobodyWaitsLongerThanTheDeadlineAndALateAnswerServesTheNext) {
    make({.deadline = milliseconds{50}});
    is_held_ = true;
    const FoundWeather first = find(tomorrow);
    EXPECT_EQ(first.origins.at(0).source, "climatology");
    EXPECT_THAT(first.origins.at(0).why, HasSubstr("in time"));

    is_held_ = false;
    const auto give_up = steady_now() + seconds{10};
    std::string source;
    while (source != "open_meteo" && steady_now() < give_up) {
        source = find(tomorrow).origins.at(0).source;
    }
    EXPECT_EQ(source, "open_meteo");
    EXPECT_EQ(targets_.size(), 1U);
}

}  // namespace
}  // namespace headroom::agents
