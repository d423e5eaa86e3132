#include "net/http.hpp"

#include "net/router.hpp"

#include <gtest/gtest.h>

namespace headroom::net {
namespace {

TEST(Headers, CompareNamesWithoutRegardToCase) {
    Headers headers{{"Content-Type", "text/plain"}, {"X", "1"}, {"x", "2"}};
    EXPECT_EQ(headers.get("content-type"), "text/plain");
    EXPECT_EQ(headers.get("none"), "");
    EXPECT_EQ(headers.count("X"), 2U);
    headers.set("x", "3");
    EXPECT_EQ(headers.count("X"), 1U);
    EXPECT_EQ(headers.get("X"), "3");
}

TEST(Headers, FindTokensInLists) {
    const Headers headers{{"Connection", "keep-alive , Upgrade"}, {"Connection", "x"}};
    EXPECT_TRUE(headers.lists("connection", "upgrade"));
    EXPECT_TRUE(headers.lists("Connection", "X"));
    EXPECT_FALSE(headers.lists("Connection", "keep"));
}

TEST(Problem, HasTheMembersOfTheStandard) {
    const Response response = problem(422, "Unprocessable Content", "limit is negative",
                                      {{"/limit_kw", "must be above 0"}}, "/api/v1/x");
    EXPECT_EQ(response.status, 422);
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(
        response.body,
        R"({"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"limit is negative",)"
        R"("instance":"/api/v1/x","errors":[{"pointer":"/limit_kw","detail":"must be above 0"}]})");
}

TEST(Problem, TurnsEachCodeIntoItsStatus) {
    const std::vector<std::pair<Errc, int>> table{
        {Errc::invalid, 422},     {Errc::not_found, 404}, {Errc::conflict, 409}, {Errc::denied, 403},
        {Errc::unavailable, 503}, {Errc::timeout, 504},   {Errc::corrupt, 500},  {Errc::unsupported, 501}};
    for (const auto& [code, status] : table) {
        const Response response = problem_of(Error{code, "why", "/a"}, "/x");
        EXPECT_EQ(response.status, status);
        const auto body = json::parse(response.body);
        EXPECT_EQ(body->text("/detail"), "why");
        EXPECT_EQ(body->text("/errors/0/pointer"), "/a");
        EXPECT_EQ(response.headers.has("Retry-After"), status == 503);
    }
}

TEST(Problem, StaysJsonWhateverItQuotes) {
    const Response response = problem(404, "Not Found", "there is no /\xff\xfe\"\n here");
    EXPECT_TRUE(json::parse(response.body).has_value()) << response.body;
}

TEST(ServerSentEvent, PutsEachLineIntoAFieldOfItsOwn) {
    EXPECT_EQ(sse_event("a\nb\r\nc\rd", "load", "7"),
              "id: 7\nevent: load\ndata: a\ndata: b\ndata: c\ndata: d\n\n");
    EXPECT_EQ(sse_event("", "x\ny"), "event: xy\ndata: \n\n");
    EXPECT_EQ(sse_comment("still here"), ": still here\n\n");
}

Router router_with(const std::vector<std::pair<std::string, std::string>>& patterns) {
    Router router;
    for (const auto& [method, pattern] : patterns) {
        auto route = std::make_unique<Route>();
        route->info.method = method;
        route->info.pattern = pattern;
        router.add(std::move(route));
    }
    return router;
}

TEST(Router, PrefersLiteralsToParametersAndParametersToTheRest) {
    const Router router =
        router_with({{"GET", "/a/{x}"}, {"GET", "/a/b"}, {"GET", "/{rest...}"}, {"GET", "/a/{x}/c"}});
    const auto pattern = [&](const std::string& path) {
        return router.find("GET", path)->route->info.pattern;
    };
    EXPECT_EQ(pattern("/a/b"), "/a/b");
    EXPECT_EQ(pattern("/a/%62"), "/a/b");
    EXPECT_EQ(pattern("/a/z"), "/a/{x}");
    EXPECT_EQ(pattern("/a/b/c"), "/a/{x}/c");
    EXPECT_EQ(pattern("/a/b/d"), "/{rest...}");
    EXPECT_EQ(pattern("/"), "/{rest...}");
    EXPECT_EQ(router.find("GET", "/q/r%20s/t")->parameters.at("rest"), "q/r s/t");
    EXPECT_EQ(router.find("GET", "/a/b/c")->parameters.at("x"), "b");
}

TEST(Router, TellsUnknownPathsFromUnknownMethods) {
    const Router router = router_with({{"GET", "/a"}, {"POST", "/a"}, {"GET", "/b/{x}"}});
    EXPECT_EQ(router.find("HEAD", "/a")->route->info.method, "GET");
    EXPECT_EQ(router.find("PUT", "/a")->allow, "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(router.find("GET", "/c")->allow, "");
    EXPECT_EQ(router.find("GET", "/b/")->allow, "");  // a parameter is never empty
    EXPECT_EQ(router.find("GET", "/a/../b").error().code, Errc::invalid);
}

}  // namespace
}  // namespace headroom::net
