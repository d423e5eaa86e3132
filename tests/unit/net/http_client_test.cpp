#include "net/http_client.hpp"

#include "net/address_policy.hpp"
#include "unit/net/support.hpp"

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace headroom::net {
namespace {

using testing::IoThread;
using testing::TestServer;

ClientSettings loopback_allowed() {
    return {.allow_private = {"127.0.0.1:*"}};
}

Awaitable<Response> show(Request request) {
    std::string text = request.method + " " + request.target + "\n" + request.body;
    for (const auto& [name, value] : request.headers.fields()) {
        text += "\n" + name + ": " + value;
    }
    co_return text_response(200, text);
}

/// A port on which nobody listens.
std::uint16_t closed_port() {
    TestServer server([](HttpServer&) {});
    return server.port();
}

TEST(HttpClient, SendsMethodHeadersAndBody) {
    TestServer server([](HttpServer& s) {
        for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
            s.route(method, "/show", show);
        }
    });
    HttpClient client(loopback_allowed());
    for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
        ClientRequest request{.method = method, .url = server.url("/show?a=1")};
        request.headers.add("X-One", "1");
        request.headers.add("Content-Type", "application/json");
        request.body = R"({"b":2})";
        const auto response = server.io().await(client.send(std::move(request)));
        ASSERT_TRUE(response.has_value()) << response.error().message;
        EXPECT_EQ(response->status, 200);
        EXPECT_TRUE(response->body.starts_with(std::string(method) + " /show?a=1\n{\"b\":2}"))
            << response->body;
        EXPECT_NE(response->body.find("X-One: 1"), std::string::npos);
        EXPECT_NE(response->body.find("Content-Type: application/json"), std::string::npos);
        EXPECT_EQ(response->body.find("Expect"), std::string::npos);
        EXPECT_EQ(response->headers.get("content-type"), "text/plain; charset=utf-8");
    }
}

TEST(HttpClient, KeepsItsConnection) {
    TestServer server([](HttpServer& s) { s.route("GET", "/show", show); });
    HttpClient client(loopback_allowed());
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(client.send_wait({.url = server.url("/show")}).has_value());
    }
    EXPECT_EQ(server.io().call([&] { return server.server().connections(); }), 1U);
}

/// Accepts one connection after the other and answers so many requests on each before it closes it.
class FickleServer {
  public:
    explicit FickleServer(std::vector<int> answers_per_connection)
        : acceptor_(context_, {asio::ip::make_address("127.0.0.1"), 0}),
          thread_([this, answers = std::move(answers_per_connection)] { serve(answers); }) {}
    ~FickleServer() { thread_.join(); }
    FickleServer(const FickleServer&) = delete;
    FickleServer& operator=(const FickleServer&) = delete;
    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/x";
    }

  private:
    void serve(const std::vector<int>& answers_per_connection) {
        for (const int answers : answers_per_connection) {
            asio::ip::tcp::socket socket = acceptor_.accept();
            for (int i = 0; i < answers; ++i) {
                std::array<char, 4096> request{};
                socket.read_some(asio::buffer(request));
                asio::write(socket,
                            asio::buffer(std::string("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")));
            }
        }
    }

    asio::io_context context_;
    asio::ip::tcp::acceptor acceptor_;
    std::thread thread_;
};

TEST(HttpClient, SendsOnceMoreWhenAKeptConnectionIsGone) {
    FickleServer server({1, 2, 1});
    HttpClient client(loopback_allowed());
    for (int i = 0; i < 4; ++i) {
        const auto response = client.send_wait({.method = "POST", .url = server.url(), .body = "once"});
        ASSERT_TRUE(response.has_value()) << response.error().message;
        EXPECT_EQ(response->body, "ok");
    }
}

TEST(HttpClient, TellsThatAnAnswerNeverCame) {
    FickleServer server({0});
    HttpClient client(loopback_allowed());
    const auto response = client.send_wait({.method = "POST", .url = server.url(), .body = "x"});
    ASSERT_FALSE(response.has_value());
    EXPECT_EQ(response.error().code, Errc::unavailable);
}

