#include "telemetry/cbor_reader.hpp"

#include "core/utf8.hpp"

#include <bit>
#include <cmath>
#include <limits>

namespace headroom::telemetry {
namespace {

constexpr std::uint8_t indefinite = 31;
constexpr std::uint8_t null_value = 22;
constexpr std::uint8_t undefined_value = 23;

/// Source: RFC 8949, Appendix D.
double half_precision(std::uint64_t bits) {
    const int exponent = static_cast<int>((bits >> 10U) & 0x1fU);
    const auto fraction = static_cast<double>(bits & 0x3ffU);
    double value = 0.0;
    if (exponent == 0) {
        value = std::ldexp(fraction, -24);
    } else if (exponent != 31) {
        value = std::ldexp(fraction + 1024.0, exponent - 25);
    } else {
        value = fraction == 0.0 ? std::numeric_limits<double>::infinity()
                                : std::numeric_limits<double>::quiet_NaN();
    }
    return (bits & 0x8000U) != 0 ? -value : value;
}

}  // namespace

std::optional<CborReader::Head> CborReader::head_at(std::size_t& at) {
    if (failed_ || at >= bytes_.size()) {
        fail();
        return std::nullopt;
    }
    const auto first = static_cast<std::uint8_t>(bytes_[at++]);
    Head head{.major = static_cast<Major>(first >> 5U), .info = static_cast<std::uint8_t>(first & 0x1fU)};
    if (head.info < 24) {
        head.value = head.info;
    } else if (head.info < 28) {
        const std::size_t size = std::size_t{1} << (head.info - 24U);
        if (bytes_.size() - at < size) {
            fail();
            return std::nullopt;
        }
        for (std::size_t i = 0; i < size; ++i) {
            head.value = head.value << 8U | static_cast<std::uint8_t>(bytes_[at + i]);
        }
        at += size;
        if (head.major == Major::simple && head.info == 24 && head.value < 32) {
            fail();
            return std::nullopt;
        }
    } else if (head.info == indefinite && (head.major == Major::bytes || head.major == Major::text ||
                                           head.major == Major::array || head.major == Major::map)) {
        head.is_indefinite = true;
    } else {  // a break stands only where `take_break` looks for one
        fail();
        return std::nullopt;
    }
    return head;
}

std::optional<CborReader::Head> CborReader::peek() {
    std::size_t at = at_;
    return head_at(at);
}

std::optional<CborReader::Head> CborReader::next() {
    return head_at(at_);
}

bool CborReader::take_break() {
    if (failed_ || at_end() || static_cast<std::uint8_t>(bytes_[at_]) != 0xffU) {
        return false;
    }
    ++at_;
    return true;
}

std::string_view CborReader::pass(std::uint64_t count) {
    if (count > bytes_.size() - at_) {
        fail();
        return {};
    }
    const std::string_view passed = bytes_.substr(at_, static_cast<std::size_t>(count));
    at_ += passed.size();
    return passed;
}

void CborReader::skip(int depth) {  // NOLINT(misc-no-recursion): depth is bounded
    const std::optional<Head> head = next();
    if (!head) {
        return;
    }
    if (depth > depth_max) {
        return fail();
    }
    const bool is_map = head->major == Major::map;
    switch (head->major) {
        case Major::positive:
        case Major::negative:
        case Major::simple:
            return;
        case Major::bytes:
        case Major::text:
            if (!head->is_indefinite) {
                const std::string_view text = pass(head->value);
                if (head->major == Major::text && !is_utf8(text)) {
                    fail();
                }
                return;
            }
            while (!failed_ && !take_break()) {  // pieces of the same kind, each of known length
                const std::optional<Head> piece = next();
                if (!piece || piece->major != head->major || piece->is_indefinite ||
                    (head->major == Major::text && !is_utf8(pass(piece->value)))) {
                    return fail();
                }
                if (head->major == Major::bytes) {
                    static_cast<void>(pass(piece->value));
                }
            }
            return;
        case Major::tag:
            return skip(depth + 1);
        case Major::array:
        case Major::map:
            for (std::uint64_t i = 0; !failed_ && (head->is_indefinite ? !take_break() : i < head->value);
                 ++i) {
                skip(depth + 1);
                if (is_map) {
                    skip(depth + 1);
                }
            }
            return;
    }
}

std::optional<std::string_view> CborReader::text(std::string& room) {
    const std::optional<Head> head = peek();
    if (!head || head->major != Major::text) {
        skip();
        return std::nullopt;
    }
    static_cast<void>(next());
    if (!head->is_indefinite) {
        const std::string_view text = pass(head->value);
        if (!is_utf8(text)) {
            fail();
        }
        return failed_ ? std::nullopt : std::optional(text);
    }
    room.clear();
    while (!failed_ && !take_break()) {
        const std::optional<Head> piece = next();
        if (!piece || piece->major != Major::text || piece->is_indefinite) {
            fail();
            return std::nullopt;
        }
        const std::string_view text = pass(piece->value);
        if (!is_utf8(text) || room.size() + text.size() > text_bytes_max) {
            fail();
            return std::nullopt;
        }
        room.append(text);
    }
    return failed_ ? std::nullopt : std::optional(std::string_view(room));
}

std::optional<double> CborReader::number() {
    const std::optional<Head> head = peek();
    if (!head) {
        return std::nullopt;
    }
    const bool is_float = head->major == Major::simple && head->info >= 25 && head->info <= 27;
    if (head->major != Major::positive && head->major != Major::negative && !is_float) {
        skip();
        return std::nullopt;
    }
    static_cast<void>(next());
    if (head->major == Major::positive) {
        return static_cast<double>(head->value);
    }
    if (head->major == Major::negative) {
        return -1.0 - static_cast<double>(head->value);
    }
    switch (head->info) {
        case 25:
            return half_precision(head->value);
        case 26:
            return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(head->value)));
        default:
            return std::bit_cast<double>(head->value);
    }
}

std::optional<std::uint64_t> CborReader::unsigned_integer() {
    const std::optional<Head> head = peek();
    if (!head || head->major != Major::positive) {
        skip();
        return std::nullopt;
    }
    static_cast<void>(next());
    return head->value;
}

bool CborReader::take_nothing() {
    if (failed_ || at_end()) {
        return false;
    }
    const auto byte = static_cast<std::uint8_t>(bytes_[at_]);
    if (byte != (0xe0U | null_value) && byte != (0xe0U | undefined_value)) {
        return false;
    }
    ++at_;
    return true;
}

}  // namespace headroom::telemetry
