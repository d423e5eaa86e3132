#include "core/ids.hpp"

#include "core/digest.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace headroom {
namespace {

constexpr std::string_view crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view lower_base32 = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::size_t id_length_max = 64;

bool is_alphanumeric(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool is_id_character(char c) {
    return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
}

/// `count` symbols of five bits each from the front of `bytes`; bits beyond the end are zero.
std::string base32(std::span<const std::uint8_t> bytes, std::size_t count, std::string_view alphabet) {
    std::string text;
    std::uint32_t buffer = 0;
    int bits = 0;
    std::size_t next = 0;
    while (text.size() < count) {
        if (bits < 5) {
            buffer = (buffer << 8U) | (next < bytes.size() ? bytes[next] : 0U);
            ++next;
            bits += 8;
        }
        bits -= 5;
        text += alphabet[(buffer >> static_cast<unsigned>(bits)) & 31U];
    }
    return text;
}

}  // namespace

bool is_valid_id(std::string_view text) {
    return !text.empty() && text.size() <= id_length_max && is_alphanumeric(text.front()) &&
           std::all_of(text.begin(), text.end(), is_id_character);
}

std::string to_id(std::string_view text) {
    std::string id(text.substr(0, id_length_max));
    std::replace_if(
        id.begin(), id.end(), [](char c) { return !is_id_character(c); }, '-');
    if (id.empty()) {
        return "x";
    }
    if (!is_alphanumeric(id.front())) {  // an id begins with a letter or a digit
        id.insert(id.begin(), 'x');
        id.resize(std::min(id.size(), id_length_max));
    }
    return id;
}

EventId make_event_id(std::string_view limit_key, UtcTime first_breached_period) {
    // The NUL keeps "limit" + time apart from any other limit whose key ends in digits.
    const std::string period = format_utc(first_breached_period);
    const Sha256 hash = sha256({limit_key, std::string_view("\0", 1), period});
    std::string id = "ev-" + period.substr(0, 4) + period.substr(5, 2) + period.substr(8, 2) + "-";
    id += base32(hash, 8, lower_base32);
    return EventId{std::move(id)};
}

InstructionId make_instruction_id(UtcTime at, std::string_view material) {
    const auto unix_ms = static_cast<std::uint64_t>(at.time_since_epoch().count());
    HEADROOM_ASSERT(unix_ms < (std::uint64_t{1} << 48U));  // also refuses times before 1970
    // 130 bits in 26 symbols: a ULID is the 128-bit number with two zero bits in front.
    std::string id;
    for (int shift = 45; shift >= 0; shift -= 5) {
        id += crockford[(unix_ms >> static_cast<unsigned>(shift)) & 31U];
    }
    const Sha256 hash = sha256(material);
    id += base32(std::span(hash).first(10), 16, crockford);
    return InstructionId{std::move(id)};
}

std::string make_uuid(std::string_view material) {
    const Sha256 hash = sha256(material);
    std::array<std::uint8_t, 16> bytes{};
    std::copy_n(hash.begin(), bytes.size(), bytes.begin());
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x80U);  // version 8: made by our own rule
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);  // the RFC 9562 variant
    std::string text = to_hex(bytes);
    for (const std::size_t dash : {20U, 16U, 12U, 8U}) {
        text.insert(dash, "-");
    }
    return text;
}

}  // namespace headroom
