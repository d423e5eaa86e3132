#include "net/mqtt_wire.hpp"

#include <gtest/gtest.h>

#include <array>

namespace headroom::net::mqtt {
namespace {

std::string_view body_of(std::string_view packet) {
    const auto frame = frame_of(packet);
    return packet.substr((*frame)->head_bytes, (*frame)->body_bytes);
}

TEST(MqttWire, SaysConnectAsTheStandardHasIt) {
    std::string out;
    put_connect(out, {.client_id = "r1",
                      .user = "u",
                      .password = "p",
                      .clean_start = false,
                      .keepalive_s = 30,
                      .session_expiry_s = 3600,
                      .receive_maximum = 1000,
                      .packet_bytes_max = 0});
    const std::string expected(
        "\x10\x1d\0\x04MQTT\x05\xc0\0\x1e\x08\x11\0\0\x0e\x10\x21\x03\xe8\0\x02r1\0\x01u\0\x01p", 31);
    EXPECT_EQ(out, expected);
}

TEST(MqttWire, SubscribesWithOptionsOfEachFilter) {
    std::string out;
    const std::array filters{Subscription{.filter = "a/#", .qos = 1, .retained_when_new = true},
                             Subscription{.filter = "$share/g/b", .qos = 0, .retained_when_new = false}};
    put_subscribe(out, 7, filters);
    EXPECT_EQ(out, std::string("\x82\x16\0\x07\0\0\x03"
                               "a/#\x11\0\x0a$share/g/b\0",
                               24));
}

TEST(MqttWire, ReadsWhatItPublishes) {
    for (const int qos : {0, 1}) {
        std::string packet;
        put_publish(packet, "readings/F-1", std::string(300, 'x'), qos, 513);
        const auto frame = frame_of(packet);
        ASSERT_TRUE(frame.has_value() && frame->has_value());
        EXPECT_EQ((*frame)->type(), PacketType::publish);
        EXPECT_EQ((*frame)->bytes(), packet.size());
        const auto message = parse_publish((*frame)->first, body_of(packet));
        ASSERT_TRUE(message.has_value());
        EXPECT_EQ(message->topic, "readings/F-1");
        EXPECT_EQ(message->payload, std::string(300, 'x'));
        EXPECT_EQ(message->qos, qos);
        EXPECT_EQ(message->packet_id, qos == 0 ? 0 : 513);
    }
}

TEST(MqttWire, PassesOverPropertiesOfAMessage) {
    // A user property of five bytes between topic and payload.
    const std::string body("\0\x01t\x07\x26\0\x01k\0\x01vdata", 15);
    const auto message = parse_publish(0x30, body);
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(message->payload, "data");
}

TEST(MqttWire, AHeaderThatIsNotCompleteWaits) {
    EXPECT_FALSE(frame_of("")->has_value());
    EXPECT_FALSE(frame_of("\x30")->has_value());
    EXPECT_FALSE(frame_of("\x30\x80")->has_value());
    EXPECT_EQ((*frame_of("\x30\x80\x01"))->body_bytes, 128U);
    EXPECT_FALSE(frame_of("\x30\xff\xff\xff\xff").has_value()) << "a length of more than four bytes";
}

TEST(MqttWire, RefusesMessagesThatAreCutOffOrNotAskedFor) {
    EXPECT_FALSE(parse_publish(0x30, std::string_view("\0\x05topi", 6)).has_value());
    EXPECT_FALSE(parse_publish(0x30, std::string_view("\0\x01t", 3)).has_value()) << "no property list";
    EXPECT_FALSE(parse_publish(0x30, std::string_view("\0\0\0", 3)).has_value()) << "no topic";
    EXPECT_FALSE(parse_publish(0x32, std::string_view("\0\x01t\0\0\0", 6)).has_value()) << "number 0";
    EXPECT_FALSE(parse_publish(0x34, std::string_view("\0\x01t\0\x01\0", 6)).has_value()) << "QoS 2";
}

TEST(MqttWire, ReadsTheServersWordOnKeepalive) {
    // Maximum QoS 1, then keepalive 10 s.
    const auto answer = parse_connack(std::string_view("\0\0\x05\x24\x01\x13\0\x0a", 8));
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->reason, 0);
    EXPECT_EQ(answer->keepalive_s, std::uint16_t{10});

    EXPECT_EQ(parse_connack(std::string_view("\0\x87\0", 3))->reason, 0x87);
    EXPECT_FALSE(parse_connack(std::string_view("\0\0\x02\x7f\0", 5)).has_value()) << "an unknown property";
    EXPECT_FALSE(parse_connack(std::string_view("\0\0\x02\x13\0", 5)).has_value()) << "cut off";
}

TEST(MqttWire, ReadsTheAnswersToSubscribeAndPublish) {
    const auto answer = parse_suback(std::string_view("\0\x01\0\x01\x87", 5));
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->packet_id, 1);
    EXPECT_EQ(answer->reasons, std::string_view("\x01\x87", 2));
    EXPECT_FALSE(parse_suback(std::string_view("\0\x01\0", 3)).has_value());

    std::string puback;
    put_puback(puback, 258);
    EXPECT_EQ(puback, std::string("\x40\x02\x01\x02", 4));
    EXPECT_EQ(*parse_puback(body_of(puback)), 258);
    EXPECT_FALSE(parse_puback("\x01").has_value());
    EXPECT_EQ(parse_disconnect("\x8b"), 0x8b);
    EXPECT_EQ(parse_disconnect(""), 0);
}

}  // namespace
}  // namespace headroom::net::mqtt
