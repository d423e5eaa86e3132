#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace headroom::telemetry {

inline constexpr std::array<double, 23> powers_of_ten{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

constexpr std::uint64_t in_each_byte(unsigned char byte) {
    return 0x0101'0101'0101'0101U * byte;
}

/// The number in up to eight digits, the first in the lowest byte, zeros below.
inline std::uint64_t eight_digits(std::uint64_t digits) {
    digits = (digits * 2561) >> 8U & 0x00ff'00ff'00ff'00ffU;               // pairs: 10 a + b
    digits = (digits * 6'553'601) >> 16U & 0x0000'ffff'0000'ffffU;         // fours: 100 a + b
    return (digits * 42'949'672'960'001) >> 32U & 0x0000'0000'ffff'ffffU;  // 10000 a + b
}

/// Eight bytes of a text less '0' each, the first in the lowest.
inline std::uint64_t digit_values(const char* text) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text, sizeof bytes);
    return bytes ^ in_each_byte('0');
}
/// The highest bit of each byte that is no digit.
inline std::uint64_t others_in(std::uint64_t values) {
    return (((values & in_each_byte(0x7f)) + in_each_byte(0x76)) | values) & in_each_byte(0x80);
}
/// A number of `digits` digits, at most seven, with a point behind the first `whole` of them when they are
/// fewer. Precondition: whole > 0.
inline double short_number(std::uint64_t values, unsigned whole, unsigned digits) {
    const std::uint64_t low = (std::uint64_t{1} << 8U * whole) - 1;
    const std::uint64_t kept = whole == digits ? values : (values & low) | (values >> 8U & ~low);
    return static_cast<double>(eight_digits(kept << 8U * (8 - digits))) / powers_of_ten[digits - whole];
}

/// A number of at most seven digits and a point, without its sign, when it ends within eight bytes: all of it
/// at once. Null for any other, and where bytes lie the other way round.
/// Source: D. Lemire, "Quickly parsing eight digits", 2018.
[[nodiscard]] inline const char* read_short_number(const char* text, double& out) {
    if constexpr (std::endian::native != std::endian::little) {
        return nullptr;
    }
    const std::uint64_t values = digit_values(text);
    const std::uint64_t others = others_in(values);
    if (others == 0) {
        return nullptr;
    }
    const auto whole = static_cast<unsigned>(std::countr_zero(others)) / 8;
    unsigned digits = whole;
    const char* end = text + whole;
    if (*end == '.') {
        const std::uint64_t behind = others & (others - 1);
        if (behind == 0) {
            return nullptr;
        }
        digits = static_cast<unsigned>(std::countr_zero(behind)) / 8 - 1;
        end = text + digits + 1;
        if (digits == whole) {
            return nullptr;
        }
    }
    if (whole == 0 || (*text == '0' && whole > 1) || *end == 'e' || *end == 'E') {
        return nullptr;
    }
    out = short_number(values, whole, digits);
    return end;
}

/// The number at `text`, of any length, without a short cut.
[[nodiscard]] const char* read_long_number(const char* text, double& out);

/// The number at `text`, exactly as strtod reads it; null for what is no JSON number, has an exponent or more
/// than sixty digits. 64 bytes are readable.
/// Source: W. D. Clinger, How to read floating point numbers accurately, 1990: an integer below 2^53 divided
/// by a power of ten up to 10^22 is rounded once.
[[nodiscard]] inline const char* read_usual_number(const char* text, double& out) {
    const bool is_negative = *text == '-';
    if (const char* const end = read_short_number(text + (is_negative ? 1 : 0), out)) {
        out = is_negative ? -out : out;
        return end;
    }
    return read_long_number(text, out);
}

/// One to nineteen digits of an integer. 20 bytes are readable.
[[nodiscard]] const char* read_usual_seq(const char* text, std::uint64_t& out);

}  // namespace headroom::telemetry
