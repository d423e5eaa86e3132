#include "telemetry/usual_number.hpp"

#include "telemetry/usual_text.hpp"

#include <charconv>

namespace headroom::telemetry {
namespace {

constexpr std::uint64_t exact_integer_max = std::uint64_t{1} << 53U;
constexpr std::ptrdiff_t integer_digits_max = 19;
constexpr std::ptrdiff_t number_bytes_max = 60;

}  // namespace

const char* read_usual_seq(const char* text, std::uint64_t& out) {
    const char* end = text;
    std::uint64_t seq = 0;
    while (is_digit(*end) && end - text <= integer_digits_max) {
        seq = seq * 10 + static_cast<std::uint64_t>(*end - '0');
        ++end;
    }
    const std::ptrdiff_t digits = end - text;
    if (digits == 0 || digits > integer_digits_max || (*text == '0' && digits > 1)) {
        return nullptr;
    }
    out = seq;
    return end;
}

const char* read_long_number(const char* text, double& out) {
    const bool is_negative = *text == '-';
    const char* at = text + (is_negative ? 1 : 0);
    const char* first = at;
    std::uint64_t integer = 0;
    const auto read_digits = [&] {
        while (is_digit(*at) && at - text <= number_bytes_max) {
            integer = integer * 10 + static_cast<std::uint64_t>(*at - '0');
            ++at;
        }
    };
    read_digits();
    std::ptrdiff_t digits = at - first;
    if (digits == 0 || (*first == '0' && digits > 1)) {
        return nullptr;
    }
    std::ptrdiff_t decimals = 0;
    if (*at == '.') {
        const char* point = at++;
        read_digits();
        decimals = at - point - 1;
        digits += decimals;
        if (decimals == 0) {
            return nullptr;
        }
    }
    if (*at == 'e' || *at == 'E' || at - text > number_bytes_max) {
        return nullptr;
    }
    if (digits <= integer_digits_max && integer <= exact_integer_max) {
        const double size = static_cast<double>(integer) / powers_of_ten[static_cast<std::size_t>(decimals)];
        out = is_negative ? -size : size;
        return at;
    }
    return std::from_chars(text, at, out).ptr == at ? at : nullptr;
}

}  // namespace headroom::telemetry
