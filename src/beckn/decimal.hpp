#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace headroom::beckn {

/// Whole units of 10^-decimals as a decimal number without needless zeros: (12500, 3) is "12.5". 0 ≤ decimals
/// ≤ 18.
[[nodiscard]] std::string format_decimal(std::int64_t units, int decimals);

/// The opposite, exactly: no rounding, no exponent, no blanks, at most 40 characters.
/// Errors: `invalid` for anything else, for more decimals than there are units for ("0.0001" with 3), and for
/// numbers beyond 64 bits.
[[nodiscard]] Result<std::int64_t> parse_decimal(std::string_view text, int decimals);

/// Decimals of the numbers on the wire, so that each whole unit of ours has a decimal of theirs.
inline constexpr int kw_decimals = 3;           ///< W in kW, Wh in kWh, W/s in kW/s
inline constexpr int gbp_decimals = 6;          ///< µ£ in £
inline constexpr int gbp_per_kwh_decimals = 9;  ///< µ£/MWh in £/kWh
inline constexpr int share_decimals = 6;        ///< ppm as a share of 1

/// ISO 8601 duration, at most of hours: "PT30M", "PT0S", "PT1.5S". `length` ≥ 0.
[[nodiscard]] std::string format_duration(milliseconds length);
/// Weeks, days, hours, minutes, seconds with at most three decimals; years and months have no fixed length.
/// Errors: `invalid`, also above 366 days.
[[nodiscard]] Result<milliseconds> parse_duration(std::string_view text);

}  // namespace headroom::beckn
