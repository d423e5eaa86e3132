#include "telemetry/validate.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdint>

namespace headroom::telemetry {
namespace {

constexpr std::size_t quote_max = 48;

/// Two digits, or something above 99 when they are none.
constexpr unsigned two_digits(const char* text) {
    const auto tens = static_cast<unsigned>(text[0] - '0');
    const auto ones = static_cast<unsigned>(text[1] - '0');
    return tens > 9 || ones > 9 ? 1000U : tens * 10 + ones;
}

/// YYYY-MM-DDThh:mm:ss in the first 19 bytes with everything in its bounds, days of the month left to the
/// calendar; nothing for any other form.
std::optional<UtcTime> read_plain_form(std::string_view text) {
    const char* c = text.data();
    if (c[4] != '-' || c[7] != '-' || (c[10] != 'T' && c[10] != ' ') || c[13] != ':' || c[16] != ':') {
        return std::nullopt;
    }
    const unsigned century = two_digits(c);
    const unsigned year = two_digits(c + 2);
    const unsigned month = two_digits(c + 5);
    const unsigned day = two_digits(c + 8);
    const unsigned hour = two_digits(c + 11);
    const unsigned minute = two_digits(c + 14);
    const unsigned second = two_digits(c + 17);
    if (century < 19 || century > 99 || year > 99 || month - 1 > 11 || day - 1 > 30 || hour > 23 ||
        minute > 59 || second > 59) {
        return std::nullopt;
    }
    const int full_year = static_cast<int>(century * 100 + year);
    const Date date{std::chrono::year{full_year}, std::chrono::month{month}, std::chrono::day{day}};
    if (full_year < 1970 || full_year > 2200 || !date.ok()) {
        return std::nullopt;
    }
    return UtcTime{std::chrono::sys_days{date}} + hours{hour} + minutes{minute} + seconds{second};
}

}  // namespace

ValueRange plausible_range(grid::Quantity quantity) {
    switch (quantity) {
        case grid::Quantity::p_kw:
        case grid::Quantity::q_kvar:
            return {-1e6, 1e6};
        case grid::Quantity::s_kva:
            return {0.0, 1e6};
        case grid::Quantity::i_a:
            return {-1e5, 1e5};
        case grid::Quantity::v_v:
            return {0.0, 1e6};
        case grid::Quantity::f_hz:
            return {40.0, 70.0};
        case grid::Quantity::temp_c:
            return {-80.0, 300.0};
        case grid::Quantity::soc_pct:
            return {0.0, 100.0};
    }
    HEADROOM_ASSERT(false && "a quantity without a range");
    return {};
}

std::optional<Quarantine> check_value(grid::Quantity quantity, double value) {
    if (!std::isfinite(value)) {
        return Quarantine::not_finite;
    }
    const ValueRange range = plausible_range(quantity);
    return value < range.min || value > range.max ? std::optional(Quarantine::out_of_range) : std::nullopt;
}

std::optional<Quarantine> check_interval(UtcTime start, UtcTime end, UtcTime now, milliseconds tolerance) {
    if (end < start || end - start > interval_max) {
        return Quarantine::bad_time;
    }
    return end > now + tolerance ? std::optional(Quarantine::future) : std::nullopt;
}

TimeReading read_time(std::string_view text) {
    if (text.size() == 20 && text[19] == 'Z') {
        if (const std::optional<UtcTime> time = read_plain_form(text)) {
            return {.time = *time, .fault = std::nullopt};
        }
    }
    const Result<UtcTime> time = parse_utc(text);
    if (time) {
        return {.time = *time, .fault = std::nullopt};
    }
    return {.time = {},
            .fault = parse_utc_assumed(text).has_value() ? Quarantine::no_zone : Quarantine::bad_time};
}

TimeReading read_time_assumed_utc(std::string_view text) {
    if (text.size() == 19 || (text.size() == 20 && text[19] == 'Z')) {
        if (const std::optional<UtcTime> time = read_plain_form(text)) {
            return {.time = *time, .fault = std::nullopt};
        }
    }
    const Result<UtcTime> time = parse_utc_assumed(text);
    return time ? TimeReading{.time = *time, .fault = std::nullopt}
                : TimeReading{.time = {}, .fault = Quarantine::bad_time};
}

std::string explain_value(grid::Quantity quantity, double value) {
    const ValueRange range = plausible_range(quantity);
    return fmt::format("{} is {}, outside {} to {}", grid::to_string(quantity), value, range.min, range.max);
}

std::string quoted(std::string_view text) {
    const bool is_long = text.size() > quote_max;
    return "\"" + std::string(text.substr(0, quote_max)) + (is_long ? "…\"" : "\"");
}

}  // namespace headroom::telemetry
