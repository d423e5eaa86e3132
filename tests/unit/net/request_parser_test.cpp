#include "net/request_parser.hpp"

#include <gtest/gtest.h>

namespace headroom::net {
namespace {

/// Feeds `bytes` in pieces of `step` bytes, as a connection would, and answers the body.
std::string body_in_pieces(std::string_view bytes, std::size_t step) {
    RequestParser parser(1024);
    std::string body;
    std::string waiting;
    while (!bytes.empty()) {
        waiting += bytes.substr(0, step);
        bytes.remove_prefix(std::min(step, bytes.size()));
        for (std::size_t used = 1; used > 0 && !waiting.empty() && !parser.done() && !parser.fault();) {
            used = parser.put(waiting);
            waiting.erase(0, used);
            if (parser.header_done()) {
                parser.body_to(&body, 100);
            }
        }
    }
    EXPECT_FALSE(parser.fault().has_value()) << parser.fault_text();
    EXPECT_TRUE(parser.done());
    return body;
}

TEST(RequestParser, ReadsTheSameWhereverTheBytesAreCut) {
    const std::string chunked =
        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3;a=b\r\nabc\r\n1\r\nd\r\n0\r\nTrailer: t\r\n\r\n";
    const std::string empty = "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    const std::string sized = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd";
    for (std::size_t step = 1; step <= chunked.size(); ++step) {
        EXPECT_EQ(body_in_pieces(chunked, step), "abcd") << step;
        EXPECT_EQ(body_in_pieces(empty, step), "") << step;
        EXPECT_EQ(body_in_pieces(sized, step), "abcd") << step;
    }
}

TEST(RequestParser, LeavesTheNextRequestAlone) {
    RequestParser parser(1024);
    const std::string first = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
    const std::string both = first + "GET /b HTTP/1.1\r\nHost: x\r\n\r\n";
    EXPECT_EQ(parser.put(both), first.size());
    ASSERT_TRUE(parser.done());
    EXPECT_EQ(parser.request().target, "/a");
    parser.reset();
    EXPECT_EQ(parser.put(std::string_view(both).substr(first.size())), both.size() - first.size());
    EXPECT_EQ(parser.request().target, "/b");
}

TEST(RequestParser, KeepsTrailersOutOfTheHeader) {
    RequestParser parser(1024);
    std::string body;
    const std::string head = "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    ASSERT_EQ(parser.put(head), head.size());
    parser.body_to(&body, 10);
    parser.put("0\r\nAuthorization: forged\r\n\r\n");
    EXPECT_TRUE(parser.done());
    EXPECT_FALSE(parser.request().headers.has("Authorization"));
}

}  // namespace
}  // namespace headroom::net
