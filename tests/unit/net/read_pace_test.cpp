#include "net/read_pace.hpp"

#include <gtest/gtest.h>

namespace headroom::net {
namespace {

constexpr std::chrono::microseconds pace_step{100};

/// Notes `bytes` every tenth of a millisecond for so long.
void flow(ReadPace& pace, SteadyTime& now, std::size_t bytes, milliseconds time) {
    for (const SteadyTime until = now + time; now < until;) {
        now += pace_step;
        static_cast<void>(pace.note(bytes, now));
    }
}

TEST(ReadPace, ATrickleIsReadAsItComes) {
    ReadPace pace;
    SteadyTime now{};
    now += hours{1};
    flow(pace, now, 600, milliseconds{20});  // 6 MB/s, as of a hundred thousand feeders once a second
    EXPECT_FALSE(pace.is_flood());
    now += seconds{10};
    EXPECT_FALSE(pace.note(ReadPace::flood_bytes_per_ms, now)) << "one large message after silence";
}

TEST(ReadPace, AFloodIsToldOnceAndEndsWithIt) {
    ReadPace pace;
    SteadyTime now{};
    now += hours{1};
    int changes = 0;
    for (int i = 0; i < 100; ++i) {
        now += pace_step;
        changes += pace.note(20'000, now) ? 1 : 0;
    }
    EXPECT_TRUE(pace.is_flood());
    EXPECT_EQ(changes, 1);

    flow(pace, now, 0, milliseconds{3});
    EXPECT_FALSE(pace.is_flood());
}

}  // namespace
}  // namespace headroom::net
