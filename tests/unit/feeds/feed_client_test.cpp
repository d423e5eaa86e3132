#include "feeds/feed_client.hpp"
#include "unit/net/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <stdlib.h>

namespace headroom::feeds {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const UtcTime start = parse_utc("2026-07-15T10:00:00Z").value();

/// One answer of the service; one that is slow is held back until the caller has given up.
struct Scripted {
    int status = 200;
    std::string body = R"({"ok":true})";
    net::Headers headers = {};
    bool is_slow = false;
};

class FeedClientTest : public ::testing::Test {
  protected:
    FeedClientTest() {
        std::string name = (std::filesystem::temp_directory_path() / "headroom-feeds-XXXXXX").string();
        HEADROOM_ASSERT(::mkdtemp(name.data()) != nullptr);
        folder_ = name;
        io_.call([&] {
            server_ = std::make_unique<net::HttpServer>(io_.context(), net::ServerLimits{});
            server_->route("GET", "/data",
                           [this](net::Request request) { return answer(std::move(request)); });
            HEADROOM_ASSERT(server_->listen().has_value());
        });
        source_ = {.id = "stub",
                   .base_url = "http://127.0.0.1:" + std::to_string(server_->port()),
                   .licence = "CC BY 4.0",
                   .key_parameter = "apikey",
                   .key = "s3cret",
                   .rate = {.burst = 100, .refill = seconds{1}}};
    }
    ~FeedClientTest() override {
        io_.await(server_->drain(seconds{5}));
        io_.call([&] { server_.reset(); });
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    Awaitable<net::Response> answer(net::Request request) {
        targets_.push_back(request.target);
        Scripted next = script_.empty() ? Scripted{} : script_.front();
        if (!script_.empty()) {
            script_.pop_front();
        }
        if (next.is_slow) {
            asio::steady_timer timer(io_.context());
            timer.expires_after(seconds{1});
            co_await timer.async_wait(asio::use_awaitable);
        }
        net::Response response = net::text_response(next.status, next.body);
        for (const auto& [name, value] : next.headers.fields()) {
            response.headers.set(name, value);
        }
        co_return response;
    }
    FeedClient client(FeedRules rules = {}) {
        return FeedClient({.http = http_,
                           .wall = wall_,
                           .sleep =
                               [this](milliseconds wait) {
                                   slept_.push_back(wait);
                                   wall_.set(wall_.now() + wait);
                               },
                           .jitter = [] { return 0.5; }},
                          FeedCache(folder_), rules);
    }
    Result<FeedDocument> get(bool refresh = false) {
        FeedClient one = client();
        return one.get(source_, request_, refresh);
    }
    [[nodiscard]] std::string all_files() const {
        std::string out;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
            if (entry.is_regular_file()) {
                std::ifstream in(entry.path(), std::ios::binary);
                out += entry.path().string() + std::string{std::istreambuf_iterator<char>(in), {}};
            }
        }
        return out;
    }

