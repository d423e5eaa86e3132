#include "copilot/retry.hpp"
#include "copilot/day_budget.hpp"

#include <gtest/gtest.h>

namespace headroom::copilot {
namespace {

using What = RetryStep::What;
const UtcTime now = parse_utc("2026-11-20T17:00:00Z").value();

RetryStep step(int status, net::Headers headers = {}, std::string_view body = {}, int tries = 1,
               milliseconds left = seconds{20}, double jitter = 0.0) {
    return next_step({.status = status, .headers = std::move(headers), .body = body}, tries, left, now,
                     jitter);
}

TEST(NextStep, TriesAgainWhatMayPass) {
    for (const int status : {0, 408, 409, 429, 500, 502, 503, 504, 529}) {
        EXPECT_EQ(step(status).what, What::again) << status;
    }
    for (const int status : {301, 400, 401, 403, 404, 413, 422, 501}) {
        EXPECT_EQ(step(status).what, What::give_up) << status;
    }
    EXPECT_EQ(step(200).what, What::take);
}

TEST(NextStep, IsOverruledByTheProvider) {
    EXPECT_EQ(step(500, {{"x-should-retry", "false"}}).what, What::give_up);
    EXPECT_EQ(step(418, {{"x-should-retry", "true"}}).what, What::again);
    EXPECT_EQ(step(401, {{"x-should-retry", "true"}}).what, What::give_up);
}

TEST(NextStep, WaitsAsLongAsTheProviderSays) {
    EXPECT_EQ(step(429, {{"retry-after-ms", "1500"}, {"Retry-After", "9"}}).wait, milliseconds{1'500});
    EXPECT_EQ(step(429, {{"Retry-After", "9"}}).wait, seconds{9});
    EXPECT_EQ(step(503, {{"Retry-After", "Fri, 20 Nov 2026 17:00:04 GMT"}}).wait, seconds{4});
    EXPECT_EQ(
        step(429, {}, R"({"error":{"details":[{"@type":"t/google.rpc.RetryInfo","retryDelay":"2.5s"}]}})")
            .wait,
        milliseconds{2'500});
    EXPECT_EQ(step(429, {{"Retry-After", "soon"}}).wait, milliseconds{500});
}

TEST(NextStep, DoublesAndJittersItsOwnWait) {
    EXPECT_EQ(step(500, {}, {}, 1).wait, milliseconds{500});
    EXPECT_EQ(step(500, {}, {}, 2).wait, milliseconds{1'000});
    EXPECT_EQ(step(500, {}, {}, 1, seconds{20}, 1.0).wait, milliseconds{375});
}

TEST(NextStep, EndsWithTheTriesAndTheBudget) {
    EXPECT_EQ(step(500, {}, {}, tries_max).what, What::give_up);
    EXPECT_EQ(step(429, {{"Retry-After", "17"}}, {}, 1, seconds{17}).what, What::give_up);
    EXPECT_EQ(next_step({.is_timeout = true}, 1, seconds{20}, now, 0.0).what, What::give_up);
}

TEST(NextStep, RepeatsNothingOfABody) {
    EXPECT_EQ(step(500, {}, "the key sk-123 is wrong").fault, "status 500");
    EXPECT_EQ(step(400, {}, R"({"error":{"message":"key sk-123","status":"INVALID_ARGUMENT"}})").fault,
              "status 400 INVALID_ARGUMENT");
}

TEST(DayBudget, BeginsAnewEachDay) {
    DayBudget budget(100);
    EXPECT_TRUE(budget.may_ask(now));
    budget.spend(100, now);
    EXPECT_FALSE(budget.may_ask(now + hours{6}));
    EXPECT_TRUE(budget.may_ask(now + hours{7}));
    EXPECT_FALSE(DayBudget(0).may_ask(now));
}

TEST(DayBudget, GivesNothingBackToAClockThatGoesBack) {
    DayBudget budget(10);
    budget.spend(10, now);
    EXPECT_FALSE(budget.may_ask(now - hours{48}));
}

}  // namespace
}  // namespace headroom::copilot
