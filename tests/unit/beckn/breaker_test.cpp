#include "beckn/breaker.hpp"
#include "beckn/clock_drift.hpp"
#include "unit/beckn/beckn_world.hpp"

#include <gtest/gtest.h>

namespace headroom::beckn {
namespace {

using test::wall_noon;

constexpr BreakerRules breaker_rules{
    .failures_max = 3, .open_for = seconds{30}, .open_for_max = seconds{100}, .probe_within = seconds{10}};

Breaker after_failures(int count, UtcTime now) {
    Breaker breaker;
    for (int i = 0; i < count; ++i) {
        breaker = step(breaker, BreakerEvent::failure, now, breaker_rules, "HTTP 503").first;
    }
    return breaker;
}

bool may_ask(Breaker& breaker, UtcTime now) {
    auto [next, may] = step(breaker, BreakerEvent::ask, now, breaker_rules);
    breaker = next;
    return may;
}

TEST(Breaker, OpensAfterFailuresInARowOnly) {
    Breaker breaker = after_failures(2, wall_noon);
    EXPECT_EQ(breaker.state, BreakerState::closed);
    breaker = step(breaker, BreakerEvent::success, wall_noon, breaker_rules).first;
    EXPECT_EQ(breaker, Breaker{});
    breaker = after_failures(3, wall_noon);
    EXPECT_EQ(breaker.state, BreakerState::open);
    EXPECT_EQ(breaker.open_until, wall_noon + seconds{30});
    EXPECT_EQ(breaker.last_fault, "HTTP 503");
    EXPECT_FALSE(may_ask(breaker, wall_noon + seconds{29}));
}

TEST(Breaker, LetsOneProbeThroughAndClosesWhenItIsAnswered) {
    Breaker breaker = after_failures(3, wall_noon);
    EXPECT_TRUE(may_ask(breaker, wall_noon + seconds{30}));
    EXPECT_EQ(breaker.state, BreakerState::half_open);
    EXPECT_FALSE(may_ask(breaker, wall_noon + seconds{31}));
    breaker = step(breaker, BreakerEvent::success, wall_noon + seconds{31}, breaker_rules).first;
    EXPECT_TRUE(may_ask(breaker, wall_noon + seconds{31}));
    EXPECT_EQ(breaker.state, BreakerState::closed);
}

TEST(Breaker, AFailedProbeOpensItForTwiceAsLongUpToABound) {
    Breaker breaker = after_failures(3, wall_noon);
    UtcTime now = wall_noon + seconds{30};
    ASSERT_TRUE(may_ask(breaker, now));
    breaker = step(breaker, BreakerEvent::failure, now, breaker_rules).first;
    EXPECT_EQ(breaker.open_until, now + seconds{60});
    now += seconds{60};
    ASSERT_TRUE(may_ask(breaker, now));
    breaker = step(breaker, BreakerEvent::failure, now, breaker_rules).first;
    EXPECT_EQ(breaker.open_until, now + seconds{100});
}

TEST(Breaker, AProbeWithoutOutcomeDoesNotHoldItForEver) {
    Breaker breaker = after_failures(3, wall_noon);
    ASSERT_TRUE(may_ask(breaker, wall_noon + seconds{30}));
    EXPECT_FALSE(may_ask(breaker, wall_noon + seconds{39}));
    EXPECT_TRUE(may_ask(breaker, wall_noon + seconds{40}));
}

TEST(Breaker, FailuresWhileItIsOpenDoNotLengthenIt) {
    Breaker breaker = after_failures(3, wall_noon);
    breaker = step(breaker, BreakerEvent::failure, wall_noon + seconds{20}, breaker_rules).first;
    EXPECT_EQ(breaker.open_until, wall_noon + seconds{30});
}

TEST(ClockDrift, OneLateMessageIsNoAlarmAndADriftIsToldOnce) {
    ClockDrift drift;
    const milliseconds limit = seconds{2};
    UtcTime now = wall_noon;
    for (std::size_t i = 0; i + 1 < ClockDrift::window; ++i) {
        EXPECT_FALSE(drift.observe(now, now - milliseconds{40}, limit));
    }
    EXPECT_FALSE(drift.observe(now, now - seconds{25}, limit));  // lay in a queue
    EXPECT_EQ(drift.estimate(), milliseconds{40});
    std::optional<milliseconds> told;
    int alarms = 0;
    for (std::size_t i = 0; i < 2 * ClockDrift::window; ++i) {
        now += seconds{1};
        if (const auto alarm = drift.observe(now, now - seconds{3}, limit)) {
            told = alarm;
            ++alarms;
        }
    }
    EXPECT_EQ(told, seconds{3});
    EXPECT_EQ(alarms, 1);
    EXPECT_TRUE(drift.is_alarmed());
    EXPECT_FALSE(drift.observe(now, now, limit));
    EXPECT_FALSE(drift.is_alarmed());
}

TEST(ClockDrift, AClockAheadShowsAtItsFirstWindow) {
    ClockDrift drift;
    std::optional<milliseconds> told;
    for (std::size_t i = 0; i < ClockDrift::window; ++i) {
        told = drift.observe(wall_noon, wall_noon + seconds{4}, seconds{2});
    }
    EXPECT_EQ(told, milliseconds{-4000});
}

}  // namespace
}  // namespace headroom::beckn