TEST(HttpClient, SendsALongBodyAndTakesALongAnswer) {
    TestServer server([](HttpServer& s) {
        s.route("POST", "/echo",
                [](Request request) -> Awaitable<Response> {
                    co_return text_response(200, std::move(request.body));
                },
                {.max_body = 8UL << 20U});
    });
    HttpClient client(loopback_allowed());
    const std::string body(3UL << 20U, 'b');
    for (int i = 0; i < 2; ++i) {
        const auto response = client.send_wait({.method = "POST", .url = server.url("/echo"), .body = body});
        ASSERT_TRUE(response.has_value()) << response.error().message;
        EXPECT_EQ(response->body, body);
    }
}

TEST(HttpClient, SendsManyAtOnce) {
    TestServer server([](HttpServer& s) { s.route("POST", "/show", show); });
    HttpClient client(loopback_allowed());
    std::atomic<int> good{0};
    std::promise<void> all;
    std::atomic<int> left{200};
    for (int i = 0; i < 200; ++i) {
        ClientRequest request{.method = "POST", .url = server.url("/show"), .body = "n" + std::to_string(i)};
        const std::string expected = "\nn" + std::to_string(i) + "\n";
        server.io().begin(client.send(std::move(request)), [&, expected](Result<ClientResponse> response) {
            good += response && response->body.find(expected) != std::string::npos ? 1 : 0;
            if (--left == 0) {
                all.set_value();
            }
        });
    }
    all.get_future().get();
    EXPECT_EQ(good, 200);
}

TEST(HttpClient, HandsErrorAnswersOverAsTheyAre) {
    TestServer server([](HttpServer& s) { s.route("POST", "/show", show); });
    HttpClient client(loopback_allowed());
    const auto response = client.send_wait({.url = server.url("/show")});
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 405);
    EXPECT_EQ(response->headers.get("Allow"), "POST, OPTIONS");
}

TEST(HttpClient, RefusesAddressesThatAreNotPublic) {
    TestServer server([](HttpServer& s) { s.route("GET", "/show", show); });
    HttpClient client;
    for (const std::string& host : {std::string("127.0.0.1"), std::string("localhost")}) {
        const auto refused =
            client.send_wait({.url = "http://" + host + ":" + std::to_string(server.port()) + "/show"});
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error().code, Errc::denied) << refused.error().message;
    }
    EXPECT_EQ(server.io().call([&] { return server.server().connections(); }), 0U);

    client.allow_private("127.0.0.1:" + std::to_string(server.port()));
    EXPECT_TRUE(client.send_wait({.url = server.url("/show")}).has_value());
    // Only the name that was allowed, not others that lead to the same address.
    const auto other =
        client.send_wait({.url = "http://localhost:" + std::to_string(server.port()) + "/show"});
    EXPECT_EQ(other.error().code, Errc::denied);
}

TEST(HttpClient, RefusesOtherSchemesAndMalformedRequests) {
    HttpClient client(loopback_allowed());
    EXPECT_EQ(client.send_wait({.url = "ftp://127.0.0.1:21/x"}).error().code, Errc::invalid);
    EXPECT_EQ(client.send_wait({.url = "file:///etc/passwd"}).error().code, Errc::invalid);
    EXPECT_EQ(client.send_wait({.url = "nonsense"}).error().code, Errc::invalid);
    EXPECT_EQ(client.send_wait({.method = "GE T", .url = "http://127.0.0.1:1/"}).error().code, Errc::invalid);
    ClientRequest split{.url = "http://127.0.0.1:1/"};
    split.headers.add("X", "a\r\nY: b");
    EXPECT_EQ(client.send_wait(std::move(split)).error().code, Errc::invalid);
}

TEST(HttpClient, KeepsItsDeadline) {
    asio::steady_timer* waiting = nullptr;
    TestServer server([&](HttpServer& s) {
        s.route("GET", "/never", [&waiting](Request) -> Awaitable<Response> {
            asio::steady_timer timer(co_await asio::this_coro::executor, SteadyTime::max());
            waiting = &timer;
            co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
            co_return text_response(200, "");
        });
    });
    HttpClient client(loopback_allowed());
    const auto late = client.send_wait({.url = server.url("/never"), .deadline_ms = 50});
    ASSERT_FALSE(late.has_value());
    EXPECT_EQ(late.error().code, Errc::timeout);
    EXPECT_NE(late.error().message.find("50 ms"), std::string::npos);
    server.io().call([&] { waiting->cancel(); });
}

