#include "agents/dispatch_counters.hpp"

#include "unit/agents/instants.hpp"

#include <gtest/gtest.h>

#include <string>

namespace headroom::agents {
namespace {

using dispatch::guard::GuardQuestion;

/// Five o'clock, and so much more.
UtcTime five_plus(milliseconds after = {}) {
    return test::evening + after;
}

GuardQuestion question(const std::string& id, UtcTime now, UtcTime start, std::int64_t change_w = 5'000,
                       const std::string& feeder = "F1") {
    GuardQuestion asked;
    asked.now = now;
    asked.feeder = feeder;
    asked.substation = "S1";
    asked.instruction.id = InstructionId{id};
    asked.instruction.der = "D-" + feeder;
    asked.instruction.start = start;
    asked.instruction.change = Watts{change_w};
    return asked;
}

/// What would be asked now, of a start that nothing else is near to.
GuardQuestion filled(const DispatchCounters& counters, UtcTime now, const std::string& feeder = "F1",
                     UtcTime start = five_plus(hours{5})) {
    GuardQuestion asked = question("next", now, start, 0, feeder);
    counters.fill(asked);
    return asked;
}

TEST(DispatchCounters, PowerCountsForAMinuteAtItsFeederAndItsSubstation) {
    DispatchCounters counters;
    counters.add(question("i1", five_plus(), five_plus(), 5'000));
    counters.add(question("i2", five_plus(seconds{30}), five_plus(), 7'000));
    counters.add(question("i3", five_plus(seconds{30}), five_plus(), 11'000, "F2"));
    EXPECT_EQ(filled(counters, five_plus(seconds{59})).feeder_power_last_minute, Watts{12'000});
    EXPECT_EQ(filled(counters, five_plus(seconds{59})).substation_power_last_minute, Watts{23'000});
    EXPECT_EQ(filled(counters, five_plus(seconds{60})).feeder_power_last_minute, Watts{7'000});
    EXPECT_EQ(filled(counters, five_plus(seconds{60}), "F2").feeder_power_last_minute, Watts{11'000});
    EXPECT_EQ(filled(counters, five_plus(seconds{60}), "F3").feeder_power_last_minute, Watts{});
    EXPECT_EQ(filled(counters, five_plus(seconds{90})).substation_power_last_minute, Watts{});
}

TEST(DispatchCounters, WhatIsForgottenWhileMoreIsAddedNoLongerCounts) {
    DispatchCounters counters;
    for (int i = 0; i < 200; ++i) {
        counters.add(question("i" + std::to_string(i), five_plus(seconds{i}), five_plus(seconds{i}), 1'000));
    }
    EXPECT_EQ(filled(counters, five_plus(seconds{199})).feeder_power_last_minute, Watts{60'000});
    EXPECT_EQ(filled(counters, five_plus(seconds{240})).feeder_power_last_minute, Watts{19'000});
}

TEST(DispatchCounters, AClockThatWasSetBackKeepsTheOrder) {
    DispatchCounters counters;
    counters.add(question("late", five_plus(seconds{50}), five_plus(), 5'000));
    counters.add(question("early", five_plus(), five_plus(), 7'000));
    EXPECT_EQ(filled(counters, five_plus(seconds{70})).feeder_power_last_minute, Watts{5'000});
    EXPECT_EQ(filled(counters, five_plus(seconds{55})).feeder_power_last_minute, Watts{12'000});
}

TEST(DispatchCounters, StartsWithinTenSecondsAreOneMoment) {
    DispatchCounters counters;
    const UtcTime half_hour = five_plus(minutes{30});
    counters.add(question("i1", five_plus(), half_hour));
    counters.add(question("i2", five_plus(), half_hour, 1'000, "F2"));
    counters.add(question("i3", five_plus(), half_hour + seconds{9}, 1'000, "F3"));
    counters.add(question("i4", five_plus(), half_hour + seconds{10}, 1'000, "F4"));
    const auto beside = [&counters](UtcTime start) {
        return filled(counters, five_plus(minutes{29}), "F9", start).starts_same_moment;
    };
    EXPECT_EQ(beside(half_hour), 3);
    EXPECT_EQ(beside(half_hour + seconds{5}), 4);
    EXPECT_EQ(beside(half_hour - seconds{10}), 0);
    EXPECT_EQ(beside(half_hour + seconds{20}), 0);
}

TEST(DispatchCounters, AStartAheadCountsUntilItHasPassed) {
    DispatchCounters counters;
    counters.add(question("i1", five_plus(), five_plus(hours{2})));
    counters.add(
        question("i2", five_plus(hours{1}), five_plus(hours{1})));  // forgets what is to be forgotten
    EXPECT_EQ(filled(counters, five_plus(hours{1}), "F1", five_plus(hours{2})).starts_same_moment, 1);
    counters.add(question("i3", five_plus(hours{3}), five_plus(hours{3})));
    EXPECT_EQ(filled(counters, five_plus(hours{3}), "F1", five_plus(hours{2})).starts_same_moment, 0);
}

TEST(DispatchCounters, WhatIsTakenBackDoesNotCount) {
    DispatchCounters counters;
    const GuardQuestion first = question("i1", five_plus(), five_plus(), 5'000);
    const GuardQuestion second = question("i2", five_plus(), five_plus(), 7'000);
    counters.add(first);
    counters.add(second);
    counters.remove(first);
    const GuardQuestion asked = filled(counters, five_plus(seconds{1}), "F1", five_plus());
    EXPECT_EQ(asked.feeder_power_last_minute, Watts{7'000});
    EXPECT_EQ(asked.substation_power_last_minute, Watts{7'000});
    EXPECT_EQ(asked.starts_same_moment, 1);
    EXPECT_EQ(asked.der_starts_today, 1);
}

TEST(DispatchCounters, RenewalsAndReleasesAreNoActivations) {
    DispatchCounters counters;
    GuardQuestion renewal = question("i1", five_plus(), five_plus());
    renewal.is_renewal = true;
    GuardQuestion release = question("i2", five_plus(), five_plus());
    release.instruction.kind = dispatch::InstructionKind::release;
    counters.add(renewal);
    counters.add(release);
    const GuardQuestion asked = filled(counters, five_plus(), "F1", five_plus());
    EXPECT_EQ(asked.feeder_power_last_minute, Watts{});
    EXPECT_EQ(asked.der_starts_today, 0);
    EXPECT_EQ(asked.starts_same_moment, 0);
}

TEST(DispatchCounters, StartsCountByTheDerAndItsSettlementDay) {
    DispatchCounters counters;
    counters.add_start("D-F1", five_plus(-hours{2}));  // found after a restart
    counters.add(question("i1", five_plus(), five_plus()));
    counters.add(question("i2", five_plus(), five_plus(hours{8})));  // tomorrow
    EXPECT_EQ(filled(counters, five_plus()).der_starts_today, 2);
    EXPECT_EQ(filled(counters, five_plus(), "F1", five_plus(hours{8})).der_starts_today, 1);
    EXPECT_EQ(filled(counters, five_plus(), "F2").der_starts_today, 0);
    counters.add(question("i3", five_plus(hours{72}), five_plus(hours{72})));
    EXPECT_EQ(filled(counters, five_plus(hours{72})).der_starts_today, 0);  // forgotten
}

}  // namespace
}  // namespace headroom::agents
