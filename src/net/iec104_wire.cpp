#include "net/iec104_wire.hpp"

#include <fmt/format.h>

namespace headroom::net::iec104 {
namespace {

constexpr char start_byte = 0x68;
constexpr std::size_t front_bytes = 2;  // start and length
constexpr std::size_t control_bytes = 4;
constexpr std::size_t length_max = apdu_bytes_max - front_bytes;

/// A sequence number stands in 15 bits, the lowest of the first byte being something else.
std::uint16_t sequence_at(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint16_t>((byte_at(bytes, at) | byte_at(bytes, at + 1) << 8U) >> 1U);
}

void append_sequence(std::string& out, std::uint16_t number) {
    HEADROOM_ASSERT(number < sequence_modulus);
    const unsigned shifted = number * 2U;
    out.push_back(static_cast<char>(shifted & 0xffU));
    out.push_back(static_cast<char>(shifted >> 8U));
}

void append_front(std::string& out, std::size_t asdu_bytes) {
    out.push_back(start_byte);
    out.push_back(static_cast<char>(control_bytes + asdu_bytes));
}

bool is_control(std::uint8_t byte) {
    switch (static_cast<Control>(byte)) {
        case Control::startdt_act:
        case Control::startdt_con:
        case Control::stopdt_act:
        case Control::stopdt_con:
        case Control::testfr_act:
        case Control::testfr_con:
            return true;
    }
    return false;
}

Result<Frame> read_information(std::string_view frame) {
    if (frame.size() == front_bytes + control_bytes) {
        return Error{Errc::invalid, "an I frame without an ASDU"};
    }
    if ((byte_at(frame, 4) & 1U) != 0) {
        return Error{Errc::invalid, "an I frame whose third control byte is odd"};
    }
    return Frame{IFrame{.send = sequence_at(frame, 2),
                        .receive = sequence_at(frame, 4),
                        .asdu = frame.substr(front_bytes + control_bytes)}};
}

}  // namespace

std::string_view to_string(Control control) {
    switch (control) {
        case Control::startdt_act:
            return "STARTDT act";
        case Control::startdt_con:
            return "STARTDT con";
        case Control::stopdt_act:
            return "STOPDT act";
        case Control::stopdt_con:
            return "STOPDT con";
        case Control::testfr_act:
            return "TESTFR act";
        case Control::testfr_con:
            return "TESTFR con";
    }
    HEADROOM_ASSERT(false && "a control without a name");
    return {};
}

Result<std::size_t> frame_length(std::string_view stream) {
    if (!stream.empty() && stream[0] != start_byte) {
        return Error{Errc::invalid,
                     fmt::format("a frame begins with 0x{:02x}, not 0x68", byte_at(stream, 0))};
    }
    if (stream.size() < front_bytes) {
        return std::size_t{0};
    }
    const std::size_t length = byte_at(stream, 1);
    if (length < control_bytes || length > length_max) {
        return Error{Errc::invalid, fmt::format("a frame's length is {}, not 4 to 253", length)};
    }
    return front_bytes + length;
}

Result<Frame> read_frame(std::string_view frame) {
    const Result<std::size_t> length = frame_length(frame);
    if (!length) {
        return length.error();
    }
    if (*length == 0 || *length != frame.size()) {
        return Error{Errc::invalid, fmt::format("a frame of {} bytes says {}", frame.size(), *length)};
    }
    const std::uint8_t first = byte_at(frame, 2);
    if ((first & 1U) == 0) {
        return read_information(frame);
    }
    if (frame.size() != front_bytes + control_bytes) {
        return Error{Errc::invalid, "an S or U frame that carries something"};
    }
    if ((first & 3U) == 1) {
        if (first != 1 || byte_at(frame, 3) != 0 || (byte_at(frame, 4) & 1U) != 0) {
            return Error{Errc::invalid, "an S frame with bits set that must be 0"};
        }
        return Frame{SFrame{.receive = sequence_at(frame, 4)}};
    }
    if (!is_control(first) || byte_at(frame, 3) != 0 || byte_at(frame, 4) != 0 || byte_at(frame, 5) != 0) {
        return Error{Errc::invalid, fmt::format("a U frame 0x{:02x} that says none or more than one of "
                                                "STARTDT, STOPDT and TESTFR",
                                                first)};
    }
    return Frame{UFrame{.control = static_cast<Control>(first)}};
}

void append_frame(std::string& out, const IFrame& frame) {
    HEADROOM_ASSERT(!frame.asdu.empty() && frame.asdu.size() <= asdu_bytes_max);
    append_front(out, frame.asdu.size());
    append_sequence(out, frame.send);
    append_sequence(out, frame.receive);
    out += frame.asdu;
}

void append_frame(std::string& out, const SFrame& frame) {
    append_front(out, 0);
    out.push_back(1);
    out.push_back(0);
    append_sequence(out, frame.receive);
}

void append_frame(std::string& out, const UFrame& frame) {
    append_front(out, 0);
    out.push_back(static_cast<char>(frame.control));
    out.append(3, '\0');
}

}  // namespace headroom::net::iec104
