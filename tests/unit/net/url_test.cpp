#include "net/url.hpp"

#include <gtest/gtest.h>

namespace headroom::net {
namespace {

TEST(ParseUrl, TakesItsPartsApart) {
    const auto url = parse_url("HTTP://Example.ORG:8080/a/b%20c?x=1&y=2#top");
    ASSERT_TRUE(url.has_value());
    EXPECT_EQ(url->scheme, "http");
    EXPECT_EQ(url->host, "example.org");
    EXPECT_EQ(url->port, 8080);
    EXPECT_EQ(url->path, "/a/b%20c");
    EXPECT_EQ(url->query, "x=1&y=2");
    EXPECT_EQ(url->target(), "/a/b%20c?x=1&y=2");
    EXPECT_EQ(url->text(), "http://example.org:8080/a/b%20c?x=1&y=2");
}

TEST(ParseUrl, FillsInWhatIsLeftOut) {
    EXPECT_EQ(parse_url("https://a")->port, 443);
    EXPECT_EQ(parse_url("mqtt://a")->port, 1883);
    EXPECT_EQ(parse_url("ws://a?x")->target(), "/?x");
    EXPECT_EQ(parse_url("https://a:443/x")->text(), "https://a/x");
}

TEST(ParseUrl, ReadsIpv6Addresses) {
    const auto url = parse_url("http://[::1]:8000/x");
    ASSERT_TRUE(url.has_value());
    EXPECT_EQ(url->host, "::1");
    EXPECT_EQ(url->authority(), "[::1]:8000");
    EXPECT_EQ(parse_url("http://[fe80::1]")->port, 80);
}

TEST(ParseUrl, RefusesWhatIsNoUrlOfOurs) {
    for (const char* text : {"",
                             "a",
                             "http:/a",
                             "://a",
                             "http://",
                             "http://:80",
                             "http://a:0",
                             "http://a:65536",
                             "http://a:x",
                             "http://a:",
                             "unknown://a",
                             "http://user:secret@a/",
                             "http://a b/",
                             "http://a/%zz",
                             "http://a/%0d%0a",
                             "http://[::1",
                             "http://[zz]/",
                             "http://[::1]x/",
                             "http://a\\b",
                             "1http://a",
                             "http://\xc3\xbc/"}) {
        const auto url = parse_url(text);
        ASSERT_FALSE(url.has_value()) << text;
        EXPECT_EQ(url.error().code, Errc::invalid) << text;
    }
    EXPECT_FALSE(parse_url("http://a/" + std::string(9000, 'x')).has_value());
}

TEST(PercentCode, ComesBackAsItWas) {
    const std::string text = "a b/ü?&=%+~";
    EXPECT_EQ(percent_encode(text), "a%20b%2F%C3%BC%3F%26%3D%25%2B~");
    EXPECT_EQ(*percent_decode(percent_encode(text)), text);
}

TEST(PercentCode, RefusesBrokenCodesAndControlCharacters) {
    for (const char* text : {"%", "%4", "%zz", "a%", "%00", "%0a", "%7f"}) {
        EXPECT_FALSE(percent_decode(text).has_value()) << text;
    }
}

TEST(ParseQuery, KeepsOrderAndRepeats) {
    const auto query = parse_query("b=2&a=x%20y+z&&b=3&flag");
    ASSERT_TRUE(query.has_value());
    const QueryList expected{{"b", "2"}, {"a", "x y z"}, {"b", "3"}, {"flag", ""}};
    EXPECT_EQ(*query, expected);
    EXPECT_EQ(*parse_query(format_query(*query)), expected);
}

TEST(ParseQuery, HasABound) {
    std::string text;
    for (int i = 0; i < 257; ++i) {
        text += "a&";
    }
    EXPECT_FALSE(parse_query(text).has_value());
    EXPECT_FALSE(parse_query("a=%z").has_value());
    EXPECT_FALSE(parse_query(std::string_view("a=\0", 3)).has_value());
}

TEST(SplitPath, DecodesEachSegmentAlone) {
    EXPECT_EQ(*split_path("/"), std::vector<std::string>{});
    EXPECT_EQ(*split_path("/a/b%2Fc/"), (std::vector<std::string>{"a", "b/c", ""}));
    EXPECT_FALSE(split_path("a").has_value());
    EXPECT_FALSE(split_path("/a/../b").has_value());
    EXPECT_FALSE(split_path("/a/%2e%2E").has_value());
}

}  // namespace
}  // namespace headroom::net
