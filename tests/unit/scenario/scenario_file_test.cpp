#include "scenario/scenario_file.hpp"

#include "scenario/asset_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace headroom::scenario {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* whole = R"(title = "Hot"
place = "London"
event = "heatwave"
start = "2027-07-13T00:10:00+01:00"
hours = 72

[levers]
temperature_max_c = 38
ev_uptake = 1.5
)";

std::vector<std::string> pointers_of(const std::string& body) {
    std::vector<Fault> faults;
    const std::optional<Scenario> read = scenario_of_request(json::parse(body).value(), faults);
    EXPECT_NE(read.has_value(), !faults.empty());
    std::vector<std::string> out;
    for (const Fault& fault : faults) {
        out.push_back(fault.pointer);
    }
    return out;
}

TEST(PredefinedScenarios, AreThoseThatAreDocumentedAndRunOverBuiltInAssets) {
    std::vector<std::string> ids;
    for (const ListedScenario& listed : predefined_scenarios()) {
        const Scenario& one = listed.scenario;
        ids.push_back(one.id);
        EXPECT_TRUE(listed.is_built_in);
        EXPECT_FALSE(one.title.empty());
        EXPECT_FALSE(one.description.empty());
        const std::vector<Asset> assets = assets_at(built_in_assets(), one.place);
        EXPECT_FALSE(assets.empty());
        for (const std::string& lost : one.lost_elements) {
            EXPECT_TRUE(std::any_of(assets.begin(), assets.end(), [&](const Asset& a) {
                return a.id == lost;
            })) << lost;
        }
    }
    for (const char* id : {"london_heatwave_3d", "london_heatwave_5d", "london_flood_24h",
                           "london_cold_snap_4d", "london_winter_evening"}) {
        EXPECT_THAT(ids, Contains(id));
    }
}

TEST(ReadScenario, ATomlFileHoldsTheQuestion) {
    const Result<Scenario> read = read_scenario(whole, "hot", "hot.toml");
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->id, "hot");
    EXPECT_EQ(read->event, Event::heatwave);
    EXPECT_EQ(format_utc(read->start), "2027-07-12T23:00:00.000Z");  // the half-hour it lies in
    EXPECT_EQ(read->levers.temperature_max_c, 38.0);
    EXPECT_EQ(read->levers.ev_uptake, 1.5);
    EXPECT_EQ(read->levers.quantile, 0.5);
}

TEST(ReadScenario, FaultsOfATomlFileNameTheLineAndTheKey) {
    std::string text = whole;
    text.replace(text.find("72"), 2, "241");
    EXPECT_THAT(read_scenario(text, "x", "x.toml").error().message, HasSubstr("x.toml:5:"));
    text = std::string(whole) + "temprature_min_c = 20\n";
    EXPECT_THAT(read_scenario(text, "x", "x.toml").error().message,
                HasSubstr("x.toml:10:1: levers.temprature_min_c is not a setting; did you mean "
                          "levers.temperature_min_c?"));
    EXPECT_THAT(read_scenario("place = \"London\"\nevent = \"heatwave\"\n", "x", "x.toml").error().message,
                HasSubstr("start is missing"));
    text = std::string(whole) + "temperature_min_c = 39\n";
    EXPECT_THAT(read_scenario(text, "x", "x.toml").error().message, HasSubstr("is above temperature_max_c"));
    text = whole;
    text.replace(text.find("+01:00"), 6, "");
    EXPECT_FALSE(read_scenario(text, "x", "x.toml").has_value());
    EXPECT_FALSE(read_scenario(std::string(300'000, '#'), "x", "x.toml").has_value());
}

TEST(ReadScenario, JsonOfThePrototypesShapeIsTakenUnchanged) {
    const Result<Scenario> read =
        read_scenario(R"({"name":"Big heat","location":"London","event_type":"heatwave",
        "start_date":"2026-07-15T00:00:00Z","duration_hours":72,"severity":"extreme",
        "weather":{"max_temp_celsius":39.5,"min_temp_celsius":23,"humidity_percent":60}})",
                      "big", "big.json");
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->id, "big");
    EXPECT_EQ(read->hours, 72);
    EXPECT_EQ(read->levers.temperature_max_c, 39.5);
    EXPECT_EQ(read->levers.temperature_min_c, 23.0);
}

