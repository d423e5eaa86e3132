#include "sim/story.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace headroom::sim {
namespace {

using testing::HasSubstr;

constexpr std::string_view whole = R"(title = "A test"
[clock]
from = "2027-01-14T15:00:00Z"
start = "2027-01-14T16:55:00Z"
end = "2027-01-14T20:00:00Z"
speed = 60.0
[world]
seed = 3
feeders = 48
hv_feeders = 6
ders = 40
[evening_peak]
begin = "17:25"
full = "17:35"
fades = "17:45"
gone = "17:55"
share = 0.2
[[stress]]
feeder = "HV-02"
peak_loading = 1.1
[[stress]]
feeder = "F-0007"
phase = "L2"
peak_loading = 1.2
[procurement]
fire_lead_minutes = 4
[[slow_provider]]
provider = "honeywell"
answer_delay_s = 30
[[silent_device]]
der = "BAT-0001"
from = "2027-01-14T17:32:00Z"
)";

/// The first fault of `whole` with one piece of it replaced.
std::string fault_of(std::string_view piece, std::string_view replacement) {
    std::string text(whole);
    const std::size_t at = text.find(piece);
    EXPECT_NE(at, std::string::npos) << piece;
    text.replace(at, piece.size(), replacement);
    const StoryCheck check = check_story(text, "test", "test.toml");
    EXPECT_FALSE(check.story.has_value()) << replacement;
    return check.faults.empty() ? std::string() : check.faults.front().sentence();
}

TEST(Story, IsReadWhole) {
    const Result<Story> story = read_story(whole, "test", "test.toml");
    ASSERT_TRUE(story.has_value()) << story.error().message;
    EXPECT_EQ(story->title, "A test");
    EXPECT_EQ(format_utc(story->start), "2027-01-14T16:55:00.000Z");
    EXPECT_EQ(story->world.start, story->start - minutes{115});
    EXPECT_EQ(story->world.seed, 3U);
    EXPECT_EQ(story->world.stresses->size(), 2U);
    EXPECT_EQ(story->world.stresses->back(), (ToldStress{"F-0007", grid::Phase::l2, 1.2}));
    EXPECT_EQ(story->world.evening_peak.full, 17 * 60 + 35);
    EXPECT_EQ(story->fire_lead, minutes{4});
    EXPECT_EQ(story->slow_providers, (std::vector<SlowProvider>{{"honeywell", seconds{30}}}));
    EXPECT_EQ(story->world.silent_from.size(), 1U);
}

TEST(Story, UnknownKeysAreNamedWithLineAndSuggestion) {
    const std::string fault = fault_of("peak_loading = 1.1", "peak_load = 1.1");
    EXPECT_THAT(fault, HasSubstr("test.toml:"));
    EXPECT_THAT(fault, HasSubstr("peak_load"));
    EXPECT_THAT(fault_of("[procurement]", "[procurment]"), HasSubstr("procurement"));
    EXPECT_THAT(fault_of("title = ", "outcome = \"relieved\"\ntitle = "), HasSubstr("test.toml:1"));
}

TEST(Story, WhatCannotBeIsRefusedByField) {
    EXPECT_THAT(fault_of("15:00:00Z", "15:07:00Z"), HasSubstr("half-hour"));
    EXPECT_THAT(fault_of("16:55:00Z", "14:55:00Z"), HasSubstr("before"));
    EXPECT_THAT(fault_of("20:00:00Z", "16:00:00Z"), HasSubstr("after"));
    EXPECT_THAT(fault_of("\"17:25\"", "\"25:25\""), HasSubstr("HH:MM"));
    EXPECT_THAT(fault_of("\"17:35\"", "\"17:33\""), HasSubstr("five minutes"));
    EXPECT_THAT(fault_of("\"17:55\"", "\"17:10\""), HasSubstr("after"));
    EXPECT_THAT(fault_of("HV-02", "HV-09"), HasSubstr("HV-09"));
    EXPECT_THAT(fault_of("F-0007", "F-0049"), HasSubstr("F-0049"));
    EXPECT_THAT(fault_of("\"L2\"", "\"L4\""), HasSubstr("L4"));
    EXPECT_THAT(fault_of("\"L2\"", "\"sum\""), HasSubstr("L1"));
    EXPECT_THAT(fault_of("peak_loading = 1.1", "peak_loading = 9.0"), HasSubstr("peak_loading"));
    EXPECT_THAT(fault_of("honeywell", "honeypot"), HasSubstr("there are tesla-vpp"));
    EXPECT_THAT(fault_of("hv_feeders = 6", "hv_feeders = 5"), HasSubstr("hv_feeders"));
    EXPECT_THAT(fault_of("title = \"A test\"", "title = \"\""), HasSubstr("title"));
    EXPECT_THAT(fault_of("[world]", "[world"), HasSubstr("test.toml"));
    EXPECT_FALSE(read_story("", "empty", "empty.toml").has_value());
    EXPECT_FALSE(read_story(std::string(300'000, '#'), "long", "long.toml").has_value());
}

TEST(Story, APlainDayHasNoStressAndNoFaults) {
    const Story plain = plain_day(*read_story(whole, "test", "test.toml"));
    for (const ToldStress& stress : *plain.world.stresses) {
        EXPECT_LE(stress.peak_loading, 0.8);
    }
    EXPECT_TRUE(plain.slow_providers.empty());
    EXPECT_TRUE(plain.world.silent_from.empty());
    EXPECT_EQ(plain.name, "none");
    EXPECT_TRUE(check(plain.world).has_value());
}

TEST(Story, TheOneOfTheRunIsBuiltInAndSound) {
    const auto text = built_in_story("cold_thursday");
    ASSERT_TRUE(text.has_value());
    std::ifstream file(std::string(HEADROOM_SOURCE_DIR) + "/data/stories/cold_thursday.toml",
                       std::ios::binary);
    std::ostringstream written;
    written << file.rdbuf();
    EXPECT_EQ(*text, written.str());
    const Result<Story> story = read_story(*text, "cold_thursday", "cold_thursday.toml");
    ASSERT_TRUE(story.has_value()) << story.error().message;
    EXPECT_EQ(story->title, "A cold Thursday");
    EXPECT_EQ(story->world.seed, 7U);
    EXPECT_FALSE(built_in_story("warm_friday").has_value());
}

}  // namespace
}  // namespace headroom::sim