TEST(HttpClient, StopsReadingAnAnswerThatIsTooLong) {
    TestServer server([](HttpServer& s) {
        s.route("GET", "/long",
                [](Request) -> Awaitable<Response> { co_return text_response(200, std::string(1000, 'x')); });
    });
    HttpClient client(loopback_allowed());
    EXPECT_EQ(client.send_wait({.url = server.url("/long"), .max_response_bytes = 1000})->body.size(), 1000U);
    const auto refused = client.send_wait({.url = server.url("/long"), .max_response_bytes = 999});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Errc::invalid);
}

TEST(HttpClient, FollowsRedirectsOnlyWhenToldAndOnlyOnTheSameServer) {
    TestServer server([](HttpServer& s) {
        s.route("GET", "/show", show);
        s.route("GET", "/near", [](Request) -> Awaitable<Response> {
            Response response{.status = 302, .content_type = {}, .body = {}, .headers = {}};
            response.headers.set("Location", "show?far=0");
            co_return response;
        });
        s.route("GET", "/far", [](Request) -> Awaitable<Response> {
            Response response{.status = 302, .content_type = {}, .body = {}, .headers = {}};
            response.headers.set("Location", "http://127.0.0.1:1/x");
            co_return response;
        });
        s.route("GET", "/round", [](Request) -> Awaitable<Response> {
            Response response{.status = 302, .content_type = {}, .body = {}, .headers = {}};
            response.headers.set("Location", "/round");
            co_return response;
        });
    });
    HttpClient client(loopback_allowed());
    EXPECT_EQ(client.send_wait({.url = server.url("/near")})->status, 302);
    const auto followed = client.send_wait({.url = server.url("/near"), .redirects = 1});
    ASSERT_TRUE(followed.has_value());
    EXPECT_TRUE(followed->body.starts_with("GET /show?far=0"));
    EXPECT_EQ(client.send_wait({.url = server.url("/far"), .redirects = 5}).error().code, Errc::denied);
    EXPECT_EQ(client.send_wait({.url = server.url("/round"), .redirects = 5}).error().code, Errc::denied);
}

/// Refuses `count` times with `status`, then answers 200.
Handler refuse_first(int count, int status, std::atomic<int>& calls) {
    return [count, status, &calls](Request) -> Awaitable<Response> {
        const bool refuse = ++calls <= count;
        Response response = text_response(refuse ? status : 200, "");
        if (refuse && status == 429) {
            response.headers.set("Retry-After", "0");
        }
        co_return response;
    };
}

TEST(HttpClient, RepeatsWhatMayBeRepeated) {
    std::atomic<int> gets{0};
    std::atomic<int> posts{0};
    std::atomic<int> safe_posts{0};
    TestServer server([&](HttpServer& s) {
        s.route("GET", "/", refuse_first(2, 503, gets));
        s.route("POST", "/", refuse_first(1, 429, posts));
        s.route("POST", "/safe", refuse_first(1, 429, safe_posts));
    });
    HttpClient client(loopback_allowed());
    const RetryPolicy thrice{.attempts = 3, .first_delay_ms = 1};
    const auto got = client.send_wait({.url = server.url("/"), .retry = thrice});
    EXPECT_EQ(got->status, 200);
    EXPECT_EQ(got->attempts, 3);

    EXPECT_EQ(client.send_wait({.method = "POST", .url = server.url("/"), .retry = thrice})->status, 429);
    EXPECT_EQ(posts, 1);

    RetryPolicy repeatable = thrice;
    repeatable.allow_repeat = true;
    EXPECT_EQ(client.send_wait({.method = "POST", .url = server.url("/safe"), .retry = repeatable})->attempts,
              2);
}

