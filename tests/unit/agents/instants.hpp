#pragma once

#include "core/time.hpp"

#include <chrono>
#include <string_view>

// The moments at which the tests of the agents play.
namespace headroom::agents::test {

/// Noon of an ordinary day, 20 November 2026, UTC.
inline constexpr UtcTime noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + hours{12}};
/// Noon of the day whose evening it is, UTC.
inline constexpr UtcTime january_noon{std::chrono::sys_days{std::chrono::year{2027} / 1 / 14} + hours{12}};
/// Five o'clock in the evening of the events, 14 January 2027, UTC.
inline constexpr UtcTime evening{std::chrono::sys_days{std::chrono::year{2027} / 1 / 14} + hours{17}};
/// A period that is not over before any test is: an hour.
inline constexpr milliseconds never{3'600'000};

/// The moment of a text like 2027-01-14T17:00:00Z.
inline UtcTime at(std::string_view text) {
    return *parse_utc(text);
}

}  // namespace headroom::agents::test
