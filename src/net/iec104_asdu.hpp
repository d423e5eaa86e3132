#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::net::iec104 {

/// The ASDUs that are understood. Source: IEC 60870-5-101 clause 7.3 with 104's profile: cause in two bytes,
/// common address in two, object address in three, all little-endian.
enum class TypeId : std::uint8_t {
    single_point = 1,            ///< M_SP_NA_1
    double_point = 3,            ///< M_DP_NA_1
    normalised = 9,              ///< M_ME_NA_1
    scaled = 11,                 ///< M_ME_NB_1
    short_float = 13,            ///< M_ME_NC_1
    single_point_time = 30,      ///< M_SP_TB_1
    double_point_time = 31,      ///< M_DP_TB_1
    normalised_time = 34,        ///< M_ME_TD_1
    scaled_time = 35,            ///< M_ME_TE_1
    short_float_time = 36,       ///< M_ME_TF_1
    end_of_initialisation = 70,  ///< M_EI_NA_1
    interrogation = 100,         ///< C_IC_NA_1
    clock = 103,                 ///< C_CS_NA_1: read, never sent
};

/// Why an ASDU is sent (the lower six bits of its cause).
enum class Cause : std::uint8_t {
    periodic = 1,
    background = 2,
    spontaneous = 3,
    initialised = 4,
    request = 5,
    activation = 6,
    activation_con = 7,
    deactivation = 8,
    deactivation_con = 9,
    activation_end = 10,
    interrogated_by_station = 20,  ///< 21 to 36: by group 1 to 16
    unknown_type = 44,
    unknown_cause = 45,
    unknown_common_address = 46,
    unknown_object_address = 47,
};

/// Bits of a quality descriptor (QDS; SIQ and DIQ have no overflow), as they stand on the wire.
inline constexpr std::uint8_t quality_overflow = 0x01;
inline constexpr std::uint8_t quality_blocked = 0x10;
inline constexpr std::uint8_t quality_substituted = 0x20;
inline constexpr std::uint8_t quality_not_topical = 0x40;
inline constexpr std::uint8_t quality_invalid = 0x80;
/// "IV|NT", in the order of the bits from the top; "good" when none is set.
[[nodiscard]] std::string quality_text(std::uint8_t quality);

/// CP56Time2a: a station's clock, to the millisecond.
struct TimeTag {
    /// The clock's face read as UTC; nothing when the fields name no instant. Years are 2000 to 2099.
    std::optional<UtcTime> face;
    bool is_invalid = false;      ///< IV: the station does not trust its clock
    bool is_summer_time = false;  ///< SU: the face is an hour ahead of standard time
    bool operator==(const TimeTag&) const = default;
};
inline constexpr std::size_t time_tag_bytes = 7;
/// Precondition: 7 bytes.
[[nodiscard]] TimeTag read_time_tag(std::string_view bytes);

/// One measured value or state.
struct InformationObject {
    std::uint32_t address = 0;  ///< three bytes
    /// single point 0 or 1; double point 0 (between), 1 (off), 2 (on), 3 (faulty); normalised −1…1;
    /// scaled −32768…32767; float as it came, which may be no number. Of types 70 and 100 the qualifier.
    double value = 0.0;
    std::uint8_t quality = 0;  ///< the bits above
    std::optional<TimeTag> time;
};

struct AsduHeader {
    std::uint8_t type = 0;  ///< as it came: other types are told, and passed over
    std::uint8_t objects = 0;
    bool is_sequence = false;  ///< SQ: one address, then elements with consecutive addresses
    std::uint8_t cause = 0;    ///< six bits, a `Cause` where it is known
    bool is_negative = false;  ///< P/N
    bool is_test = false;      ///< T: not for use
    std::uint8_t originator = 0;
    std::uint16_t common_address = 0;
};
inline constexpr std::size_t asdu_header_bytes = 6;

struct Asdu {
    AsduHeader header;
    std::vector<InformationObject> objects;
};

/// Errors: `invalid` when `asdu` is shorter than a header.
[[nodiscard]] Result<AsduHeader> read_asdu_header(std::string_view asdu);

/// Reads an ASDU into `out`, whose memory is used again.
/// Errors: `unsupported` for another type (the header is read then, the objects are empty); `invalid` when
/// the length is not what type and number of objects say, or addresses run beyond three bytes.
[[nodiscard]] Result<void> read_asdu(std::string_view asdu, Asdu& out);

/// C_IC_NA_1 for the whole station (QOI 20), activation or deactivation.
[[nodiscard]] std::string station_interrogation(std::uint16_t common_address, std::uint8_t originator,
                                                Cause cause = Cause::activation);

}  // namespace headroom::net::iec104
