#include "net/http_server.hpp"
#include "unit/net/support.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace headroom::net {
namespace {

using testing::RawClient;
using testing::RawResponse;
using testing::TestServer;

std::uint64_t peak_memory_kib() {
    std::ifstream status("/proc/self/status");
    std::string line;
    while (std::getline(status, line)) {
        if (line.starts_with("VmHWM:")) {
            return std::stoull(line.substr(6));
        }
    }
    return 0;
}

/// Counts lines and bytes of a body of any length.
Awaitable<Response> count_lines(Request, BodyReader& body) {
    std::uint64_t lines = 0;
    std::uint64_t bytes = 0;
    while (true) {
        const auto piece = co_await body.read_some();
        if (!piece) {
            co_return problem_of(piece.error());
        }
        if (piece->empty()) {
            break;
        }
        bytes += piece->size();
        lines += static_cast<std::uint64_t>(std::count(piece->begin(), piece->end(), '\n'));
    }
    co_return text_response(200, std::to_string(lines) + " lines, " + std::to_string(bytes) + " bytes");
}

TEST(Upload, ReadsAHundredMegabytesInBoundedMemory) {
    TestServer server([](HttpServer& s) { s.upload("POST", "/lines", count_lines); });
    std::string block;
    while (block.size() < 1024UL * 1024) {
        block += std::string(63, 'x') + "\n";
    }
    RawClient client(server.port());
    ASSERT_TRUE(client.send("POST /lines HTTP/1.1\r\nHost: here\r\nContent-Length: 104857600\r\n\r\n"));
    const std::uint64_t before_kib = peak_memory_kib();
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(client.send(block));
    }
    EXPECT_EQ(client.read_response().body, "1638400 lines, 104857600 bytes");
    // A few megabytes in truth; sanitizers keep freed memory for a while.
    EXPECT_LT(peak_memory_kib() - before_kib, 64U * 1024);
    ASSERT_TRUE(client.send("POST /lines HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\na\n"));
    EXPECT_EQ(client.read_response().body, "1 lines, 2 bytes");
}

TEST(Upload, ReadsChunkedBodies) {
    TestServer server([](HttpServer& s) { s.upload("POST", "/lines", count_lines); });
    RawClient client(server.port());
    ASSERT_TRUE(
        client.send("POST /lines HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n"
                    "Expect: 100-continue\r\n\r\n"));
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    ASSERT_TRUE(client.send("4\r\na\nb\n\r\n1\r\n\n\r\n0\r\n\r\n"));
    EXPECT_EQ(client.read_response().body, "3 lines, 5 bytes");
}

TEST(Upload, StopsAtTheRoutesLimit) {
    TestServer server([](HttpServer& s) { s.upload("POST", "/lines", count_lines, {.max_body = 4}); });
    RawClient declared(server.port());
    ASSERT_TRUE(declared.send("POST /lines HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\nabcde"));
    EXPECT_EQ(declared.read_response().status, 413);
    RawClient chunked(server.port());
    ASSERT_TRUE(
        chunked.send("POST /lines HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "5\r\nabcde\r\n0\r\n\r\n"));
    EXPECT_EQ(chunked.read_response().status, 422);
}

TEST(Upload, TellsTheHandlerWhenThePeerStalls) {
    TestServer server([](HttpServer& s) { s.upload("POST", "/lines", count_lines); },
                      {.body_timeout = milliseconds{60}});
    RawClient client(server.port());
    ASSERT_TRUE(client.send("POST /lines HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\nab"));
    EXPECT_EQ(client.read_response().status, 504);
}

TEST(Upload, ClosesWhenTheHandlerLeavesTheBodyUnread) {
    TestServer server([](HttpServer& s) {
        s.upload("POST", "/no", [](Request, BodyReader& body) -> Awaitable<Response> {
            co_return text_response(200, std::to_string(body.length().value_or(0)));
        });
    });
    RawClient client(server.port());
    ASSERT_TRUE(client.send("POST /no HTTP/1.1\r\nHost: here\r\nContent-Length: 50000000\r\n\r\nab"));
    const RawResponse response = client.read_response();
    EXPECT_EQ(response.body, "50000000");
    EXPECT_EQ(response.header("Connection"), "close");
}

Awaitable<void> three_events(Request, StreamWriter& writer) {
    Response head{.status = 200, .content_type = "text/event-stream", .body = {}, .headers = {}};
    auto started = co_await writer.start(std::move(head));
    for (int i = 1; started && i <= 3; ++i) {
        std::string event = sse_event("n" + std::to_string(i));
        started = co_await writer.write(std::move(event));
    }
}

TEST(Stream, SendsEventsInChunks) {
    TestServer server([](HttpServer& s) { s.stream("GET", "/events", three_events); });
    RawClient client(server.port());
    ASSERT_TRUE(client.send("GET /events HTTP/1.1\r\nHost: here\r\n\r\n"));
    const RawResponse head = client.read_response();
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("Transfer-Encoding"), "chunked");
    EXPECT_EQ(head.header("Content-Type"), "text/event-stream");
    EXPECT_EQ(client.read_to_end(),
              "a\r\ndata: n1\n\n\r\na\r\ndata: n2\n\n\r\na\r\ndata: n3\n\n\r\n0\r\n\r\n");
}

TEST(Stream, EndsWithTheConnectionForHttp10) {
    TestServer server([](HttpServer& s) { s.stream("GET", "/events", three_events); });
    RawClient client(server.port());
    ASSERT_TRUE(client.send("GET /events HTTP/1.0\r\n\r\n"));
    EXPECT_EQ(client.read_response().header("Transfer-Encoding"), "");
    EXPECT_EQ(client.read_to_end(), "data: n1\n\ndata: n2\n\ndata: n3\n\n");
}

TEST(Stream, CanAnswerInOnePieceAndKeepTheConnection) {
    TestServer server([](HttpServer& s) {
        s.stream("POST", "/maybe", [](Request request, StreamWriter& writer) -> Awaitable<void> {
            Response response = text_response(200, "got " + request.body);
            EXPECT_TRUE((co_await writer.respond(std::move(response))).has_value());
        });
    });
    RawClient client(server.port());
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(client.send("POST /maybe HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\nab"));
        EXPECT_EQ(client.read_response().body, "got ab");
    }
    ASSERT_TRUE(client.send("HEAD /maybe HTTP/1.1\r\nHost: here\r\n\r\n"));
    EXPECT_EQ(client.read_response(true).status, 405);
}

