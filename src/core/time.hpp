#pragma once

#include "core/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace headroom {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// An instant, UTC, to the millisecond. All time inside is of this type; zones exist only at the edges.
using UtcTime = std::chrono::sys_time<milliseconds>;
/// A calendar day. Settlement days are days of the clock of Europe/London.
using Date = std::chrono::year_month_day;

/// The length of a settlement period. A period is named by its start.
inline constexpr milliseconds period_length = minutes{30};

/// RFC 3339 with exactly three decimals and Z: 2026-11-20T17:00:00.000Z (the audit log's form).
[[nodiscard]] std::string format_utc(UtcTime time);
/// 2026-11-20
[[nodiscard]] std::string format_date(Date date);

/// Reads RFC 3339 with Z or an offset, 'T' or a blank, 0 to 9 decimals (cut to milliseconds).
/// Errors: `invalid` for a time without a zone, an impossible date, a leap second, or years outside
/// 1970…2200.
[[nodiscard]] Result<UtcTime> parse_utc(std::string_view text);
/// As `parse_utc`, but a time without a zone is taken to be UTC and the seconds may be missing
/// (2026-11-20T17:00Z). For files and services whose description says so.
[[nodiscard]] Result<UtcTime> parse_utc_assumed(std::string_view text);
/// 2026-11-20. Errors: `invalid`.
[[nodiscard]] Result<Date> parse_date(std::string_view text);

/// The half-hour that is paid: the day of the London clock and a number from 1, counted in elapsed time from
/// local midnight. 48 on most days, 46 when clocks go forward, 50 when they go back. Source: shared
/// settlement rules, BSC.
struct SettlementPeriod {
    Date date{};
    int number = 0;
    auto operator<=>(const SettlementPeriod&) const = default;
};

[[nodiscard]] SettlementPeriod settlement_period(UtcTime instant);
/// Start of the period. Errors: `invalid` when the day has no such period.
[[nodiscard]] Result<UtcTime> start_of(const SettlementPeriod& period);
/// 46, 48 or 50.
[[nodiscard]] int periods_in_day(Date settlement_date);
/// UTC instant of local midnight at which the settlement day begins.
[[nodiscard]] UtcTime start_of_settlement_day(Date settlement_date);
/// Minutes after local midnight by the clock on the wall (0…1439), Europe/London.
[[nodiscard]] int local_minute_of_day(UtcTime instant);
/// 0 = Sunday … 6 = Saturday by the London clock.
[[nodiscard]] unsigned local_weekday(UtcTime instant);
/// The start of the half-hour that holds `instant`.
[[nodiscard]] constexpr UtcTime floor_period(UtcTime instant) {
    return UtcTime{std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<1800>>>(instant)};
}

}  // namespace headroom
