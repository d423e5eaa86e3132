#include "agents/sources/topic_template.hpp"

#include <gtest/gtest.h>

namespace headroom::agents {
namespace {

TopicTemplate parsed(std::string_view text) {
    Result<TopicTemplate> result = TopicTemplate::parse(text);
    HEADROOM_ASSERT(result.has_value());
    return *result;
}

TEST(TopicTemplate, NamesFeederAndPhase) {
    const TopicTemplate topic = parsed("readings/{feeder}/{phase}");

    EXPECT_EQ(topic.filter(), "readings/+/+");
    const auto names = topic.match("readings/F-017/L2");
    ASSERT_TRUE(names.has_value());
    EXPECT_EQ(names->feeder, "F-017");
    EXPECT_EQ(names->phase, grid::Phase::l2);
    EXPECT_EQ(*topic.topic_of("F-017", grid::Phase::l2), "readings/F-017/L2");
}

TEST(TopicTemplate, WithoutAFeederThePayloadNamesIt) {
    const TopicTemplate topic = parsed("headroom/v1/readings/#");

    EXPECT_EQ(topic.filter(), "headroom/v1/readings/#");
    EXPECT_TRUE(topic.match("headroom/v1/readings/north/7").has_value());
    EXPECT_TRUE(topic.match("headroom/v1/readings").has_value());
    EXPECT_TRUE(topic.match("headroom/v1/readings/north")->feeder.empty());
    EXPECT_EQ(topic.topic_of("F-1", grid::Phase::sum).error().code, Errc::invalid);
}

TEST(TopicTemplate, WhatDoesNotFitSaysNothing) {
    const TopicTemplate topic = parsed("readings/{feeder}/{phase}");

    for (const char* other : {"readings/F-017", "readings/F-017/L2/more", "other/F-017/L2", "readings//L2",
                              "readings/F 017/L2", "readings/F-017/L9", "readings/F-017/", ""}) {
        EXPECT_FALSE(topic.match(other).has_value()) << other;
    }
}

TEST(TopicTemplate, ALevelMayBeAnything) {
    const auto names = parsed("+/{feeder}/kw").match("north/F-1/kw");
    ASSERT_TRUE(names.has_value());
    EXPECT_EQ(names->feeder, "F-1");
    EXPECT_EQ(names->phase, grid::Phase::sum);
}

TEST(TopicTemplate, RefusesWhatCannotWork) {
    for (const char* wrong :
         {"", "a/#/b", "a/{feeder}x", "a/{what}", "a/b+", "{feeder}/{feeder}", "a/{phase}"}) {
        EXPECT_EQ(TopicTemplate::parse(wrong).has_value(), false) << wrong;
    }
}

}  // namespace
}  // namespace headroom::agents
