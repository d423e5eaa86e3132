#include "net/iec104_asdu.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace headroom::net::iec104 {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;

/// 2026-11-20 17:30:01.000, a Friday: 1000 ms, minute 30, hour 17, day 20 | weekday 5 << 5, month 11,
/// year 26.
const std::string tag = "\xe8\x03\x1e\x11\xb4\x0b\x1a"s;
const UtcTime tagged = UtcTime{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20}} + 17h + 30min + 1s;

/// Type, number of objects, cause 3 (spontaneous) of originator 0, common address 0x0102.
std::string header(char type, char count, char cause = 3) {
    return std::string{type, count, cause, '\0', '\x02', '\x01'};
}

Asdu read(const std::string& bytes) {
    Asdu asdu;
    const Result<void> done = read_asdu(bytes, asdu);
    EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().message);
    return asdu;
}

InformationObject only(const std::string& bytes) {
    const Asdu asdu = read(bytes);
    EXPECT_EQ(asdu.objects.size(), 1U);
    return asdu.objects.empty() ? InformationObject{} : asdu.objects.front();
}

TEST(Iec104Asdu, ReadsItsHeader) {
    const Result<AsduHeader> read = read_asdu_header("\x0d\x83\xd4\x07\x02\x01"s);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->type, 13);
    EXPECT_EQ(read->objects, 3);
    EXPECT_TRUE(read->is_sequence);
    EXPECT_EQ(read->cause, static_cast<std::uint8_t>(Cause::interrogated_by_station));
    EXPECT_TRUE(read->is_negative);
    EXPECT_TRUE(read->is_test);
    EXPECT_EQ(read->originator, 7);
    EXPECT_EQ(read->common_address, 0x0102);
}

TEST(Iec104Asdu, ReadsPoints) {
    const InformationObject single = only(header(1, 1) + "\x56\x34\x12\x81"s);
    EXPECT_EQ(single.address, 0x123456U);
    EXPECT_EQ(single.value, 1.0);
    EXPECT_EQ(single.quality, quality_invalid);
    EXPECT_FALSE(single.time.has_value());

    const InformationObject closed = only(header(3, 1) + "\x01\x00\x00\x22"s);
    EXPECT_EQ(closed.value, 2.0);
    EXPECT_EQ(closed.quality, quality_substituted);
}

TEST(Iec104Asdu, ReadsMeasuredValues) {
    const InformationObject normalised = only(header(9, 1) + "\x01\x00\x00\x00\xc0\x00"s);
    EXPECT_EQ(normalised.value, -0.5);  // 0xc000 = -16384 of 32768
    const InformationObject scaled = only(header(11, 1) + "\x01\x00\x00\x9c\xff\x11"s);
    EXPECT_EQ(scaled.value, -100.0);
    EXPECT_EQ(scaled.quality, quality_overflow | quality_blocked);
    const InformationObject real = only(header(13, 1) + "\x01\x00\x00\x00\x00\xc8\x42\x40"s);
    EXPECT_EQ(real.value, 100.0);
    EXPECT_EQ(real.quality, quality_not_topical);
}

TEST(Iec104Asdu, AFloatThatIsNoNumberIsHandedOn) {
    EXPECT_TRUE(std::isnan(only(header(13, 1) + "\x01\x00\x00\x00\x00\xc0\x7f\x00"s).value));
    EXPECT_TRUE(std::isinf(only(header(13, 1) + "\x01\x00\x00\x00\x00\x80\xff\x00"s).value));
}

TEST(Iec104Asdu, ReservedQualityBitsAreNotKept) {
    EXPECT_EQ(only(header(13, 1) + "\x01\x00\x00\x00\x00\xc8\x42\x0e"s).quality, 0);
    EXPECT_EQ(only(header(1, 1) + "\x01\x00\x00\x0e"s).quality, 0);
}

TEST(Iec104Asdu, ReadsTimeTagged) {
    const InformationObject single = only(header(30, 1) + "\x01\x00\x00\x01"s + tag);
    EXPECT_EQ(single.value, 1.0);
    EXPECT_EQ(single.time->face, tagged);
    EXPECT_EQ(only(header(31, 1) + "\x01\x00\x00\x01"s + tag).value, 1.0);
    EXPECT_EQ(only(header(34, 1) + "\x01\x00\x00\x00\x40\x00"s + tag).value, 0.5);
    EXPECT_EQ(only(header(35, 1) + "\x01\x00\x00\x2a\x00\x00"s + tag).value, 42.0);
    const InformationObject real = only(header(36, 1) + "\x01\x00\x00\x00\x00\x80\x3f\x00"s + tag);
    EXPECT_EQ(real.value, 1.0);
    EXPECT_EQ(real.time->face, tagged);
    EXPECT_FALSE(real.time->is_invalid);
    EXPECT_FALSE(real.time->is_summer_time);
}

