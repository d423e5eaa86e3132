#include "core/clock.hpp"

#include "unit/core/times.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace headroom {
namespace {

TEST(VirtualClockTest, RunsTimersOldestFirstAndAtTheirOwnInstant) {
    VirtualClock clock(noon);
    std::vector<std::string> log;
    const auto note = [&](const char* name) {
        return [&log, &clock, name] { log.push_back(format_utc(clock.now()).substr(14, 5) + " " + name); };
    };
    clock.at(noon + minutes{2}, note("b"));
    clock.at(noon + minutes{1}, note("a"));
    clock.at(noon + minutes{2}, note("c"));
    clock.at(noon + minutes{9}, note("later"));
    EXPECT_EQ(clock.next_timer(), noon + minutes{1});
    clock.advance_to(noon + minutes{5});
    EXPECT_EQ(log, (std::vector<std::string>{"01:00 a", "02:00 b", "02:00 c"}));
    EXPECT_EQ(clock.now(), noon + minutes{5});
    EXPECT_EQ(clock.next_timer(), noon + minutes{9});
}

TEST(VirtualClockTest, RunsWhatAnActionSetsWithinTheSameAdvance) {
    VirtualClock clock(noon);
    std::vector<UtcTime> fired;
    clock.at(noon + minutes{1}, [&] {
        fired.push_back(clock.now());
        clock.at(noon + minutes{3}, [&] { fired.push_back(clock.now()); });
        clock.at(noon - minutes{3}, [&] { fired.push_back(clock.now()); });  // past: runs now
    });
    clock.advance_to(noon + minutes{10});
    EXPECT_EQ(fired, (std::vector<UtcTime>{noon + minutes{1}, noon + minutes{1}, noon + minutes{3}}));
}

TEST(VirtualClockTest, ForgetsCancelledTimers) {
    VirtualClock clock(noon);
    int ran = 0;
    const auto first = clock.at(noon + minutes{1}, [&] { ++ran; });
    DomainClock::TimerId second = 0;
    clock.at(noon + minutes{1}, [&] { clock.cancel(second); });
    second = clock.at(noon + minutes{1}, [&] { ++ran; });
    clock.cancel(first);
    clock.cancel(12'345);
    clock.advance_to(noon + minutes{1});
    EXPECT_EQ(ran, 0);
    clock.cancel(first);
    EXPECT_EQ(clock.next_timer(), UtcTime::max());
}

TEST(VirtualClockTest, RunsADueTimerWithoutMoving) {
    VirtualClock clock(noon);
    int ran = 0;
    clock.at(noon, [&] { ++ran; });
    clock.advance_to(noon);
    EXPECT_EQ(ran, 1);
}

TEST(VirtualClockDeathTest, NeverGoesBack) {
    VirtualClock clock(noon);
    EXPECT_DEATH(clock.advance_to(noon - milliseconds{1}), "to >= now_");
}

TEST(InFlightTest, SaysWhenTheLastTokenHasEnded) {
    InFlight in_flight;
    int idle = 0;
    in_flight.on_idle([&] { ++idle; });
    in_flight.begin("search 1");
    in_flight.begin("search 2");
    in_flight.end("search 1");
    EXPECT_EQ(idle, 0);
    EXPECT_FALSE(in_flight.idle());
    in_flight.end("search 2");
    EXPECT_EQ(idle, 1);
    EXPECT_TRUE(in_flight.idle());
}

TEST(WallClocks, TellTheTime) {
    const auto system = make_system_wall_clock();
    EXPECT_GT(system->now(), noon - hours{24 * 365});
    ManualWallClock manual(noon);
    manual.set(noon + hours{1});
    EXPECT_EQ(manual.now(), noon + hours{1});
}

}  // namespace
}  // namespace headroom
