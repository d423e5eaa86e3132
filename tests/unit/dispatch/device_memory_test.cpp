#include "dispatch/device_memory.hpp"
#include "dispatch_fixture.hpp"

#include <gtest/gtest.h>

namespace headroom::dispatch::test {
namespace {

const DeviceRange battery{Watts{-200'000}, Watts{200'000}};

Instruction order(std::string_view material, UtcTime start, UtcTime expires, std::int64_t value_w) {
    Instruction made = instruction();
    made.id = make_instruction_id(five, material);
    made.start = start;
    made.expires = expires;
    made.value = Watts{value_w};
    return made;
}

TEST(DeviceMemory, AcceptsAndFollowsAnOrderUntilItExpires) {
    DeviceMemory memory;
    const Ack ack = receive(memory, battery, instruction(), five - minutes{6});
    EXPECT_EQ(ack.result, AckResult::accepted);
    EXPECT_EQ(ack.der, "bess-77");
    EXPECT_FALSE(in_force(memory, five - milliseconds{1}).has_value());
    ASSERT_TRUE(in_force(memory, five).has_value());
    EXPECT_EQ(in_force(memory, five)->value, Watts{-180'000});
    EXPECT_FALSE(in_force(memory, five + minutes{5}).has_value());  // by itself
    EXPECT_EQ(next_change(memory, five - minutes{1}), five);
    EXPECT_EQ(next_change(memory, five), five + minutes{5});
    EXPECT_EQ(next_change(memory, five + minutes{5}), std::nullopt);
}

TEST(DeviceMemory, ARepeatGetsTheFirstAnswerAndChangesNothing) {
    DeviceMemory memory;
    EXPECT_EQ(receive(memory, battery, instruction(), five).result, AckResult::accepted);
    Instruction again = instruction();
    again.attempt = 2;
    EXPECT_EQ(receive(memory, battery, again, five + seconds{3}).result, AckResult::duplicate);
    EXPECT_EQ(memory.answered.size(), 1U);

    Instruction big = order("big", five, five + minutes{5}, 300'000);
    EXPECT_EQ(receive(memory, battery, big, five).reason, "range");
    const Ack repeated = receive(memory, {Watts{-400'000}, Watts{400'000}}, big, five);
    EXPECT_EQ(repeated.result, AckResult::refused);  // a first answer stands, whatever has changed since
    EXPECT_EQ(repeated.reason, "range");
}

TEST(DeviceMemory, ARepeatAfterExpiryStillGetsTheFirstAnswer) {
    DeviceMemory memory;
    EXPECT_EQ(receive(memory, battery, instruction(), five).result, AckResult::accepted);
    EXPECT_EQ(receive(memory, battery, instruction(), five + minutes{30}).result, AckResult::duplicate);
    EXPECT_FALSE(in_force(memory, five + minutes{30}).has_value());
}

TEST(DeviceMemory, TheSameIdWithOtherContentIsRefused) {
    DeviceMemory memory;
    EXPECT_EQ(receive(memory, battery, instruction(), five).result, AckResult::accepted);
    Instruction other = instruction();
    other.value = Watts{-90'000};
    const Ack ack = receive(memory, battery, other, five);
    EXPECT_EQ(ack.result, AckResult::refused);
    EXPECT_EQ(ack.reason, "id_reuse");
    EXPECT_EQ(in_force(memory, five)->value, Watts{-180'000});
}

TEST(DeviceMemory, ALowerFenceIsRefusedAHigherOneRemembered) {
    DeviceMemory memory;
    EXPECT_EQ(receive(memory, battery, instruction(), five).result, AckResult::accepted);
    Instruction old = order("old", five, five + minutes{5}, 0);
    old.fence = 41;
    EXPECT_EQ(receive(memory, battery, old, five).reason, "fence");
    Instruction same = order("same", five, five + minutes{5}, 0);
    EXPECT_EQ(receive(memory, battery, same, five).result, AckResult::accepted);
    Instruction next = order("next", five, five + minutes{5}, 0);
    next.fence = 43;
    EXPECT_EQ(receive(memory, battery, next, five).result, AckResult::accepted);
    EXPECT_EQ(memory.fence_highest, 43U);
}

TEST(DeviceMemory, WhatHasExpiredIsRefused) {
    DeviceMemory memory;
    EXPECT_EQ(receive(memory, battery, instruction(), five + minutes{5}).reason, "expired");
}

TEST(DeviceMemory, AStartInThePastBeginsAtOnce) {
    DeviceMemory memory;
    EXPECT_EQ(receive(memory, battery, instruction(), five + minutes{2}).result, AckResult::accepted);
    EXPECT_TRUE(in_force(memory, five + minutes{2}).has_value());
}

TEST(DeviceMemory, RefusesWhatItCannotDo) {
    DeviceMemory memory;
    EXPECT_EQ(receive(memory, battery, order("a", five, five + minutes{5}, 200'001), five).reason, "range");
    EXPECT_EQ(receive(memory, battery, order("b", five, five + minutes{5}, -200'001), five).reason, "range");
    Instruction import_limit = order("c", five, five + minutes{5}, -1);
    import_limit.kind = InstructionKind::limit_import;
    EXPECT_EQ(receive(memory, battery, import_limit, five).reason, "range");
    Instruction export_limit = order("d", five, five + minutes{5}, 1);
    export_limit.kind = InstructionKind::limit_export;
    EXPECT_EQ(receive(memory, battery, export_limit, five).reason, "range");
}

TEST(DeviceMemory, TheNewestOrderCounts) {
    DeviceMemory memory;
    EXPECT_EQ(receive(memory, battery, order("a", five, five + minutes{15}, 1'000), five).result,
              AckResult::accepted);
    EXPECT_EQ(receive(memory, battery, order("b", five + minutes{5}, five + minutes{10}, 2'000), five).result,
              AckResult::accepted);
    EXPECT_EQ(in_force(memory, five + minutes{4})->value, Watts{1'000});
    EXPECT_EQ(in_force(memory, five + minutes{6})->value, Watts{2'000});
    EXPECT_EQ(in_force(memory, five + minutes{11})->value, Watts{1'000});
}

TEST(DeviceMemory, AReleaseEndsWhatCameBeforeForGood) {
    DeviceMemory memory;
    EXPECT_EQ(receive(memory, battery, order("a", five, five + minutes{15}, 1'000), five).result,
              AckResult::accepted);
    Instruction release = order("r", five + minutes{2}, five + minutes{3}, 0);
    release.kind = InstructionKind::release;
    EXPECT_EQ(receive(memory, battery, release, five + minutes{2}).result, AckResult::accepted);
    EXPECT_FALSE(in_force(memory, five + minutes{2}).has_value());
    EXPECT_FALSE(in_force(memory, five + minutes{4}).has_value());  // also after its own expiry
    EXPECT_EQ(
        receive(memory, battery, order("b", five + minutes{4}, five + minutes{9}, 3'000), five + minutes{4})
            .result,
        AckResult::accepted);
    EXPECT_EQ(in_force(memory, five + minutes{4})->value, Watts{3'000});
}

TEST(DeviceMemory, StaysBoundedAndRefusesWhenFullOfLiveOrders) {
    DeviceMemory memory;
    for (std::size_t i = 0; i < device_orders_max; ++i) {
        EXPECT_EQ(
            receive(memory, battery, order(std::to_string(i), five, five + minutes{15}, 1), five).result,
            AckResult::accepted);
    }
    EXPECT_EQ(receive(memory, battery, order("one more", five, five + minutes{15}, 1), five).reason, "fault");
    EXPECT_EQ(memory.answered.size(), device_orders_max);
    const UtcTime later = five + minutes{16};
    EXPECT_EQ(receive(memory, battery, order("later", later, later + minutes{5}, 1), later).result,
              AckResult::accepted);
    EXPECT_LE(memory.answered.size(), device_orders_max);
}

TEST(DeviceMemory, ForgettingAReleaseDoesNotReviveAnOrder) {
    DeviceMemory memory;
    EXPECT_EQ(receive(memory, battery, order("a", five, five + hours{4}, 1'000), five).result,
              AckResult::accepted);
    Instruction release = order("r", five, five + minutes{1}, 0);
    release.kind = InstructionKind::release;
    EXPECT_EQ(receive(memory, battery, release, five).result, AckResult::accepted);
    const UtcTime later = five + hours{3};
    Instruction refused = order("b", later, later + minutes{1}, 900'000);
    EXPECT_EQ(receive(memory, battery, refused, later).result, AckResult::refused);
    EXPECT_FALSE(in_force(memory, later).has_value());
}

TEST(DeviceMemory, SurvivesARestart) {
    DeviceMemory memory;
    EXPECT_EQ(receive(memory, battery, instruction(), five).result, AckResult::accepted);
    EXPECT_EQ(receive(memory, battery, order("x", five, five + minutes{5}, 300'000), five).reason, "range");
    const std::string text = json::write(to_json(memory));
    DeviceMemory again = device_memory_from_json(json::parse(text).value()).value();
    EXPECT_EQ(json::write(to_json(again)), text);
    EXPECT_EQ(receive(again, battery, instruction(), five).result, AckResult::duplicate);
    EXPECT_EQ(receive(again, battery, order("x", five, five + minutes{5}, 300'000), five).reason, "range");
    EXPECT_FALSE(
        device_memory_from_json(json::parse(R"({"fence_highest":1,"answered":[{}]})").value()).has_value());
}

}  // namespace
}  // namespace headroom::dispatch::test
