// The pure parts of questions in words: what is recognised, how it is worded, what is hidden.
#include "copilot/figures.hpp"
#include "desk/ask_plain.hpp"
#include "desk/ask_tools.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headroom::desk {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::vector<Mention> feeder_mention{{.begin = 0, .end = 6, .kind = "feeder", .id = "LV-017"}};
const std::vector<Mention> event_mention{
    {.begin = 0, .end = 3, .kind = "event", .id = "ev-20270114-abcdefgh"}};

std::string tool_of(std::string_view question, const std::vector<Mention>& mentions = {}) {
    const auto query = recognise(question, mentions);
    return query ? query->tool : "";
}

TEST(Recognise, KnowsItsFamily) {
    EXPECT_EQ(tool_of("Which feeders are tightest?"), "tightest_feeders");
    EXPECT_EQ(tool_of("Where is the least headroom?"), "tightest_feeders");
    EXPECT_EQ(tool_of("How is LV-017?", feeder_mention), "feeder");
    EXPECT_EQ(tool_of("Why this plan for it?", event_mention), "plan");
    EXPECT_EQ(tool_of("What is paid for it?", event_mention), "statement");
    EXPECT_EQ(tool_of("Tell me about it", event_mention), "event");
    EXPECT_EQ(tool_of("Which events are open?"), "events");
    EXPECT_EQ(tool_of("How many feeders are constrained?"), "status");
    EXPECT_EQ(tool_of("What does the manual say about notice?"), "rules");
    EXPECT_EQ(tool_of("Will it rain in Paris?"), "");
}

TEST(PlainWords, HoldNoFigureButTheContents) {
    const auto content = json::parse(
        R"({"feeders":[{"feeder_id":"LV-017","phase":"L2","load_kw":412.34,"limit_kw":430,"headroom_kw":17.66,
        "headroom_share":0.0411,"stale":false,"expected":{"peak_kw":455.1,"limit_kw":430,"phase":"L2","at":"2027-01-14T17:30:00.000Z"}},
        {"feeder_id":"LV-018","phase":"L1","load_kw":90,"limit_kw":80,"headroom_kw":-10,"headroom_share":-0.125}]})");
    const std::string words = plain_words({.tool = "tightest_feeders", .arguments = {}}, *content);
    EXPECT_THAT(words, HasSubstr("LV-017: 412.3 kW of 430.0 kW on L2, headroom 17.7 kW (4 %)."));
    EXPECT_THAT(words, HasSubstr("10.0 kW over its limit"));
    copilot::Sources sources;
    sources.add(*content);
    EXPECT_THAT(copilot::unsourced_figures(words, sources), testing::IsEmpty());
}

TEST(HiddenContent, HoldsNoIdAndNoText) {
    const auto content =
        json::parse(R"({"plan_id":"ev-1.1","event_id":"ev-1","reasons":["Buys from Elm Road"],"cost_gbp":3.5,
        "actions":[{"provider":"acme.example","der_id":"BAT-17","offer_id":"O-1","kw":[1.5]},{"provider":"acme.example"}]})");
    copilot::Pseudonyms names;
    const json::Value hidden = hidden_content(*content, names);
    const std::string text = json::write(hidden);
    for (const char* own : {"ev-1", "Elm", "acme", "BAT-17", "O-1"}) {
        EXPECT_THAT(text, Not(HasSubstr(own)));
    }
    EXPECT_EQ(hidden.number("/cost_gbp"), 3.5);
    EXPECT_EQ(hidden.text("/actions/0/provider"), hidden.text("/actions/1/provider"));
    EXPECT_EQ(names.id_of(hidden.text("/actions/0/der_id")), "BAT-17");
}

TEST(AskTools, OnlyReadAndAreOfTheStrictKind) {
    EXPECT_EQ(ask_tools().size(), 8U);
    for (const copilot::Tool& tool : ask_tools()) {
        EXPECT_FALSE(tool.parameters.boolean("/additionalProperties", true)) << tool.name;
        EXPECT_THAT(tool.name, Not(testing::AnyOf("approve", "dispatch", "stop_all", "set_feeder")));
    }
}

}  // namespace
}  // namespace headroom::desk
