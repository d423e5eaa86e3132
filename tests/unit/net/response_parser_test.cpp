#include "net/response_parser.hpp"

#include <gtest/gtest.h>

#include <string>

namespace headroom::net {
namespace {

using State = ResponseParser::State;

/// Puts `text` in pieces of `step` bytes, keeping what was not used.
State parse(ResponseParser& parser, const std::string& text, std::size_t step, std::size_t body_max = 100,
            bool is_head = false) {
    parser.begin(body_max, is_head);
    std::string waiting;
    for (std::size_t at = 0; at < text.size() && parser.state() == State::open; at += step) {
        waiting += text.substr(at, step);
        waiting.erase(0, parser.put(waiting));
    }
    return parser.state();
}

TEST(ResponseParser, ReadsAnAnswerHoweverItIsCut) {
    const std::string text = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";
    ResponseParser parser;
    for (std::size_t step = 1; step <= text.size(); ++step) {
        ASSERT_EQ(parse(parser, text, step), State::whole) << step;
        EXPECT_EQ(parser.response().status, 200);
        EXPECT_EQ(parser.response().body, "hello");
        EXPECT_EQ(parser.response().headers.get("content-type"), "text/plain");
        EXPECT_TRUE(parser.keep_alive());
    }
}

TEST(ResponseParser, ReadsChunksAndSkipsInterimAnswers) {
    const std::string text =
        "HTTP/1.1 100 Continue\r\n\r\n"
        "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    ResponseParser parser;
    for (std::size_t step = 1; step <= text.size(); ++step) {
        ASSERT_EQ(parse(parser, text, step), State::whole) << step;
        EXPECT_EQ(parser.response().status, 404);
        EXPECT_EQ(parser.response().body, "abcde");
        EXPECT_FALSE(parser.keep_alive());
    }
}

TEST(ResponseParser, LeavesWhatStandsBehindTheAnswer) {
    const std::string text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    ResponseParser parser;
    parser.begin(100, false);
    EXPECT_EQ(parser.put(text + "HTTP/1.1 500"), text.size());
    EXPECT_EQ(parser.state(), State::whole);
}

TEST(ResponseParser, KnowsThatAnAnswerToHeadHasNoBody) {
    ResponseParser parser;
    EXPECT_EQ(parse(parser, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n", 7, 100, true), State::whole);
}

TEST(ResponseParser, EndsABodyWithoutLengthWhenThePeerDoes) {
    ResponseParser parser;
    EXPECT_EQ(parse(parser, "HTTP/1.1 200 OK\r\n\r\nall of it", 100), State::open);
    parser.put_end();
    EXPECT_EQ(parser.state(), State::whole);
    EXPECT_EQ(parser.response().body, "all of it");
    EXPECT_FALSE(parser.keep_alive());
}

TEST(ResponseParser, RefusesWhatIsTooLongBrokenOffOrNoHttp) {
    ResponseParser parser;
    EXPECT_EQ(parse(parser, "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", 100), State::too_long);
    EXPECT_EQ(parse(parser, "HTTP/1.1 200 OK\r\n\r\n" + std::string(101, 'x'), 30), State::too_long);
    EXPECT_EQ(parse(parser, "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x'), 1000), State::too_long);
    EXPECT_EQ(parse(parser, "SSH-2.0-OpenSSH_9.2\r\n\r\n", 100), State::malformed);
    EXPECT_EQ(parse(parser, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", 100), State::open);
    parser.put_end();
    EXPECT_EQ(parser.state(), State::malformed);
}

TEST(ResponseParser, TellsWhetherAnythingWasAnswered) {
    ResponseParser parser;
    parser.begin(100, false);
    EXPECT_FALSE(parser.has_begun());
    EXPECT_EQ(parser.put(""), 0U);
    EXPECT_FALSE(parser.has_begun());
    parser.put("H");
    EXPECT_TRUE(parser.has_begun());
}

}  // namespace
}  // namespace headroom::net