TEST(Iec104Asdu, EveryObjectHasItsAddressWithoutSq) {
    const Asdu asdu = read(header(11, 2) + "\x05\x00\x00\x01\x00\x00"s + "\x09\x00\x00\x02\x00\x00"s);
    ASSERT_EQ(asdu.objects.size(), 2U);
    EXPECT_EQ(asdu.objects[0].address, 5U);
    EXPECT_EQ(asdu.objects[1].address, 9U);
    EXPECT_EQ(asdu.objects[1].value, 2.0);
}

TEST(Iec104Asdu, AddressesFollowTheFirstWithSq) {
    const Asdu asdu = read(header(11, '\x83') + "\xff\x00\x00\x01\x00\x00\x02\x00\x00\x03\x00\x80"s);
    ASSERT_EQ(asdu.objects.size(), 3U);
    EXPECT_EQ(asdu.objects[0].address, 0xffU);
    EXPECT_EQ(asdu.objects[2].address, 0x101U);
    EXPECT_EQ(asdu.objects[2].value, 3.0);
    EXPECT_EQ(asdu.objects[2].quality, quality_invalid);
}

TEST(Iec104Asdu, ReadsSystemInformation) {
    EXPECT_EQ(only(header(70, 1, 4) + "\x00\x00\x00\x02"s).value, 2.0);
    EXPECT_EQ(only(header(100, 1, 7) + "\x00\x00\x00\x14"s).value, 20.0);
    EXPECT_EQ(only(header(103, 1, 7) + "\x00\x00\x00"s + tag).time->face, tagged);
}

TEST(Iec104Asdu, WritesAnInterrogationOfTheStation) {
    EXPECT_EQ(station_interrogation(0x0102, 0), "\x64\x01\x06\x00\x02\x01\x00\x00\x00\x14"s);
}

TEST(Iec104Asdu, RefusesALengthThatTypeAndNumberDoNotSay) {
    Asdu asdu;
    for (const std::string& bytes :
         {""s, "\x0d\x01\x03\x00\x01"s,                                     // no whole header
          header(13, 0),                                                    // no object
          header(13, 1) + "\x01\x00\x00\x00\x00\xc8\x42"s,                  // a byte short
          header(13, 1) + "\x01\x00\x00\x00\x00\xc8\x42\x00\x00"s,          // a byte long
          header(13, 127) + "\x01\x00\x00\x00\x00\xc8\x42\x00"s,            // more objects than bytes
          header(11, '\x82') + "\xff\xff\xff\x01\x00\x00\x02\x00\x00"s}) {  // address 0x1000000
        const Result<void> done = read_asdu(bytes, asdu);
        ASSERT_FALSE(done.has_value()) << ::testing::PrintToString(bytes);
        EXPECT_EQ(done.error().code, Errc::invalid);
        EXPECT_TRUE(asdu.objects.empty());
    }
}

TEST(Iec104Asdu, TellsOtherTypesFromBrokenOnes) {
    Asdu asdu;
    const Result<void> done = read_asdu(header(45, 1, 7) + "\x01\x00\x00\x01"s, asdu);
    EXPECT_EQ(done.error().code, Errc::unsupported);
    EXPECT_EQ(asdu.header.common_address, 0x0102);
}

TEST(Iec104TimeTag, KeepsInvalidAndSummerTime) {
    std::string bytes = tag;
    bytes[2] = static_cast<char>(0x80 | 30);
    bytes[3] = static_cast<char>(0x80 | 18);
    const TimeTag read = read_time_tag(bytes);
    EXPECT_TRUE(read.is_invalid);
    EXPECT_TRUE(read.is_summer_time);
    EXPECT_EQ(read.face, tagged + 1h);  // the face is kept; whose time it is knows the mapping
}

TEST(Iec104TimeTag, FieldsThatNameNoInstantGiveNone) {
    const auto with = [](std::size_t at, int value) {
        std::string bytes = tag;
        bytes[at] = static_cast<char>(value);
        return read_time_tag(bytes).face;
    };
    EXPECT_TRUE(with(1, 0xe9).has_value());   // 0xe9e8 = 59,880 ms
    EXPECT_FALSE(with(1, 0xea).has_value());  // 0xeae8 = 60,136 ms
    EXPECT_FALSE(with(2, 60).has_value());
    EXPECT_FALSE(with(3, 24).has_value());
    EXPECT_FALSE(with(4, 31).has_value());  // 31 November
    EXPECT_FALSE(with(4, 0).has_value());
    EXPECT_FALSE(with(5, 13).has_value());
    EXPECT_FALSE(with(6, 100).has_value());
    EXPECT_TRUE(with(6, 99).has_value());
}

TEST(Iec104Quality, SpeaksItsBits) {
    EXPECT_EQ(quality_text(0), "good");
    EXPECT_EQ(quality_text(quality_invalid | quality_overflow), "IV|OV");
}

}  // namespace
}  // namespace headroom::net::iec104
