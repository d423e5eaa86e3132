#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace headroom::net::iec104 {

/// A frame of IEC 60870-5-104 (APDU): start byte 0x68, a length of 4…253, four control bytes, then an ASDU in
/// I frames only. Source: IEC 60870-5-104 clause 5.
inline constexpr std::size_t apdu_bytes_max = 255;
/// What an I frame carries at most.
inline constexpr std::size_t asdu_bytes_max = 249;
/// Sequence numbers count modulo this.
inline constexpr std::uint16_t sequence_modulus = 32'768;

/// Precondition: `at` lies within `bytes`.
[[nodiscard]] inline std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint8_t>(bytes[at]);
}

/// Unnumbered control: the first control byte of a U frame; exactly one of the six is set.
enum class Control : std::uint8_t {
    startdt_act = 0x07,
    startdt_con = 0x0b,
    stopdt_act = 0x13,
    stopdt_con = 0x23,
    testfr_act = 0x43,
    testfr_con = 0x83,
};
[[nodiscard]] std::string_view to_string(Control control);

/// Numbered information: `asdu` is a view into the frame it was read from.
struct IFrame {
    std::uint16_t send = 0;     ///< N(S)
    std::uint16_t receive = 0;  ///< N(R): everything before it has arrived
    std::string_view asdu;
    bool operator==(const IFrame&) const = default;
};
/// Acknowledgement without information.
struct SFrame {
    std::uint16_t receive = 0;
    bool operator==(const SFrame&) const = default;
};
struct UFrame {
    Control control = Control::testfr_act;
    bool operator==(const UFrame&) const = default;
};
using Frame = std::variant<IFrame, SFrame, UFrame>;

/// Length of the frame at the front of a stream, 0 while its length byte has not arrived; the frame itself
/// may still be incomplete. Errors: `invalid` when a frame cannot begin so (the stream is lost then).
[[nodiscard]] Result<std::size_t> frame_length(std::string_view stream);

/// Reads exactly one whole frame. Errors: `invalid` with what is wrong; bytes that must be 0 are checked.
[[nodiscard]] Result<Frame> read_frame(std::string_view frame);

/// Precondition: 1…`asdu_bytes_max` bytes of ASDU.
void append_frame(std::string& out, const IFrame& frame);
void append_frame(std::string& out, const SFrame& frame);
void append_frame(std::string& out, const UFrame& frame);

}  // namespace headroom::net::iec104
