#include "dispatch/presence.hpp"
#include "dispatch_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace headroom::dispatch::test {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view order_text =
    R"({"attempt":1,"event_id":"ev-20261120-01","expires":"2026-11-20T17:05:00.000Z","fence":42,"kind":"setpoint",)"
    R"("order_id":"01JD3ZK6V3V9Q6T8W2M4N5P7R9","start":"2026-11-20T17:00:00.000Z","v":1,"value_w":-180000})";

std::string replaced(std::string_view text, std::string_view what, std::string_view with) {
    std::string changed(text);
    const std::size_t at = changed.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return changed.replace(at, what.size(), with);
}

TEST(Order, IsWrittenByteForByteAsDocumented) {
    EXPECT_EQ(encode_order(instruction()), order_text);
}

TEST(Order, ComesBackAsItWasSent) {
    const Result<Instruction> read = decode_order(order_text);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->id.value, "01JD3ZK6V3V9Q6T8W2M4N5P7R9");
    EXPECT_EQ(read->event.value, "ev-20261120-01");
    EXPECT_EQ(read->fence, 42U);
    EXPECT_EQ(read->kind, InstructionKind::setpoint);
    EXPECT_EQ(read->value, Watts{-180'000});
    EXPECT_EQ(read->start, five);
    EXPECT_EQ(read->expires, five + minutes{5});
    EXPECT_EQ(encode_order(*read), order_text);
}

TEST(Order, EachFaultNamesItsMember) {
    const auto pointer_of = [](const std::string& text) {
        const Result<Instruction> read = decode_order(text);
        EXPECT_FALSE(read.has_value()) << text;
        return read ? "" : read.error().pointer;
    };
    EXPECT_EQ(pointer_of(replaced(order_text, R"("fence":42)", R"("fence":-1)")), "/fence");
    EXPECT_EQ(pointer_of(replaced(order_text, R"("fence":42)", R"("fence":9007199254740992)")), "/fence");
    EXPECT_EQ(pointer_of(replaced(order_text, R"("kind":"setpoint")", R"("kind":"explode")")), "/kind");
    EXPECT_EQ(pointer_of(replaced(order_text, "01JD3ZK6V3V9Q6T8W2M4N5P7R9", "01JD3ZK6V3V9Q6T8W2M4N5P7RU")),
              "/order_id");
    EXPECT_EQ(pointer_of(replaced(order_text, R"("v":1)", R"("v":2)")), "/v");
    EXPECT_EQ(pointer_of(replaced(order_text, "17:05:00.000Z", "17:00:00.000Z")), "/expires");
    EXPECT_EQ(pointer_of(replaced(order_text, "-180000", "-180000.5")), "/value_w");
    EXPECT_EQ(pointer_of(replaced(order_text, "-180000", "1000000001")), "/value_w");
    EXPECT_EQ(pointer_of(replaced(order_text, R"("v":1)", R"("v":1,"standing":true)")), "/standing");
    EXPECT_EQ(pointer_of(replaced(order_text, R"("attempt":1,)", "")), "/attempt");
}

TEST(Order, TooLongOrTooDeepIsNotRead) {
    EXPECT_FALSE(decode_order(std::string(9'000, ' ') + std::string(order_text)).has_value());
    EXPECT_FALSE(decode_order("[[[[[[1]]]]]]").has_value());
    EXPECT_FALSE(decode_order("").has_value());
}

TEST(AckPayload, GoesBothWays) {
    constexpr std::string_view text =
        R"({"order_id":"01JD3ZK6V3V9Q6T8W2M4N5P7R9","result":"accepted","ts":"2026-11-20T16:54:00.412Z","v":1})";
    const Result<Ack> read = decode_ack(text, "bess-77");
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->der, "bess-77");
    EXPECT_EQ(read->result, AckResult::accepted);
    EXPECT_EQ(encode_ack(*read), text);
}

TEST(AckPayload, ARefusalNeedsAKnownReason) {
    constexpr std::string_view text =
        R"({"order_id":"01JD3ZK6V3V9Q6T8W2M4N5P7R9","reason":"fence","result":"refused","ts":"2026-11-20T16:54:00.412Z","v":1})";
    EXPECT_EQ(decode_ack(text, "bess-77").value().reason, "fence");
    EXPECT_EQ(encode_ack(decode_ack(text, "bess-77").value()), text);
    EXPECT_EQ(decode_ack(replaced(text, R"("fence")", R"("mood")"), "bess-77").error().pointer, "/reason");
    EXPECT_EQ(decode_ack(replaced(text, R"("reason":"fence",)", ""), "bess-77").error().pointer, "/reason");
}

TEST(AckPayload, MayNotSpeakForAnotherDevice) {
    const std::string text =
        R"({"der":"bess-78","order_id":"01JD3ZK6V3V9Q6T8W2M4N5P7R9","result":"accepted","ts":"2026-11-20T16:54:00Z","v":1})";
    EXPECT_TRUE(decode_ack(text, "bess-78").has_value());
    const Result<Ack> other = decode_ack(text, "bess-77");
    ASSERT_FALSE(other.has_value());
    EXPECT_THAT(other.error().message, HasSubstr("the sender is bess-77, the payload names bess-78"));
}

TEST(MeasurementPayload, IsReadWithItsBounds) {
    const std::string text =
        R"({"p_w":-179400,"q_var":1200,"soc_pct":64,"active_order":"01JD3ZK6V3V9Q6T8W2M4N5P7R9","ts":"2026-11-20T17:00:20.000Z","v":1,"spare":true})";
    const Result<DeviceMeasurement> read = decode_measurement(text, "bess-77");
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->power, Watts{-179'400});
    EXPECT_EQ(read->soc_pct, 64);
    EXPECT_EQ(read->active_order, "01JD3ZK6V3V9Q6T8W2M4N5P7R9");
    EXPECT_EQ(decode_measurement(encode_measurement(*read), "bess-77").value().power, read->power);

    EXPECT_EQ(decode_measurement(replaced(text, "64", "101"), "bess-77").error().pointer, "/soc_pct");
    EXPECT_EQ(
        decode_measurement(replaced(text, R"("ts":"2026-11-20T17:00:20.000Z")", R"("ts":"today")"), "bess-77")
            .error()
            .pointer,
        "/ts");
    EXPECT_FALSE(decode_measurement(R"({"ts":"2026-11-20T17:00:20.000Z","v":1})", "bess-77").has_value());
}

TEST(BirthPayload, GoesBothWays) {
    const std::string text =
        R"({"v":1,"type":"battery","p_min_w":-200000,"p_max_w":200000,"e_wh":400000,"ramp_w_s":20000,"default":"zero","watchdog_s":900,"fw":"1.4.2"})";
    const Result<DeviceBirth> read = decode_birth(text, "bess-77");
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->watchdog, seconds{900});
    EXPECT_EQ(read->power_min, Watts{-200'000});
    EXPECT_EQ(decode_birth(encode_birth(*read), "bess-77").value(), *read);
    EXPECT_EQ(decode_birth(replaced(text, "-200000", "300000"), "bess-77").error().pointer, "/p_min_w");
}

TEST(PresencePayload, IsOnlineOrOffline) {
    EXPECT_EQ(encode_presence(false), R"({"state":"offline","v":1})");
    EXPECT_TRUE(decode_presence(encode_presence(true)).value());
    EXPECT_FALSE(decode_presence(encode_presence(false)).value());
    EXPECT_FALSE(decode_presence(R"({"state":"asleep","v":1})").has_value());
}

TEST(DeviceId, HoldsOnlyWhatATopicMayHold) {
    EXPECT_TRUE(is_device_id("bess-77_A"));
    for (const char* bad : {"", "a.b", "a/b", "a+", "#", "ä", "a b"}) {
        EXPECT_FALSE(is_device_id(bad)) << bad;
    }
    EXPECT_TRUE(is_device_id(std::string(64, 'a')));
    EXPECT_FALSE(is_device_id(std::string(65, 'a')));
}

TEST(InstructionJson, ComesBackBitForBit) {
    Instruction made = instruction();
    made.state = InstructionState::sent;
    made.attempt = 2;
    const std::string canonical = json::write_canonical(to_json(made)).value();
    const Instruction again = instruction_from_json(json::parse(canonical).value()).value();
    EXPECT_EQ(json::write_canonical(to_json(again)).value(), canonical);
    EXPECT_EQ(again.state, InstructionState::sent);

    json::Value broken = to_json(made);
    broken.as_object()->set("state", "lost");
    EXPECT_EQ(instruction_from_json(broken).error().pointer, "/state");
}

}  // namespace
}  // namespace headroom::dispatch::test