    net::testing::IoThread io_;
    std::filesystem::path folder_;
    std::unique_ptr<net::HttpServer> server_;
    net::HttpClient http_{net::ClientSettings{.allow_private = {"127.0.0.1:*"}}};
    ManualWallClock wall_{start};
    std::deque<Scripted> script_;
    std::vector<std::string> targets_;
    std::vector<milliseconds> slept_;
    FeedSource source_;
    FeedRequest request_{"/data", {{"where", "a b"}}};
};

TEST_F(FeedClientTest, AnAnswerComesWithItsProvenanceAndIsKept) {
    const auto first = get();
    ASSERT_TRUE(first.has_value()) << first.error().message;
    EXPECT_EQ(first->body, R"({"ok":true})");
    EXPECT_EQ(first->provenance.url, source_.base_url + "/data?where=a%20b");
    EXPECT_EQ(first->provenance.fetched, start);
    EXPECT_EQ(first->provenance.licence, "CC BY 4.0");
    EXPECT_FALSE(first->is_from_cache);
    EXPECT_EQ(targets_.at(0), "/data?where=a%20b&apikey=s3cret");

    wall_.set(start + minutes{29});
    const auto again = get();
    EXPECT_TRUE(again->is_from_cache);
    EXPECT_EQ(again->provenance, first->provenance);
    EXPECT_EQ(targets_.size(), 1U);
    wall_.set(start + minutes{31});
    EXPECT_FALSE(get()->is_from_cache);
    EXPECT_FALSE(get(true)->is_from_cache);
    EXPECT_EQ(targets_.size(), 3U);
    EXPECT_THAT(all_files(), Not(HasSubstr("s3cret"))) << "a key is never written down";
}

TEST_F(FeedClientTest, WhatPassesIsTriedAgainWithLongerWaits) {
    script_ = {{.status = 503, .body = ""}, {.status = 500, .body = ""}, {.status = 200}};
    ASSERT_TRUE(get().has_value());
    EXPECT_EQ(slept_, (std::vector<milliseconds>{milliseconds{1125}, milliseconds{2250}}));
}

TEST_F(FeedClientTest, AfterFourTriesTheOldAnswerStandsInAndSaysSo) {
    ASSERT_TRUE(get().has_value());
    wall_.set(start + hours{5});
    script_ = {{.status = 500},
               {.status = 502},
               {.status = 504},
               {.status = 503, .body = R"({"message":"maintenance"})"}};
    const auto old = get();
    ASSERT_TRUE(old.has_value());
    EXPECT_TRUE(old->is_from_cache);
    EXPECT_EQ(old->provenance.fetched, start);
    EXPECT_THAT(old->stale_because, HasSubstr("answered 503: maintenance"));
    EXPECT_EQ(targets_.size(), 5U);
    EXPECT_TRUE(FeedCache(folder_).health("stub").is_down());
    ASSERT_TRUE(get().has_value());
    EXPECT_FALSE(FeedCache(folder_).health("stub").is_down());
}

TEST_F(FeedClientTest, ARefusalIsNotTriedAgain) {
    for (const int status : {400, 401, 403, 404, 409}) {
        script_ = {{.status = status,
                    .body = R"({"error_code":"ForbiddenAccess","message":"You don't have permission"})"}};
        targets_.clear();
        const auto refused = get();
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error().code, status == 401 || status == 403 ? Errc::denied : Errc::invalid)
            << status;
        EXPECT_THAT(refused.error().message, HasSubstr("You don't have permission"));
        EXPECT_EQ(targets_.size(), 1U) << status;
    }
}

TEST_F(FeedClientTest, ANearRetryAfterIsWaitedForAFarOneIsKeptTo) {
    script_ = {{.status = 429, .body = "", .headers = {{"Retry-After", "7"}}}};
    ASSERT_TRUE(get().has_value());
    EXPECT_EQ(slept_, (std::vector<milliseconds>{seconds{7}}));

    script_ = {
        {.status = 429,
         .body =
             R"({"errorcode":10002,"reset_time":"2026-07-16T00:00:00Z","error":"Too many requests on the domain."})"}};
    const auto limited = get(true);
    ASSERT_TRUE(limited.has_value()) << "the old answer";
    EXPECT_THAT(limited->stale_because, HasSubstr("Too many requests"));
    const std::size_t asked = targets_.size();
    wall_.set(parse_utc("2026-07-15T23:59:59Z").value());
    EXPECT_THAT(get(true)->stale_because, HasSubstr("not to be called before 2026-07-16T00:00:00.000Z"));
    EXPECT_EQ(targets_.size(), asked) << "nobody knocks before that";
    wall_.set(parse_utc("2026-07-16T00:00:00Z").value());
    EXPECT_FALSE(get(true)->is_from_cache);
}

TEST_F(FeedClientTest, ARateIsKeptTo) {
    source_.rate = {.burst = 2, .refill = seconds{30}};
    FeedClient one = client();
    for (int i = 0; i < 4; ++i) {
        ASSERT_TRUE(one.get(source_, request_, true).has_value());
    }
    EXPECT_EQ(slept_, (std::vector<milliseconds>{seconds{30}, seconds{30}}));
}

TEST_F(FeedClientTest, ARepeatThatWouldWaitLongForItsTurnIsLeftToTheNextRound) {
    source_.rate = {.burst = 1, .refill = seconds{30}};
    script_ = {{.status = 503, .body = ""}};
    const auto failed = get();
    ASSERT_FALSE(failed.has_value());
    EXPECT_THAT(failed.error().message, HasSubstr("answered 503"));
    EXPECT_EQ(slept_, (std::vector<milliseconds>{milliseconds{1125}}));
    EXPECT_TRUE(FeedCache(folder_).health("stub").is_down());
}

TEST_F(FeedClientTest, NobodyThereIsADownSource) {
    FeedSource nobody = source_;
    nobody.base_url = "http://127.0.0.1:1";
    FeedClient one = client();
    const auto missing = one.get(nobody, request_);
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().code, Errc::unavailable);
    EXPECT_EQ(slept_.size(), 3U);
    EXPECT_TRUE(one.health("stub").is_down());
}

TEST_F(FeedClientTest, WhoIsTooSlowIsGivenUpAndTheOldAnswerStandsIn) {
    ASSERT_TRUE(get().has_value());
    wall_.set(start + hours{1});
    script_ = {{.is_slow = true}, {.is_slow = true}};
    FeedClient hasty = client({.tries = 2, .first_delay = milliseconds{10}, .deadline = milliseconds{100}});
    const auto old = hasty.get(source_, request_);
    ASSERT_TRUE(old.has_value());
    EXPECT_TRUE(old->is_from_cache);
    EXPECT_EQ(old->provenance.fetched, start);
    EXPECT_THAT(old->stale_because, Not(HasSubstr("s3cret")));
    EXPECT_FALSE(old->stale_because.empty());
    EXPECT_TRUE(hasty.health("stub").is_down());
}

TEST_F(FeedClientTest, AnAnswerThatCannotBeReadIsLetGoOf) {
    FeedClient one = client();
    ASSERT_TRUE(one.get(source_, request_).has_value());
    one.refuse(source_, request_, "no hours");
    EXPECT_EQ(one.health("stub").trouble, "no hours");
    ASSERT_TRUE(one.get(source_, request_).has_value());
    EXPECT_EQ(targets_.size(), 2U);
}

TEST_F(FeedClientTest, ADamagedFileCountsAsNone) {
    ASSERT_TRUE(get().has_value());
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
        if (entry.path().extension() == ".answer") {
            std::ofstream(entry.path(), std::ios::app) << "x";
        }
    }
    EXPECT_FALSE(get()->is_from_cache);
}

TEST(RateBudgetTest, RefillsWithTimeAndNotBeyondItsBurst) {
    RateBudget budget({.burst = 2, .refill = seconds{10}});
    EXPECT_EQ(budget.take(start), milliseconds{0});
    EXPECT_EQ(budget.take(start), milliseconds{0});
    EXPECT_EQ(budget.take(start + seconds{4}), seconds{6});
    EXPECT_EQ(budget.take(start + seconds{10}), milliseconds{0});
    EXPECT_EQ(budget.take(start + hours{1}), milliseconds{0});
    EXPECT_EQ(budget.take(start + hours{1}), milliseconds{0});
    EXPECT_GT(budget.take(start + hours{1}), milliseconds{0});
    EXPECT_GT(budget.take(start), milliseconds{0}) << "a clock that goes back earns nothing";
}

}  // namespace
}  // namespace headroom::feeds