TEST(ReadScenario, JsonOfOurOwnShapeIsStrict) {
    const Result<Scenario> read = read_scenario(
        R"({"place":"London","event":"flood","start":"2026-07-15T00:00:00Z","hours":24,"levers":{"quantile":0.9}})",
        "x", "x.json");
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->levers.quantile, 0.9);
    EXPECT_EQ(read_scenario(
                  R"({"place":"London","event":"flood","start":"2026-07-15T00:00:00Z","hours":24,"hour":2})",
                  "x", "x.json")
                  .error()
                  .pointer,
              "/hour");
}

TEST(ScenarioOfRequest, SaysEverythingThatDoesNotFit) {
    const std::string sound =
        R"("location":"London","event_type":"heatwave","start_date":"2026-07-15T00:00:00Z","duration_hours":72)";
    EXPECT_THAT(pointers_of("{" + sound + "}"), IsEmpty());
    EXPECT_THAT(pointers_of("{}"), ::testing::UnorderedElementsAre("/location", "/event_type", "/start_date",
                                                                   "/duration_hours"));
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string text = "{" + sound + "}";
        return pointers_of(text.replace(text.find(from), from.size(), to));
    };
    using ::testing::ElementsAre;
    EXPECT_THAT(with("00Z", "00"), ElementsAre("/start_date"));  // no zone
    EXPECT_THAT(with("2026-07-15", "2026-02-30"), ElementsAre("/start_date"));
    EXPECT_THAT(with("72", "0"), ElementsAre("/duration_hours"));
    EXPECT_THAT(with("72", "241"), ElementsAre("/duration_hours"));
    EXPECT_THAT(with("72", "1.5"), ElementsAre("/duration_hours"));
    EXPECT_THAT(with("72", "\"72\""), ElementsAre("/duration_hours"));
    EXPECT_THAT(with("heatwave", "earthquake"), ElementsAre("/event_type"));
    EXPECT_THAT(with("\"London\"", "\"\""), ElementsAre("/location"));
    EXPECT_THAT(with("72", R"(72,"weather":{"max_temp_celsius":99})"),
                ElementsAre("/weather/max_temp_celsius"));
    EXPECT_THAT(with("72", R"(72,"weather":{"max_temp_celsius":20,"min_temp_celsius":25})"),
                ElementsAre("/weather/min_temp_celsius"));
    EXPECT_THAT(with("72", R"(72,"weather":[1])"), ElementsAre("/weather"));
    EXPECT_THAT(with("heatwave", "loss_of_feeder"), ElementsAre("/lost_elements"));
    EXPECT_THAT(with("72", R"(72,"weather":null)"), IsEmpty());
}

TEST(ScenarioOfRequest, ADateAloneIsADayOfTheLondonClock) {
    std::vector<Fault> faults;
    const std::optional<Scenario> read = scenario_of_request(
        json::parse(
            R"({"location":"London","event_type":"Heat Wave","start_date":"2026-07-15","duration_hours":24})")
            .value(),
        faults);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(format_utc(read->start), "2026-07-14T23:00:00.000Z");
    EXPECT_EQ(read->event, Event::heatwave);
}

TEST(RequestOf, TellsTheScenarioInTheContractsWords) {
    const Result<Scenario> read = read_scenario(whole, "hot", "hot.toml");
    std::vector<Fault> faults;
    const std::optional<Scenario> again = scenario_of_request(json::Value(request_of(*read)), faults);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->start, read->start);
    EXPECT_EQ(again->levers.temperature_max_c, 38.0);
}

}  // namespace
}  // namespace headroom::scenario
