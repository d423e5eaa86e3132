// Every feed against the same troubles: a good answer, an empty one, one of another shape, values that cannot
// be believed, the days on which clocks change, a service that wants to be left alone, one that fails, one
// that is slow. What is special to one service stands in decoders_test.cpp.
#include "feeds/feed_client.hpp"
#include "unit/feeds/feed_cases.hpp"
#include "unit/net/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <stdlib.h>

namespace headroom::feeds {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using testing::at;
using testing::FeedCase;
using testing::Seen;

class EveryFeed : public ::testing::TestWithParam<FeedCase> {
  protected:
    EveryFeed() : server_([this](net::HttpServer& server) { add(server); }) {
        std::string name = (std::filesystem::temp_directory_path() / "headroom-every-XXXXXX").string();
        HEADROOM_ASSERT(::mkdtemp(name.data()) != nullptr);
        folder_ = name;
        source_ = {.id = GetParam().name,
                   .base_url = server_.url(""),
                   .licence = "L",
                   .key_parameter = "",
                   .key = "",
                   .rate = {.burst = 100, .refill = seconds{1}}};
    }
    ~EveryFeed() override {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    void add(net::HttpServer& server) {
        server.route("GET", GetParam().request.path, [this](net::Request) -> Awaitable<net::Response> {
            asked_ += 1;
            if (is_slow_) {
                asio::steady_timer timer(co_await asio::this_coro::executor);
                timer.expires_after(milliseconds{400});
                co_await timer.async_wait(asio::use_awaitable);
            }
            net::Response response = net::text_response(status_, status_ == 200 ? GetParam().good : "{}");
            if (status_ == 429) {
                response.headers.set("Retry-After", "3600");
            }
            co_return response;
        });
    }
    Result<FeedDocument> ask(FeedRules rules = {}) {
        FeedClient client({.http = http_,
                           .wall = wall_,
                           .sleep = [this](milliseconds wait) { wall_.set(wall_.now() + wait); },
                           .jitter = [] { return 0.0; }},
                          FeedCache(folder_), rules);
        return client.get(source_, GetParam().request);
    }
    /// An answer is kept, an hour goes by, and then the service does `status`.
    void hour_later(int status) {
        ASSERT_TRUE(ask().has_value());
        wall_.set(wall_.now() + hours{1});
        asked_ = 0;
        status_ = status;
    }
    void expect_old_answer(const Result<FeedDocument>& document, std::string_view why) {
        ASSERT_TRUE(document.has_value()) << document.error().message;
        EXPECT_EQ(document->body, GetParam().good);
        EXPECT_EQ(document->provenance.fetched, at("2026-11-20T10:00:00Z")) << "its age is told";
        EXPECT_THAT(document->stale_because, HasSubstr(std::string(why)));
        EXPECT_TRUE(FeedCache(folder_).health(source_.id).is_down());
    }

    std::atomic<int> status_ = 200;
    std::atomic<bool> is_slow_ = false;
    std::atomic<int> asked_ = 0;
    std::filesystem::path folder_;
    net::testing::TestServer server_;
    net::HttpClient http_{net::ClientSettings{.allow_private = {"127.0.0.1:*"}}};
    ManualWallClock wall_{at("2026-11-20T10:00:00Z")};
    FeedSource source_;
};

class EveryFeedWithTimes : public EveryFeed {};

TEST_P(EveryFeed, AGoodAnswerIsReadAndNamesItsSource) {
    const Result<FeedDocument> document = ask();
    ASSERT_TRUE(document.has_value()) << document.error().message;
    EXPECT_EQ(document->provenance.source, GetParam().name);
    EXPECT_EQ(document->provenance.url, source_.base_url + GetParam().request.target());
    EXPECT_EQ(document->provenance.fetched, at("2026-11-20T10:00:00Z"));
    const Result<Seen> seen = GetParam().decode(document->body);
    ASSERT_TRUE(seen.has_value()) << seen.error().message;
    EXPECT_EQ(seen->values, 2U);
    EXPECT_THAT(seen->faults, IsEmpty());
}

TEST_P(EveryFeed, AnEmptyAnswerIsNoFault) {
    const Result<Seen> seen = GetParam().decode(GetParam().empty);
    ASSERT_TRUE(seen.has_value()) << seen.error().message;
    EXPECT_EQ(seen->values, 0U);
    EXPECT_THAT(seen->faults, IsEmpty());
}

TEST_P(EveryFeed, AnotherShapeIsRefused) {
    for (const char* body :
         {"", "null", "[]", "{}", "3", "<html>sorry</html>",
          R"({"data":3,"results":"x","list":null,"hourly":[],"success":true,"result":{"records":7}})",
          R"({"data":[{"from)"}) {
        EXPECT_FALSE(GetParam().decode(body).has_value()) << body;
    }
}

TEST_P(EveryFeed, WhatCannotBeBelievedIsQuarantinedAndToldByPointer) {
    const Result<Seen> seen = GetParam().decode(GetParam().poisoned);
    ASSERT_TRUE(seen.has_value()) << seen.error().message;
    EXPECT_EQ(seen->values, GetParam().left);
    ASSERT_THAT(seen->faults, SizeIs(1));
    EXPECT_EQ(seen->faults[0].pointer, GetParam().pointer);
    EXPECT_THAT(seen->faults[0].why, HasSubstr("not believed"));
}

TEST_P(EveryFeedWithTimes, TheHourThatComesTwiceIsTwoHoursAndWhatNoClockShowsIsAFault) {
    const Result<Seen> seen = GetParam().decode(GetParam().autumn);
    ASSERT_TRUE(seen.has_value()) << seen.error().message;
    std::vector<UtcTime> expected;
    for (const std::string& instant : GetParam().instants) {
        expected.push_back(at(instant));
    }
    EXPECT_EQ(seen->times, expected);
}

TEST_P(EveryFeed, AServiceThatWantsToBeLeftAloneIs) {
    hour_later(429);
    expect_old_answer(ask(), "answered 429");
    expect_old_answer(ask(), "not to be called before 2026-11-20T12:00:00");
    EXPECT_EQ(asked_, 1);
}

TEST_P(EveryFeed, AServiceThatFailsIsTriedFourTimesAndTheOldAnswerStandsIn) {
    hour_later(503);
    expect_old_answer(ask(), "answered 503");
    EXPECT_EQ(asked_, 4);
}

TEST_P(EveryFeed, ASlowServiceIsGivenUpAndTheOldAnswerStandsIn) {
    hour_later(200);
    is_slow_ = true;
    const Result<FeedDocument> document = ask({.tries = 1, .deadline = milliseconds{50}});
    ASSERT_TRUE(document.has_value()) << document.error().message;
    EXPECT_EQ(document->provenance.fetched, at("2026-11-20T10:00:00Z"));
    EXPECT_FALSE(document->stale_because.empty());
}

/// Sites and feeders lie where they lie: their data have no times.
std::vector<FeedCase> feeds_with_times() {
    std::vector<FeedCase> feeds = testing::every_feed();
    std::erase_if(feeds, [](const FeedCase& feed) { return feed.autumn.empty(); });
    return feeds;
}

INSTANTIATE_TEST_SUITE_P(Feeds, EveryFeedWithTimes, ::testing::ValuesIn(feeds_with_times()),
                         [](const auto& feed) { return feed.param.name; });
INSTANTIATE_TEST_SUITE_P(Feeds, EveryFeed, ::testing::ValuesIn(testing::every_feed()),
                         [](const auto& feed) { return feed.param.name; });

}  // namespace
}  // namespace headroom::feeds
