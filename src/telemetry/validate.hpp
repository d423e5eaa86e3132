#pragma once

#include "core/result.hpp"
#include "core/time.hpp"
#include "grid/quantity.hpp"
#include "telemetry/reading.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace headroom::telemetry {

/// What a quantity can be anywhere on a distribution network; beyond it a value is absurd.
struct ValueRange {
    double min = 0.0;
    double max = 0.0;
};
[[nodiscard]] ValueRange plausible_range(grid::Quantity quantity);

/// An interval longer than this is no reading.
inline constexpr milliseconds interval_max{hours{25}};

/// Why the value cannot be one of this quantity: `not_finite` or `out_of_range`.
[[nodiscard]] std::optional<Quarantine> check_value(grid::Quantity quantity, double value);
/// Why [start, end) cannot be a measurement that is known at `now`: `bad_time` when it ends before it starts
/// or is longer than `interval_max`; `future` when its end is further ahead than `tolerance`.
[[nodiscard]] std::optional<Quarantine> check_interval(UtcTime start, UtcTime end, UtcTime now,
                                                       milliseconds tolerance);

/// A time from outside, or why there is none: `no_zone` when only the zone is missing, else `bad_time`.
struct TimeReading {
    UtcTime time{};
    std::optional<Quarantine> fault;
};
/// RFC 3339 with a zone. Fast for the plain form 2026-11-20T17:00:00Z.
[[nodiscard]] TimeReading read_time(std::string_view text);
/// The same for files whose description says UTC: a missing zone is no fault.
[[nodiscard]] TimeReading read_time_assumed_utc(std::string_view text);

/// A sentence for the sender: "kw is 1e+300, outside -1000000 to 1000000".
[[nodiscard]] std::string explain_value(grid::Quantity quantity, double value);
/// `text` for a message: cut to 48 bytes, in quotes.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace headroom::telemetry
