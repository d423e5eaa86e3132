#include "net/iec104_wire.hpp"

#include <gtest/gtest.h>

namespace headroom::net::iec104 {
namespace {

using namespace std::string_literals;

template <class F>
std::string written(const F& frame) {
    std::string out;
    append_frame(out, frame);
    return out;
}

TEST(Iec104Frame, WritesTheSixControls) {
    EXPECT_EQ(written(UFrame{Control::startdt_act}), "\x68\x04\x07\x00\x00\x00"s);
    EXPECT_EQ(written(UFrame{Control::startdt_con}), "\x68\x04\x0b\x00\x00\x00"s);
    EXPECT_EQ(written(UFrame{Control::stopdt_act}), "\x68\x04\x13\x00\x00\x00"s);
    EXPECT_EQ(written(UFrame{Control::stopdt_con}), "\x68\x04\x23\x00\x00\x00"s);
    EXPECT_EQ(written(UFrame{Control::testfr_act}), "\x68\x04\x43\x00\x00\x00"s);
    EXPECT_EQ(written(UFrame{Control::testfr_con}), "\x68\x04\x83\x00\x00\x00"s);
}

TEST(Iec104Frame, SequenceNumbersStandInFifteenBitsLeastFirst) {
    // 0x1234 << 1 = 0x2468; 0x7fff << 1 = 0xfffe.
    EXPECT_EQ(written(SFrame{0x1234}), "\x68\x04\x01\x00\x68\x24"s);
    EXPECT_EQ(written(IFrame{0x7fff, 1, "ab"}), "\x68\x06\xfe\xff\x02\x00"s + "ab");
}

TEST(Iec104Frame, ReadsWhatItWrites) {
    EXPECT_EQ(*read_frame("\x68\x04\x01\x00\x68\x24"s), Frame(SFrame{0x1234}));
    EXPECT_EQ(*read_frame("\x68\x04\x83\x00\x00\x00"s), Frame(UFrame{Control::testfr_con}));
    const std::string information = written(IFrame{0x7fff, 0x1234, "asdu"});
    EXPECT_EQ(*read_frame(information), Frame(IFrame{0x7fff, 0x1234, "asdu"}));
}

TEST(Iec104Frame, LengthIsKnownFromTwoBytes) {
    EXPECT_EQ(*frame_length(""), 0U);
    EXPECT_EQ(*frame_length("\x68"), 0U);
    EXPECT_EQ(*frame_length("\x68\x04"), 6U);
    EXPECT_EQ(*frame_length("\x68\xfd"), 255U);
}

TEST(Iec104Frame, RefusesWhatCannotBegin) {
    EXPECT_EQ(frame_length("\x16\x03").error().message, "a frame begins with 0x16, not 0x68");
    EXPECT_EQ(frame_length("\x68\x03").error().message, "a frame's length is 3, not 4 to 253");
    EXPECT_EQ(frame_length("\x68\xfe").error().code, Errc::invalid);
    EXPECT_EQ(frame_length("\x68\x00"s).error().code, Errc::invalid);
}

TEST(Iec104Frame, RefusesFramesThatTwoReadersCouldTakeDifferently) {
    for (const std::string& frame : {""s, "\x68"s, "\x68\x04\x07\x00\x00"s,  // cut off
                                     "\x68\x04\x07\x00\x00\x00\x00"s,        // longer than it says
                                     "\x68\x04\x0f\x00\x00\x00"s,            // STARTDT act and con at once
                                     "\x68\x04\x03\x00\x00\x00"s,            // a U frame that says nothing
                                     "\x68\x04\x07\x00\x01\x00"s,            // octets that must be 0
                                     "\x68\x04\x05\x00\x00\x00"s,            // an S frame with a bit set
                                     "\x68\x04\x01\x00\x01\x00"s,            // … in N(R)
                                     "\x68\x05\x01\x00\x02\x00\x00"s,     // an S frame that carries something
                                     "\x68\x04\x00\x00\x00\x00"s,         // an I frame that carries nothing
                                     "\x68\x05\x00\x00\x01\x00\x64"s}) {  // an odd N(R)
        EXPECT_FALSE(read_frame(frame).has_value()) << ::testing::PrintToString(frame);
    }
}

}  // namespace
}  // namespace headroom::net::iec104
