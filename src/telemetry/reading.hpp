#pragma once

#include "core/time.hpp"
#include "telemetry/point_registry.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace headroom::telemetry {

enum class Quality : std::uint8_t { measured, estimated, substituted };
[[nodiscard]] std::string_view to_string(Quality quality);
[[nodiscard]] std::optional<Quality> parse_quality(std::string_view text);

/// One measurement over [interval_start, interval_end); equal ends mean an instant. Power is import-positive.
struct Reading {
    double value = 0.0;  ///< in the unit of the point's quantity; finite
    UtcTime interval_start{};
    UtcTime interval_end{};
    std::uint64_t seq = 0;  ///< of the source; 0 = none
    PointRef point = no_point;
    std::uint16_t source = 0;
    Quality quality = Quality::measured;
};
static_assert(std::is_trivially_copyable_v<Reading>);

/// Why a reading was not taken. `duplicate` and `conflict` concern a slot that has a value already.
enum class Quarantine : std::uint8_t {
    unknown_point,
    not_finite,
    out_of_range,  ///< absurd for the quantity or for the point's rating
    no_zone,       ///< a time without a zone
    bad_time,      ///< unreadable, or years off
    future,        ///< further ahead of the clock than allowed
    too_late,      ///< older than the ring
    malformed,     ///< the row or object could not be read
    bad_quality,   ///< the station that sent it says itself that the value is not to be used
};
[[nodiscard]] std::string_view to_string(Quarantine reason);
inline constexpr std::size_t quarantine_reasons = 9;

}  // namespace headroom::telemetry
