#include "desk/identity/throttle.hpp"

#include "desk/identity/denials.hpp"
#include "unit/desk/identity/support.hpp"

#include <gtest/gtest.h>

namespace headroom::desk::identity {
namespace {

using test::noon;

TEST(Throttle, DoublesTheWaitAfterTheFreeFailures) {
    Throttle throttle({.free = 5, .longest_wait = minutes{1}});
    UtcTime now = noon;
    for (int i = 0; i < 5; ++i) {
        ASSERT_EQ(throttle.wait("op-17", now), std::nullopt) << i;
        throttle.failed("op-17", now);
    }
    ASSERT_EQ(throttle.wait("op-17", now), std::nullopt);
    for (const int wait_s : {1, 2, 4, 8, 16, 32, 60, 60}) {
        throttle.failed("op-17", now);
        ASSERT_EQ(throttle.wait("op-17", now), seconds{wait_s});
        ASSERT_EQ(throttle.wait("op-17", now + seconds{wait_s} - milliseconds{1}), milliseconds{1});
        now += seconds{wait_s};
        ASSERT_EQ(throttle.wait("op-17", now), std::nullopt);
    }
    EXPECT_EQ(throttle.wait("op-18", now), std::nullopt) << "others do not wait";
}

TEST(Throttle, ForgetsAfterAWhileAndOnSuccess) {
    Throttle throttle({.free = 1, .longest_wait = minutes{1}, .forget_after = minutes{15}});
    throttle.failed("a", noon);
    throttle.failed("a", noon);
    ASSERT_TRUE(throttle.wait("a", noon).has_value());
    throttle.forget("a");
    EXPECT_EQ(throttle.wait("a", noon), std::nullopt);
    throttle.failed("b", noon);
    throttle.failed("b", noon + minutes{15});
    EXPECT_EQ(throttle.wait("b", noon + minutes{15}), std::nullopt) << "the first is forgotten";
}

TEST(Throttle, KeepsNoMoreKeysThanItMay) {
    Throttle throttle({.free = 0, .keys = 100});
    for (int i = 0; i < 1000; ++i) {
        throttle.failed("name-" + std::to_string(i), noon + milliseconds{i});
    }
    EXPECT_EQ(throttle.size(), 100U);
    EXPECT_TRUE(throttle.wait("name-999", noon + milliseconds{999}).has_value());
}

TEST(Throttle, AClockSetBackMakesNobodyWaitLongerThanTheRule) {
    Throttle throttle({.free = 0, .longest_wait = minutes{1}});
    throttle.failed("a", noon);
    EXPECT_LE(*throttle.wait("a", noon - hours{5}), minutes{1});
}

TEST(LoginThrottle, ManyAttemptsAtOnceAreCountedFromTheirBeginning) {
    LoginThrottle throttle;
    int begun = 0;
    for (int i = 0; i < 50; ++i) {
        begun += throttle.begin("op-17", "192.0.2.1", noon) ? 0 : 1;
    }
    EXPECT_EQ(begun, 6);
    throttle.succeeded("op-17", "192.0.2.1");
    EXPECT_EQ(throttle.begin("op-17", "192.0.2.1", noon), std::nullopt);
}

TEST(LoginThrottle, AnAddressThatTriesManyNamesWaits) {
    LoginThrottle throttle;
    int begun = 0;
    for (int i = 0; i < 50; ++i) {
        begun +=
            throttle.begin("name-" + std::to_string(i), "2001:db8::1:" + std::to_string(i), noon) ? 0 : 1;
    }
    EXPECT_EQ(begun, 21) << "addresses of one /64 count as one";
    EXPECT_EQ(throttle.begin("op-17", "2001:db8:0:1::1", noon), std::nullopt);
}

TEST(LoginThrottle, OneRightPasswordDoesNotClearAnAddress) {
    LoginThrottle throttle;
    for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(throttle.begin("name-" + std::to_string(i), "192.0.2.1", noon), std::nullopt);
    }
    ASSERT_EQ(throttle.begin("own-name", "192.0.2.1", noon), std::nullopt);
    throttle.succeeded("own-name", "192.0.2.1");
    ASSERT_EQ(throttle.begin("name-21", "192.0.2.1", noon), std::nullopt);
    EXPECT_TRUE(throttle.begin("name-22", "192.0.2.1", noon).has_value());
}

Denial denial(std::string id, std::string reason = "wrong name or password") {
    Denial made;
    made.type = "auth.denied";
    made.actor.id = std::move(id);
    made.actor.kind = "user";
    made.reason = std::move(reason);
    return made;
}

TEST(Denials, TheFirstIsWrittenAtOnceAndTheRestAsACount) {
    Denials denials(seconds{10}, 16);
    ASSERT_TRUE(denials.add(denial("op-17"), noon).has_value());
    for (int i = 0; i < 999; ++i) {
        ASSERT_FALSE(denials.add(denial("op-17"), noon + milliseconds{i}).has_value());
    }
    EXPECT_TRUE(denials.due(noon + seconds{10} - milliseconds{1}).empty());
    const std::vector<audit::Draft> drafts = denials.due(noon + seconds{10});
    ASSERT_EQ(drafts.size(), 1U);
    EXPECT_EQ(json::Value(drafts[0].body).integer("/count"), 999);
    EXPECT_EQ(drafts[0].outcome, "denied");
    EXPECT_TRUE(audit::prepare(drafts[0]).has_value());
    EXPECT_TRUE(denials.due(noon + seconds{20}).empty());
    EXPECT_TRUE(denials.empty()) << "a window without attempts is closed";
    EXPECT_TRUE(denials.add(denial("op-17"), noon + seconds{21}).has_value());
}

TEST(Denials, ManyKindsShareOne) {
    Denials denials(seconds{10}, 4);
    std::size_t written = 0;
    for (int i = 0; i < 1000; ++i) {
        written += denials.add(denial("stranger-" + std::to_string(i)), noon) ? 1U : 0U;
    }
    EXPECT_EQ(written, 5U);
    const std::vector<audit::Draft> rest = denials.due(UtcTime::max());
    ASSERT_EQ(rest.size(), 1U);
    EXPECT_EQ(json::Value(rest[0].body).integer("/count"), 995);
    EXPECT_EQ(rest[0].actor.id, "unknown");
}

}  // namespace
}  // namespace headroom::desk::identity