TEST(HttpClient, GivesUpAfterTheLastAttempt) {
    std::atomic<int> calls{0};
    TestServer server([&](HttpServer& s) { s.route("GET", "/", refuse_first(100, 503, calls)); });
    HttpClient client(loopback_allowed());
    const auto response =
        client.send_wait({.url = server.url("/"), .retry = {.attempts = 3, .first_delay_ms = 1}});
    EXPECT_EQ(response->status, 503);
    EXPECT_EQ(calls, 3);
}

TEST(HttpClient, DoesNotWaitLongerForARetryThanItsDeadline) {
    TestServer server([&](HttpServer& s) {
        s.route("GET", "/", [](Request) -> Awaitable<Response> {
            Response response = text_response(503, "");
            response.headers.set("Retry-After", "3600");
            co_return response;
        });
    });
    HttpClient client(loopback_allowed());
    const auto response = client.send_wait({.url = server.url("/"), .retry = {.attempts = 3}});
    EXPECT_EQ(response->status, 503);
    EXPECT_EQ(response->attempts, 1);
}

TEST(HttpClient, TellsThatNobodyListens) {
    HttpClient client(loopback_allowed());
    const std::string url = "http://127.0.0.1:" + std::to_string(closed_port()) + "/";
    const auto refused =
        client.send_wait({.method = "POST", .url = url, .retry = {.attempts = 2, .first_delay_ms = 1}});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Errc::unavailable);
}

TEST(HttpClient, EndsWhatIsPendingWhenItIsDestroyed) {
    TestServer server([](HttpServer& s) {
        s.stream("GET", "/open", [](Request, StreamWriter& writer) -> Awaitable<void> {
            asio::steady_timer closed(co_await asio::this_coro::executor, SteadyTime::max());
            writer.on_close([&closed] { closed.cancel(); });
            while (!writer.closed()) {
                co_await closed.async_wait(asio::as_tuple(asio::use_awaitable));
            }
        });
    });
    auto client = std::make_unique<HttpClient>(loopback_allowed());
    std::promise<Result<ClientResponse>> ended;
    ClientRequest request{.url = server.url("/open")};
    server.io().begin(client->send(std::move(request)),
                      [&](Result<ClientResponse> result) { ended.set_value(std::move(result)); });
    while (server.io().call([&] { return server.server().connections(); }) == 0) {
        std::this_thread::yield();
    }
    client.reset();
    EXPECT_EQ(ended.get_future().get().error().code, Errc::unavailable);
}

bool is_public(const char* text) {
    sockaddr_in ipv4{};
    ipv4.sin_family = AF_INET;
    if (::inet_pton(AF_INET, text, &ipv4.sin_addr) == 1) {
        return is_public_address(reinterpret_cast<const sockaddr*>(&ipv4));
    }
    sockaddr_in6 ipv6{};
    ipv6.sin6_family = AF_INET6;
    HEADROOM_ASSERT(::inet_pton(AF_INET6, text, &ipv6.sin6_addr) == 1);
    return is_public_address(reinterpret_cast<const sockaddr*>(&ipv6));
}

TEST(AddressPolicy, KnowsThePublicInternetFromOurOwnNetworks) {
    for (const char* text : {"8.8.8.8", "172.15.0.1", "172.32.0.1", "11.0.0.1", "100.63.0.1", "100.128.0.1",
                             "2a00:1450:4009::8a", "::ffff:8.8.8.8"}) {
        EXPECT_TRUE(is_public(text)) << text;
    }
    for (const char* text : {"127.0.0.1",
                             "127.9.9.9",
                             "10.0.0.1",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.168.1.1",
                             "169.254.169.254",
                             "0.0.0.0",
                             "100.64.0.1",
                             "224.0.0.1",
                             "255.255.255.255",
                             "198.18.0.1",
                             "::",
                             "::1",
                             "fe80::1",
                             "fc00::1",
                             "fd12::1",
                             "ff02::1",
                             "::ffff:127.0.0.1",
                             "::ffff:10.0.0.1",
                             "64:ff9b::7f00:1",
                             "2002:7f00:1::",
                             "2001:db8::1"}) {
        EXPECT_FALSE(is_public(text)) << text;
    }
}

}  // namespace
}  // namespace headroom::net
