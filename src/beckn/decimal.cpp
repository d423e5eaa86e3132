#include "beckn/decimal.hpp"

#include <array>
#include <limits>

namespace headroom::beckn {

namespace {

constexpr std::size_t decimal_text_max = 40;
constexpr milliseconds duration_max = hours{24 * 366};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

Error bad_decimal(std::string_view text, std::string_view why) {
    const std::string shown(text.substr(0, decimal_text_max));
    return Error{Errc::invalid, "'" + shown + "' " + std::string(why), ""};
}

/// value * 10 + digit; false beyond 64 bits. The sum is kept negative, whose range is one wider.
bool push_digit(std::int64_t& negative, char c) {
    const std::int64_t digit = c - '0';
    return !__builtin_mul_overflow(negative, std::int64_t{10}, &negative) &&
           !__builtin_sub_overflow(negative, digit, &negative);
}

}  // namespace

std::string format_decimal(std::int64_t units, int decimals) {
    HEADROOM_ASSERT(decimals >= 0 && decimals <= 18);
    const bool negative = units < 0;
    std::string digits = std::to_string(units);
    if (negative) {
        digits.erase(0, 1);
    }
    const auto places = static_cast<std::size_t>(decimals);
    if (digits.size() <= places) {
        digits.insert(0, places + 1 - digits.size(), '0');
    }
    std::string fraction = digits.substr(digits.size() - places);
    digits.resize(digits.size() - places);
    while (!fraction.empty() && fraction.back() == '0') {
        fraction.pop_back();
    }
    std::string text = negative ? "-" : "";
    text += digits;
    if (!fraction.empty()) {
        text += '.';
        text += fraction;
    }
    return text;
}

Result<std::int64_t> parse_decimal(std::string_view text, int decimals) {
    HEADROOM_ASSERT(decimals >= 0 && decimals <= 18);
    if (text.empty() || text.size() > decimal_text_max) {
        return bad_decimal(text, "is not a decimal number");
    }
    std::size_t at = 0;
    const bool negative = text[0] == '-';
    if (negative || text[0] == '+') {
        ++at;
    }
    std::int64_t value = 0;
    int fraction = -1;  // digits after the point; -1 before it
    bool has_digits = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '.' && fraction < 0) {
            fraction = 0;
            continue;
        }
        if (!is_digit(c)) {
            return bad_decimal(text, "is not a decimal number");
        }
        has_digits = true;
        if (fraction >= decimals) {
            if (c != '0') {
                return bad_decimal(text, "has more than " + std::to_string(decimals) + " decimals");
            }
            continue;
        }
        if (!push_digit(value, c)) {
            return bad_decimal(text, "is too large");
        }
        fraction += fraction >= 0 ? 1 : 0;
    }
    if (!has_digits || text.back() == '.') {
        return bad_decimal(text, "is not a decimal number");
    }
    for (int i = fraction < 0 ? 0 : fraction; i < decimals; ++i) {
        if (!push_digit(value, '0')) {
            return bad_decimal(text, "is too large");
        }
    }
    if (negative) {
        return value;
    }
    if (value == std::numeric_limits<std::int64_t>::min()) {
        return bad_decimal(text, "is too large");
    }
    return -value;
}

std::string format_duration(milliseconds length) {
    HEADROOM_ASSERT(length >= milliseconds{0});
    const std::int64_t total = length.count();
    const std::int64_t whole_hours = total / 3'600'000;
    const std::int64_t whole_minutes = total / 60'000 % 60;
    const std::int64_t rest_ms = total % 60'000;
    std::string text = "PT";
    if (whole_hours > 0) {
        text += std::to_string(whole_hours) + "H";
    }
    if (whole_minutes > 0) {
        text += std::to_string(whole_minutes) + "M";
    }
    if (rest_ms > 0 || total == 0) {
        text += format_decimal(rest_ms, 3) + "S";
    }
    return text;
}

Result<milliseconds> parse_duration(std::string_view text) {
    struct Unit {
        char letter;
        bool in_time;
        std::int64_t ms;
    };
    static constexpr std::array<Unit, 5> units{{{'W', false, 604'800'000},
                                                {'D', false, 86'400'000},
                                                {'H', true, 3'600'000},
                                                {'M', true, 60'000},
                                                {'S', true, 1'000}}};
    if (text.size() < 3 || text.size() > decimal_text_max || text[0] != 'P') {
        return bad_decimal(text, "is not an ISO 8601 duration");
    }
    std::int64_t total = 0;
    bool in_time = false;
    std::size_t next_unit = 0;
    std::size_t at = 1;
    while (at < text.size()) {
        if (text[at] == 'T') {
            if (in_time || at + 1 == text.size()) {
                return bad_decimal(text, "is not an ISO 8601 duration");
            }
            in_time = true;
            ++at;
            continue;
        }
        const std::size_t begin = at;
        while (at < text.size() && (is_digit(text[at]) || text[at] == '.')) {
            ++at;
        }
        if (at == begin || at == text.size()) {
            return bad_decimal(text, "is not an ISO 8601 duration");
        }
        while (next_unit < units.size() &&
               (units[next_unit].letter != text[at] || units[next_unit].in_time != in_time)) {
            ++next_unit;
        }
        if (next_unit == units.size()) {
            return bad_decimal(text, "is not a duration of weeks, days, hours, minutes and seconds");
        }
        const int decimals = text[at] == 'S' ? 3 : 0;
        const Result<std::int64_t> count = parse_decimal(text.substr(begin, at - begin), decimals);
        std::int64_t part = 0;
        const std::int64_t unit_ms = decimals == 3 ? 1 : units[next_unit].ms;
        if (!count || __builtin_mul_overflow(*count, unit_ms, &part) ||
            __builtin_add_overflow(total, part, &total) || total > duration_max.count()) {
            return bad_decimal(text, "is not a duration of at most 366 days");
        }
        ++next_unit;
        ++at;
    }
    return milliseconds{total};
}

}  // namespace headroom::beckn
