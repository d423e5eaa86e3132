#pragma once

#include "agents/sources/iec104_mapping.hpp"
#include "core/time.hpp"
#include "net/iec104_asdu.hpp"
#include "telemetry/decode_report.hpp"
#include "telemetry/reading.hpp"

#include <cstdint>
#include <vector>

namespace headroom::agents {

/// What a station's times and values without time are worth.
struct Iec104Rules {
    std::uint16_t source = 0;    ///< the registry's handle of the station
    milliseconds utc_offset{0};  ///< standard time of the station's clock, ahead of UTC
    /// Quality of a good value without a usable time tag: it is given the time of its arrival.
    telemetry::Quality untimed = telemetry::Quality::estimated;
};

/// What became of a station's information objects, beside readings and the quarantined.
struct Iec104Counts {
    std::uint64_t objects = 0;    ///< of measured types
    std::uint64_t states = 0;     ///< single and double points: no readings are made of them
    std::uint64_t switches = 0;   ///< of these, what the mapping's switches said
    std::uint64_t undecided = 0;  ///< and what they did not: between, faulty or of bad quality
    std::uint64_t tests = 0;      ///< marked as test
    std::uint64_t untimed = 0;    ///< given the time of arrival
    std::uint64_t bad_times = 0;  ///< … although there was a tag: invalid, or no instant
};

/// Bits of a value that is not of this moment: invalid, not refreshed, or held by a lock.
inline constexpr std::uint8_t iec104_not_usable =
    net::iec104::quality_invalid | net::iec104::quality_not_topical | net::iec104::quality_blocked;

/// Makes readings of an ASDU (rules: docs/formats/iec104.md). Measured values only; each object of them comes
/// out as a reading or is quarantined in `report` with its addresses, so that
/// objects = readings + quarantined + tests. Nothing is made of types that measure nothing.
void read_iec104(const net::iec104::Asdu& asdu, const Iec104Mapping& mapping, const Iec104Rules& rules,
                 UtcTime arrival, std::vector<telemetry::Reading>& out, telemetry::DecodeReport& report,
                 Iec104Counts& counts);

/// The instant of a time tag; nothing when the station does not trust it or it is none.
[[nodiscard]] std::optional<UtcTime> instant_of(const net::iec104::TimeTag& tag, milliseconds utc_offset);

}  // namespace headroom::agents