/// Waits until the stream is closed, then tells `ended`.
StreamHandler wait_for_close(std::promise<std::string>& ended) {
    return [&ended](Request, StreamWriter& writer) -> Awaitable<void> {
        Response head{
            .status = 200, .content_type = "text/event-stream", .body = sse_comment(), .headers = {}};
        EXPECT_TRUE((co_await writer.start(std::move(head))).has_value());
        asio::steady_timer closed(co_await asio::this_coro::executor, SteadyTime::max());
        writer.on_close([&closed] { closed.cancel(); });
        while (!writer.closed()) {
            co_await closed.async_wait(asio::as_tuple(asio::use_awaitable));
        }
        const auto written = co_await writer.write("more");
        ended.set_value(written ? "written" : std::string(to_string(written.error().code)));
    };
}

TEST(Stream, WakesItsHandlerWhenThePeerGoesAway) {
    std::promise<std::string> ended;
    TestServer server([&](HttpServer& s) { s.stream("GET", "/events", wait_for_close(ended)); });
    {
        RawClient client(server.port());
        ASSERT_TRUE(client.send("GET /events HTTP/1.1\r\nHost: here\r\n\r\n"));
        client.read_until(":");
    }
    EXPECT_EQ(ended.get_future().get(), "unavailable");
}

TEST(Stream, WakesItsHandlerWhenTheServerDrains) {
    std::promise<std::string> ended;
    TestServer server([&](HttpServer& s) { s.stream("GET", "/events", wait_for_close(ended)); });
    RawClient client(server.port());
    ASSERT_TRUE(client.send("GET /events HTTP/1.1\r\nHost: here\r\n\r\n"));
    client.read_until("\n\n");
    server.io().await(server.server().drain(seconds{10}));
    EXPECT_EQ(ended.get_future().get(), "unavailable");
}

TEST(Stream, GivesUpOnAReaderThatTakesNothing) {
    std::promise<std::size_t> ended;
    TestServer server(
        [&](HttpServer& s) {
            s.stream("GET", "/flood", [&ended](Request, StreamWriter& writer) -> Awaitable<void> {
                Response head = text_response(200, "");
                EXPECT_TRUE((co_await writer.start(std::move(head))).has_value());
                std::size_t written = 0;
                while (true) {
                    std::string block(1024UL * 1024, 'x');
                    const auto sent = co_await writer.write(std::move(block));
                    if (!sent) {
                        break;
                    }
                    ++written;
                }
                ended.set_value(written);
            });
        },
        {.write_timeout = milliseconds{60}});
    RawClient client(server.port());
    ASSERT_TRUE(client.send("GET /flood HTTP/1.1\r\nHost: here\r\n\r\n"));
    EXPECT_LT(ended.get_future().get(), 64U);
}

}  // namespace
}  // namespace headroom::net
