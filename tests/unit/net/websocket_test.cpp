#include "net/websocket.hpp"

#include "net/http_server.hpp"
#include "net/websocket_client.hpp"
#include "unit/net/support.hpp"

#include <gtest/gtest.h>

namespace headroom::net {
namespace {

using testing::IoThread;
using testing::RawClient;
using testing::TestServer;
using Opened = Result<std::shared_ptr<WebSocket>>;

/// Sends back what comes, until the peer goes.
Awaitable<void> echo_messages(Request, std::shared_ptr<WebSocket> socket) {
    while (true) {
        auto message = co_await socket->read();
        if (!message) {
            break;
        }
        const auto sent = co_await socket->send(std::move(*message));
        if (!sent) {
            break;
        }
    }
}

void set_echo(HttpServer& server) {
    server.websocket("/ws/{id}", echo_messages, {.protocols = {"ocpp2.0.1", "ocpp1.6"}});
}

Opened open(TestServer& server, const std::string& path = "/ws/1", WebSocketClientOptions options = {}) {
    return server.io().await(connect_websocket(server.url(path, "ws"), std::move(options)));
}

std::string upgrade(const std::string& path, const std::string& more = {}) {
    return "GET " + path +
           " HTTP/1.1\r\nHost: here:1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
           more + "\r\n";
}

TEST(WebSocket, CarriesMessagesBothWaysInOrder) {
    TestServer server(set_echo);
    auto socket = open(server);
    ASSERT_TRUE(socket.has_value()) << socket.error().message;
    for (int i = 0; i < 200; ++i) {
        server.io().call([&] { ASSERT_TRUE((*socket)->post("n" + std::to_string(i))); });
    }
    for (int i = 0; i < 200; ++i) {
        const auto message = server.io().await((*socket)->read());
        ASSERT_TRUE(message.has_value());
        ASSERT_EQ(*message, "n" + std::to_string(i));
    }
    server.io().call([&] { socket->reset(); });
}

TEST(WebSocket, AgreesOnASubprotocol) {
    TestServer server(set_echo);
    auto socket = open(server, "/ws/1", {.protocols = {"ocpp1.6", "soap"}});
    ASSERT_TRUE(socket.has_value());
    EXPECT_EQ((*socket)->protocol(), "ocpp1.6");
    EXPECT_EQ((*socket)->remote_address(), "127.0.0.1");
    server.io().call([&] { socket->reset(); });
}

TEST(WebSocket, AnswersTheHandshakeOfTheStandardsExample) {
    TestServer server(set_echo);
    RawClient client(server.port());
    ASSERT_TRUE(client.send(upgrade("/ws/1")));
    const auto response = client.read_response();
    EXPECT_EQ(response.status, 101);
    EXPECT_EQ(response.header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");  // RFC 6455 §1.3
}

TEST(WebSocket, ClosesOnAMessageBeyondTheLimit) {
    TestServer server(
        [](HttpServer& s) { s.websocket("/ws", echo_messages, {.websocket = {.message_bytes = 1000}}); });
    auto socket = open(server, "/ws");
    ASSERT_TRUE(socket.has_value());
    ASSERT_TRUE(server.io().await((*socket)->send(std::string(1000, 'x'))).has_value());
    EXPECT_EQ(server.io().await((*socket)->read())->size(), 1000U);
    ASSERT_TRUE(server.io().await((*socket)->send(std::string(1001, 'x'))).has_value());
    const auto ended = server.io().await((*socket)->read());
    ASSERT_FALSE(ended.has_value());
    EXPECT_EQ(ended.error().code, Errc::unavailable);
    EXPECT_NE(ended.error().message.find("1009"), std::string::npos) << ended.error().message;
    server.io().call([&] { socket->reset(); });
}

TEST(WebSocket, TellsTheOtherSideThatItCloses) {
    std::promise<std::string> why;
    TestServer server([&](HttpServer& s) {
        s.websocket("/ws", [&why](Request, std::shared_ptr<WebSocket> socket) -> Awaitable<void> {
            const auto message = co_await socket->read();
            why.set_value(message ? *message : message.error().message);
        });
    });
    auto socket = open(server, "/ws");
    ASSERT_TRUE(socket.has_value());
    server.io().call([&] { (*socket)->close(4001, "enough"); });
    EXPECT_EQ(why.get_future().get(), "WebSocket is closed: the peer said goodbye with code 4001, enough");
    EXPECT_FALSE(server.io().await((*socket)->read()).has_value());
    EXPECT_FALSE(server.io().await((*socket)->send("late")).has_value());
}

TEST(WebSocket, IsClosedWhenItsHandlerReturnsAfterWhatItSent) {
    TestServer server([](HttpServer& s) {
        s.websocket("/ws", [](Request request, std::shared_ptr<WebSocket> socket) -> Awaitable<void> {
            socket->post("hello " + request.parameter("name").value_or("nobody"));
            co_return;
        });
    });
    auto socket = open(server, "/ws?name=x");
    ASSERT_TRUE(socket.has_value());
    EXPECT_EQ(*server.io().await((*socket)->read()), "hello x");
    const auto ended = server.io().await((*socket)->read());
    ASSERT_FALSE(ended.has_value());
    EXPECT_NE(ended.error().message.find("1000"), std::string::npos) << ended.error().message;
}

TEST(WebSocket, CutsOffAPeerThatDoesNotRead) {
    std::promise<std::size_t> sent;
    TestServer server([&](HttpServer& s) {
        s.websocket("/ws", [&sent](Request, std::shared_ptr<WebSocket> socket) -> Awaitable<void> {
            std::size_t count = 0;
            while (socket->post(std::string(100'000, 'x'))) {
                ++count;
                co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
            }
            sent.set_value(count);
        });
    });
    RawClient client(server.port());
    ASSERT_TRUE(client.send(upgrade("/ws")));
    EXPECT_LT(sent.get_future().get(), 1000U);
}

TEST(WebSocket, NoticesASilentPeer) {
    std::promise<std::string> why;
    TestServer server([&](HttpServer& s) {
        s.websocket("/ws",
                    [&why](Request, std::shared_ptr<WebSocket> socket) -> Awaitable<void> {
                        const auto message = co_await socket->read();
                        why.set_value(message ? *message : message.error().message);
                    },
                    {.websocket = {.idle_timeout = milliseconds{100}}});
    });
    RawClient client(server.port());  // answers no ping
    ASSERT_TRUE(client.send(upgrade("/ws")));
    EXPECT_EQ(why.get_future().get(), "WebSocket is closed: the peer was silent");
}

TEST(WebSocket, LetsOnlyPagesOfTheSameHostIn) {
    TestServer server(set_echo);
    const auto status_for = [&](const std::string& origin) {
        RawClient client(server.port());
        client.send(upgrade("/ws/1", "Origin: " + origin + "\r\n"));
        return client.read_response().status;
    };
    EXPECT_EQ(status_for("http://here:1"), 101);
    EXPECT_EQ(status_for("http://elsewhere"), 403);
    EXPECT_EQ(status_for("null"), 403);
    server.io().call([&] {
        server.server().allow_origin(
            [](std::string_view origin, const Request&) { return origin == "http://elsewhere"; });
    });
    EXPECT_EQ(status_for("http://elsewhere"), 101);
}

TEST(WebSocket, AsksForAnUpgradeWhenThereIsNone) {
    TestServer server(set_echo);
    RawClient client(server.port());
    const auto response = client.get("/ws/1");
    EXPECT_EQ(response.status, 426);
    EXPECT_EQ(response.header("Upgrade"), "websocket");
}

TEST(WebSocket, SaysGoodbyeWhenTheServerDrains) {
    TestServer server(set_echo);
    auto socket = open(server);
    ASSERT_TRUE(socket.has_value());
    server.io().await(server.server().drain(seconds{5}));
    const auto ended = server.io().await((*socket)->read());
    ASSERT_FALSE(ended.has_value());
    EXPECT_NE(ended.error().message.find("1001"), std::string::npos) << ended.error().message;
}

TEST(WebSocketClient, TellsWhyItIsNotOpen) {
    TestServer server([](HttpServer& s) {
        set_echo(s);
        s.route("GET", "/plain", [](Request) -> Awaitable<Response> { co_return text_response(200, ""); });
    });
    EXPECT_EQ(open(server, "/plain").error().code, Errc::denied);
    const auto missing = open(server, "/nowhere");
    EXPECT_EQ(missing.error().code, Errc::denied);
    EXPECT_NE(missing.error().message.find("404"), std::string::npos);
    IoThread io;
    EXPECT_EQ(io.await(connect_websocket("wss://127.0.0.1/x")).error().code, Errc::unsupported);
    EXPECT_EQ(io.await(connect_websocket("nonsense")).error().code, Errc::invalid);
    std::uint16_t closed = 0;
    {
        TestServer gone(set_echo);
        closed = gone.port();
    }
    EXPECT_EQ(io.await(connect_websocket("ws://127.0.0.1:" + std::to_string(closed) + "/x")).error().code,
              Errc::unavailable);
}

TEST(WebSocketClient, GivesUpOnAPeerThatNeverAnswersTheHandshake) {
    TestServer server([](HttpServer& s) {
        s.stream("GET", "/mute", [](Request, StreamWriter& writer) -> Awaitable<void> {
            asio::steady_timer closed(co_await asio::this_coro::executor, SteadyTime::max());
            writer.on_close([&closed] { closed.cancel(); });
            while (!writer.closed()) {
                co_await closed.async_wait(asio::as_tuple(asio::use_awaitable));
            }
        });
    });
    WebSocketClientOptions hasty;
    hasty.limits.handshake_timeout = milliseconds{50};
    EXPECT_EQ(open(server, "/mute", hasty).error().code, Errc::timeout);
}

}  // namespace
}  // namespace headroom::net
