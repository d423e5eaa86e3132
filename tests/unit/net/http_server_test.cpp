#include "net/http_server.hpp"

#include "core/json.hpp"
#include "unit/net/support.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>

namespace headroom::net {
namespace {

using testing::RawClient;
using testing::RawResponse;
using testing::TestServer;

Awaitable<Response> hello(Request) {
    co_return text_response(200, "hello");
}

Awaitable<Response> echo_body(Request request) {
    co_return text_response(200, request.body);
}

void set_hello_and_echo(HttpServer& server) {
    server.route("GET", "/hello", hello);
    server.route("POST", "/echo", echo_body);
}

std::string post(const std::string& path, const std::string& body, const std::string& more = {}) {
    return "POST " + path + " HTTP/1.1\r\nHost: here\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n" + more + "\r\n" + body;
}

TEST(HttpServer, AnswersManyRequestsOnOneConnection) {
    TestServer server(set_hello_and_echo);
    RawClient client(server.port());
    for (int i = 0; i < 100; ++i) {
        const RawResponse response = client.get("/hello");
        ASSERT_EQ(response.status, 200);
        ASSERT_EQ(response.body, "hello");
    }
    EXPECT_EQ(server.io().call([&] { return server.server().connections(); }), 1U);
}

TEST(HttpServer, AnswersPipelinedRequestsInTheirOrder) {
    TestServer server(set_hello_and_echo);
    RawClient client(server.port());
    std::string burst;
    for (int i = 0; i < 500; ++i) {
        burst += post("/echo", "n" + std::to_string(i));
    }
    ASSERT_TRUE(client.send(burst));
    for (int i = 0; i < 500; ++i) {
        ASSERT_EQ(client.read_response().body, "n" + std::to_string(i));
    }
}

TEST(HttpServer, ReadsARequestThatArrivesByteByByte) {
    TestServer server(set_hello_and_echo);
    RawClient client(server.port());
    for (const char c : post("/echo", "slow")) {
        ASSERT_TRUE(client.send({&c, 1}));
    }
    EXPECT_EQ(client.read_response().body, "slow");
}

TEST(HttpServer, PutsNosniffAndReferrerPolicyOnEveryAnswer) {
    TestServer server(set_hello_and_echo);
    RawClient client(server.port());
    for (const char* path : {"/hello", "/nowhere"}) {
        const RawResponse response = client.get(path);
        EXPECT_EQ(response.header("X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(response.header("Referrer-Policy"), "no-referrer");
        EXPECT_EQ(response.header("Date").size(), 29U);
    }
}

TEST(HttpServer, AnswersHeadFromGetWithoutABody) {
    TestServer server(set_hello_and_echo);
    RawClient client(server.port());
    ASSERT_TRUE(client.send("HEAD /hello HTTP/1.1\r\nHost: here\r\n\r\n"));
    const RawResponse response = client.read_response(true);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.header("Content-Length"), "5");
    EXPECT_EQ(client.get("/hello").body, "hello");  // nothing of the first body came in between
}

TEST(HttpServer, RefusesUnknownPathsWithAProblemDocument) {
    TestServer server(set_hello_and_echo);
    RawClient client(server.port());
    const RawResponse response = client.get("/nowhere?x=1");
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.header("Content-Type"), "application/problem+json");
    const auto body = json::parse(response.body);
    ASSERT_TRUE(body.has_value());
    EXPECT_EQ(body->text("/type"), "about:blank");
    EXPECT_EQ(body->text("/title"), "Not Found");
    EXPECT_EQ(body->integer("/status"), 404);
    EXPECT_EQ(body->text("/instance"), "/nowhere");
    EXPECT_FALSE(body->text("/detail").empty());
}

TEST(HttpServer, NamesTheAllowedMethodsOfAPath) {
    TestServer server(set_hello_and_echo);
    RawClient client(server.port());
    ASSERT_TRUE(client.send("DELETE /hello HTTP/1.1\r\nHost: here\r\n\r\n"));
    const RawResponse refused = client.read_response();
    EXPECT_EQ(refused.status, 405);
    EXPECT_EQ(refused.header("Allow"), "GET, HEAD, OPTIONS");
    ASSERT_TRUE(client.send("OPTIONS /echo HTTP/1.1\r\nHost: here\r\n\r\n"));
    const RawResponse options = client.read_response();
    EXPECT_EQ(options.status, 204);
    EXPECT_EQ(options.header("Allow"), "POST, OPTIONS");
}

TEST(HttpServer, HandsDecodedParametersToTheHandler) {
    TestServer server([](HttpServer& s) {
        s.route("GET", "/feeders/{id}/days/{day}", [](Request request) -> Awaitable<Response> {
            co_return text_response(200, request.path_parameter("id") + "|" + request.path_parameter("day") +
                                             "|" + request.parameter("unit").value_or("none"));
        });
    });
    RawClient client(server.port());
    EXPECT_EQ(client.get("/feeders/F%20017/days/2026-11-20?unit=k%57&x").body, "F 017|2026-11-20|kW");
}

TEST(HttpServer, RefusesMalformedRequests) {
    TestServer server(set_hello_and_echo);
    const std::vector<std::pair<std::string, int>> cases{
        {"nonsense\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\r\n\r\n", 400},                        // no Host
        {"GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},  // two
        {"GET /hello HTTP/2.0\r\nHost: a\r\n\r\n", 505},
        {"GET /a/../hello HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /hello?a=%0g HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzzzz\r\n", 400},
    };
    for (const auto& [bytes, status] : cases) {
        RawClient client(server.port());
        ASSERT_TRUE(client.send(bytes));
        EXPECT_EQ(client.read_response().status, status) << bytes;
    }
    RawClient client(server.port());
    EXPECT_EQ(client.get("/hello").status, 200);
}

TEST(HttpServer, RefusesAHeaderBeyondItsLimit) {
    TestServer server(set_hello_and_echo, {.header_bytes = 1024});
    RawClient client(server.port());
    ASSERT_TRUE(client.send("GET /hello HTTP/1.1\r\nHost: here\r\nX-Long: " + std::string(2000, 'x')));
    EXPECT_EQ(client.read_response().status, 431);

    RawClient many(server.port());
    std::string fields;
    for (int i = 0; i < 120; ++i) {
        fields += "a:1\r\n";
    }
    ASSERT_TRUE(many.send("GET /hello HTTP/1.1\r\nHost: here\r\n" + fields + "\r\n"));
    EXPECT_EQ(many.read_response().status, 431);
}

TEST(HttpServer, TakesABodyUpToTheRoutesLimitAndNoByteMore) {
    TestServer server([](HttpServer& s) { s.route("POST", "/small", echo_body, {.max_body = 10}); });
    RawClient client(server.port());
    ASSERT_TRUE(client.send(post("/small", "0123456789")));
    EXPECT_EQ(client.read_response().body, "0123456789");
    ASSERT_TRUE(client.send(post("/small", "0123456789x")));
    EXPECT_EQ(client.read_response().status, 413);

    RawClient chunked(server.port());
    ASSERT_TRUE(
        chunked.send("POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "6\r\nabcdef\r\n6\r\nghijkl\r\n0\r\n\r\n"));
    EXPECT_EQ(chunked.read_response().status, 413);
}

TEST(HttpServer, AssemblesChunkedBodies) {
    TestServer server(set_hello_and_echo);
    RawClient client(server.port());
    ASSERT_TRUE(
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: t\r\n\r\n"));
    EXPECT_EQ(client.read_response().body, "abcde");
    EXPECT_EQ(client.get("/hello").body, "hello");
}

TEST(HttpServer, RefusesAHundredMegabytesBeforeTheyAreSent) {
    TestServer server(set_hello_and_echo);
    RawClient client(server.port());
    ASSERT_TRUE(client.send("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 104857600\r\n\r\n"));
    EXPECT_EQ(client.read_response().status, 413);
    const std::string block(1024UL * 1024, 'x');
    int sent = 0;
    while (sent < 100 && client.send(block)) {
        ++sent;
    }
    EXPECT_LT(sent, 50);  // the server hung up long before the end
}

TEST(HttpServer, TellsAPatientClientToContinue) {
    TestServer server(set_hello_and_echo);
    RawClient client(server.port());
    ASSERT_TRUE(client.send(
        "POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"));
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    ASSERT_TRUE(client.send("ok"));
    EXPECT_EQ(client.read_response().body, "ok");
}

TEST(HttpServer, RefusesOtherMediaTypesThanTheRouteDeclares) {
    TestServer server(
        [](HttpServer& s) { s.route("POST", "/json", echo_body, {.media_types = {"application/json"}}); });
    RawClient client(server.port());
    ASSERT_TRUE(client.send(post("/json", "{}", "Content-Type: Application/JSON; charset=utf-8\r\n")));
    EXPECT_EQ(client.read_response().status, 200);
    ASSERT_TRUE(client.send(post("/json", "")));  // neither body nor type: nothing to object to
    EXPECT_EQ(client.read_response().status, 200);
    ASSERT_TRUE(client.send(post("/json", "a=b", "Content-Type: application/x-www-form-urlencoded\r\n")));
    EXPECT_EQ(client.read_response().status, 415);
}

TEST(HttpServer, ClosesWhenAskedTo) {
    TestServer server(set_hello_and_echo);
    RawClient client(server.port());
    ASSERT_TRUE(client.send("GET /hello HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"));
    const RawResponse response = client.read_response();
    EXPECT_EQ(response.header("Connection"), "close");
    EXPECT_TRUE(client.closed_by_peer());

    RawClient old(server.port());
    ASSERT_TRUE(old.send("GET /hello HTTP/1.0\r\n\r\n"));
    EXPECT_EQ(old.read_response().body, "hello");
    EXPECT_TRUE(old.closed_by_peer());
}

TEST(HttpServer, GivesUpOnAHeaderThatNeverEnds) {
    TestServer server(set_hello_and_echo, {.header_timeout = milliseconds{60}});
    RawClient client(server.port());
    ASSERT_TRUE(client.send("GET /hello HTTP/1.1\r\nHost: he"));
    EXPECT_EQ(client.read_response().status, 408);
    EXPECT_TRUE(client.closed_by_peer());
}

TEST(HttpServer, GivesUpOnABodyThatNeverEnds) {
    TestServer server(set_hello_and_echo, {.body_timeout = milliseconds{60}});
    RawClient client(server.port());
    ASSERT_TRUE(client.send("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\nabc"));
    EXPECT_EQ(client.read_response().status, 408);
}

TEST(HttpServer, ClosesIdleConnectionsWithoutAWord) {
    TestServer server(set_hello_and_echo, {.idle_timeout = milliseconds{60}});
    RawClient client(server.port());
    EXPECT_EQ(client.get("/hello").status, 200);
    EXPECT_TRUE(client.closed_by_peer());
}

TEST(HttpServer, AnswersWhileTwoThousandConnectionsIdle) {
    rlimit files{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = files.rlim_max;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &files), 0);
    ASSERT_GE(files.rlim_cur, 4200U) << "raise the hard limit of open files: ulimit -Hn 8192";

    TestServer server(set_hello_and_echo);
    std::vector<RawClient> idle;
    idle.reserve(2000);
    for (int i = 0; i < 2000; ++i) {
        idle.emplace_back(server.port());
    }
    RawClient client(server.port());
    for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(client.get("/hello").status, 200);
    }
    ASSERT_EQ(idle.front().get("/hello").status, 200);
    ASSERT_EQ(idle.back().get("/hello").status, 200);
    EXPECT_EQ(server.io().call([&] { return server.server().connections(); }), 2001U);
}

TEST(HttpServer, TurnsConnectionsBeyondItsLimitAway) {
    TestServer server(set_hello_and_echo, {.connections = 2});
    RawClient first(server.port());
    RawClient second(server.port());
    ASSERT_EQ(first.get("/hello").status, 200);
    ASSERT_EQ(second.get("/hello").status, 200);
    RawClient third(server.port());
    const RawResponse refused = third.read_response();
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.header("Retry-After"), "5");
    EXPECT_TRUE(json::parse(refused.body).has_value()) << refused.body;
    EXPECT_EQ(first.get("/hello").status, 200);
}

TEST(HttpServer, LetsTheHookRefuseBeforeTheBodyIsRead) {
    TestServer server([](HttpServer& s) {
        s.route("POST", "/echo", echo_body, {.role = "operator"});
        s.before([](Request& request, const RouteInfo* route) -> std::optional<Response> {
            if (route != nullptr && route->options.role == "operator" &&
                !request.headers.has("Authorization")) {
                return problem(401, "Unauthorized", "who are you?");
            }
            request.caller = Caller{.id = "op-17",
                                    .kind = "user",
                                    .role = "operator",
                                    .ip = request.remote_address,
                                    .reason = ""};
            return std::nullopt;
        });
    });
    RawClient client(server.port());
    ASSERT_TRUE(client.send("POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 4000000\r\n\r\n"));
    EXPECT_EQ(client.read_response().status, 401);
    RawClient known(server.port());
    ASSERT_TRUE(known.send(post("/echo", "hi", "Authorization: Bearer x\r\n")));
    EXPECT_EQ(known.read_response().body, "hi");
}

TEST(HttpServer, ShowsEachAnswerToTheHooks) {
    std::vector<std::string> seen;
    TestServer server([&](HttpServer& s) {
        set_hello_and_echo(s);
        s.after([](const Request& request, Response& response) {
            response.headers.set("Access-Control-Allow-Origin", std::string(request.headers.get("Origin")));
        });
        s.observe([&seen](const RouteInfo* route, int status, double elapsed_s) {
            EXPECT_GE(elapsed_s, 0.0);
            seen.push_back((route == nullptr ? "none" : route->pattern) + " " + std::to_string(status));
        });
    });
    RawClient client(server.port());
    ASSERT_TRUE(client.send("GET /hello HTTP/1.1\r\nHost: here\r\nOrigin: http://a\r\n\r\n"));
    EXPECT_EQ(client.read_response().header("Access-Control-Allow-Origin"), "http://a");
    client.get("/nowhere");
    const auto calls = server.io().call([&] { return seen; });
    EXPECT_EQ(calls, (std::vector<std::string>{"/hello 200", "none 404"}));
}

TEST(HttpServer, KeepsLineBreaksOutOfHeaderValues) {
    TestServer server([](HttpServer& s) {
        s.route("GET", "/x", [](Request) -> Awaitable<Response> {
            Response response = text_response(200, "x");
            response.headers.set("X-Note", "a\r\nSet-Cookie: b");
            co_return response;
        });
    });
    RawClient client(server.port());
    const RawResponse response = client.get("/x");
    EXPECT_EQ(response.header("X-Note"), "aSet-Cookie: b");
    EXPECT_EQ(response.header("Set-Cookie"), "");
}

TEST(HttpServer, NamesThePortThatIsTaken) {
    TestServer server(set_hello_and_echo);
    asio::io_context context;
    HttpServer second(context);
    const auto listening = second.listen("127.0.0.1", server.port());
    ASSERT_FALSE(listening.has_value());
    EXPECT_EQ(listening.error().code, Errc::conflict);
    EXPECT_NE(listening.error().message.find(std::to_string(server.port())), std::string::npos);
    EXPECT_NE(listening.error().message.find("--port"), std::string::npos);
    EXPECT_EQ(second.listen("localhost", 0).error().code, Errc::invalid);
}

TEST(HttpServer, FinishesRequestsInFlightWhenItDrains) {
    asio::steady_timer* waiting = nullptr;
    TestServer server([&](HttpServer& s) {
        set_hello_and_echo(s);
        s.route("GET", "/slow", [&waiting](Request) -> Awaitable<Response> {
            asio::steady_timer timer(co_await asio::this_coro::executor, SteadyTime::max());
            waiting = &timer;
            co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
            co_return text_response(200, "done");
        });
    });
    RawClient idle(server.port());
    ASSERT_EQ(idle.get("/hello").status, 200);
    RawClient busy(server.port());
    ASSERT_TRUE(busy.send("GET /slow HTTP/1.1\r\nHost: here\r\n\r\n"));
    while (!server.io().call([&] { return waiting != nullptr; })) {
        std::this_thread::yield();
    }
    std::promise<void> drained;
    server.io().begin(server.server().drain(seconds{10}), [&drained] { drained.set_value(); });
    EXPECT_TRUE(idle.closed_by_peer());
    server.io().call([&] { waiting->cancel(); });
    const RawResponse response = busy.read_response();
    EXPECT_EQ(response.body, "done");
    EXPECT_EQ(response.header("Connection"), "close");
    drained.get_future().get();
    EXPECT_EQ(server.io().call([&] { return server.server().connections(); }), 0U);
}

TEST(HttpServer, CutsOffWhatOutlastsTheDrain) {
    asio::steady_timer* waiting = nullptr;
    TestServer server([&](HttpServer& s) {
        s.route("GET", "/never", [&waiting](Request) -> Awaitable<Response> {
            asio::steady_timer timer(co_await asio::this_coro::executor, SteadyTime::max());
            waiting = &timer;
            co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
            co_return text_response(200, "late");
        });
    });
    RawClient client(server.port());
    ASSERT_TRUE(client.send("GET /never HTTP/1.1\r\nHost: here\r\n\r\n"));
    while (!server.io().call([&] { return waiting != nullptr; })) {
        std::this_thread::yield();
    }
    server.io().await(server.server().drain(milliseconds{10}));
    EXPECT_TRUE(client.closed_by_peer());
    server.io().call([&] { waiting->cancel(); });
}

}  // namespace
}  // namespace headroom::net
