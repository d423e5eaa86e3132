#include "dispatch/guard/guard.hpp"
#include "dispatch_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace headroom::dispatch::guard::test {
namespace {

using dispatch::test::five;
using ::testing::HasSubstr;

/// A turn-down of 180 kW that every rule allows.
GuardQuestion question() {
    GuardQuestion made;
    made.instruction = dispatch::test::instruction();
    made.feeder = "LV-017";
    made.substation = "S-1";
    made.der_power_max = 200'000_W;
    made.now = five - minutes{1};
    return made;
}

TEST(Guard, LetsAnOrdinaryInstructionPass) {
    const GuardAnswer answer = check({}, question());
    EXPECT_TRUE(answer.allowed);
    EXPECT_EQ(answer.rule, "pass");
    EXPECT_EQ(answer.detail, "180000 W by bess-77 is within rules guard-default@1");
}

struct Case {
    const char* rule;
    std::function<void(GuardRules&, GuardQuestion&)> break_it;
    const char* detail;
};

class GuardRefuses : public ::testing::TestWithParam<Case> {};

TEST_P(GuardRefuses, WithTheNumbersAndLetsAReleasePass) {
    GuardRules rules;
    GuardQuestion asked = question();
    GetParam().break_it(rules, asked);

    const GuardAnswer answer = check(rules, asked);
    EXPECT_FALSE(answer.allowed);
    EXPECT_EQ(answer.rule, GetParam().rule);
    EXPECT_THAT(answer.detail, HasSubstr(GetParam().detail));

    asked.instruction.kind = InstructionKind::release;
    EXPECT_TRUE(check(rules, asked).allowed);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, GuardRefuses,
    ::testing::Values(
        Case{"stop_all", [](GuardRules&, GuardQuestion& q) { q.stop_all = true; }, "stop-all is in force for feeder LV-017"},
        Case{"feeder_state", [](GuardRules&, GuardQuestion& q) { q.feeder_state = "abnormal"; },
             "LV-017 is abnormal and no person is named"},
        Case{"feeder_state",
             [](GuardRules&, GuardQuestion& q) {
                 q.feeder_state = "permit";
                 q.named_person = true;
             },
             "LV-017 is permit"},
        Case{"feeder_state", [](GuardRules&, GuardQuestion& q) { q.feeder_held = true; }, "held by a control engineer"},
        Case{"feeder_state", [](GuardRules&, GuardQuestion& q) { q.feeder_state.clear(); }, "in no known state"},
        Case{"protected_der", [](GuardRules& r, GuardQuestion&) { r.protected_ders = {"x", "bess-77"}; },
             "bess-77 is a protected site"},
        Case{"direction", [](GuardRules&, GuardQuestion& q) { q.turn_up = true; }, "turn-up of bess-77 would load the import limit"},
        Case{"direction", [](GuardRules&, GuardQuestion& q) { q.limit_is_import = false; },
             "turn-down of bess-77 would load the export limit"},
        Case{"direction",
             [](GuardRules&, GuardQuestion& q) {
                 q.limit_is_import = false;
                 q.turn_up = true;
                 q.instruction.kind = InstructionKind::limit_import;
             },
             "cannot turn it up"},
        Case{"direction", [](GuardRules&, GuardQuestion& q) { q.instruction.kind = InstructionKind::limit_export; },
             "cannot turn it down"},
        Case{"expiry", [](GuardRules&, GuardQuestion& q) { q.instruction.expires = q.instruction.start + minutes{16}; },
             "would stand for 960 s, more than 900 s"},
        Case{"expiry", [](GuardRules&, GuardQuestion& q) { q.instruction.expires = q.instruction.start; },
             "does not end after its start"},
        Case{"expiry", [](GuardRules&, GuardQuestion& q) { q.now = q.instruction.expires; }, "expired at 2026-11-20T17:05:00.000Z"},
        Case{"der_range", [](GuardRules&, GuardQuestion& q) { q.der_power_max = 179'999_W; },
             "180000 W is more than the 179999 W of bess-77"},
        Case{"der_range", [](GuardRules&, GuardQuestion& q) { q.instruction.change = Watts{-1}; }, "wrong sign"},
        Case{"event_power", [](GuardRules&, GuardQuestion& q) { q.event_power_sent = 4'820'001_W; },
             "would come to 5000001 W, more than 5000000 W"},
        Case{"feeder_rate", [](GuardRules&, GuardQuestion& q) { q.feeder_power_last_minute = 320'001_W; },
             "would change by 500001 W within a minute, more than 500000 W"},
        Case{"substation_rate", [](GuardRules&, GuardQuestion& q) { q.substation_power_last_minute = 1'820'001_W; },
             "substation S-1 would change by 2000001 W"},
        Case{"simultaneous_starts", [](GuardRules&, GuardQuestion& q) { q.starts_same_moment = 200; },
             "201 instructions would begin within 10 s, more than 200"},
        Case{"der_starts", [](GuardRules&, GuardQuestion& q) { q.der_starts_today = 12; }, "13th time today, more than 12"},
        Case{"frequency", [](GuardRules&, GuardQuestion& q) { q.frequency_mhz = 50'201; },
             "the system is long at 50201 mHz: no turn-down"},
        Case{"frequency",
             [](GuardRules&, GuardQuestion& q) {
                 q.limit_is_import = false;
                 q.turn_up = true;
                 q.frequency_mhz = 49'799;
             },
             "the system is short at 49799 mHz: no turn-up"}));

TEST(Guard, LetsItsBoundsThemselvesPass) {
    GuardQuestion asked = question();
    asked.event_power_sent = 4'820'000_W;
    asked.feeder_power_last_minute = 320'000_W;
    asked.substation_power_last_minute = 1'820'000_W;
    asked.starts_same_moment = 199;
    asked.der_starts_today = 11;
    asked.der_power_max = 180'000_W;
    asked.frequency_mhz = 50'200;
    asked.instruction.expires = asked.instruction.start + minutes{15};
    EXPECT_TRUE(check({}, asked).allowed) << check({}, asked).detail;
}

TEST(Guard, ARenewalIsNoNewStart) {
    GuardQuestion asked = question();
    asked.is_renewal = true;
    asked.feeder_power_last_minute = 10'000'000_W;
    asked.substation_power_last_minute = 10'000'000_W;
    asked.starts_same_moment = 1'000;
    asked.der_starts_today = 100;
    EXPECT_TRUE(check({}, asked).allowed) << check({}, asked).detail;
}

TEST(Guard, ANamedPersonMayActOnAnAbnormalFeeder) {
    GuardQuestion asked = question();
    asked.feeder_state = "abnormal";
    asked.named_person = true;
    EXPECT_TRUE(check({}, asked).allowed);
}

TEST(Guard, AnUnknownFrequencyPasses) {
    GuardQuestion asked = question();
    asked.frequency_mhz = std::nullopt;
    EXPECT_TRUE(check({}, asked).allowed);
}

TEST(GuardJson, QuestionAndRulesComeBackBitForBit) {
    GuardQuestion asked = question();
    asked.frequency_mhz = 49'990;
    asked.der_starts_today = 3;
    const std::string text = json::write_canonical(to_json(asked)).value();
    const GuardQuestion again = guard_question_from_json(json::parse(text).value()).value();
    EXPECT_EQ(json::write_canonical(to_json(again)).value(), text);
    EXPECT_EQ(check({}, again).detail, check({}, asked).detail);

    GuardRules rules;
    rules.protected_ders = {"hospital-1"};
    const std::string written = json::write_canonical(to_json(rules)).value();
    const GuardRules read = guard_rules_from_json(json::parse(written).value()).value();
    EXPECT_EQ(json::write_canonical(to_json(read)).value(), written);

    json::Value broken = to_json(asked);
    broken.as_object()->set("der_starts_today", -1);
    EXPECT_EQ(guard_question_from_json(broken).error().pointer, "/der_starts_today");
}

}  // namespace
}  // namespace headroom::dispatch::guard::test
