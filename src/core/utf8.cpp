#include "core/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace headroom {

std::size_t utf8_character_length(std::string_view text) {
    if (text.empty()) {
        return 0;
    }
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(0);
    if (lead < 0x80U) {
        return 1;
    }
    // The second byte's range is narrower after some lead bytes: it shuts out overlong forms, surrogates and
    // > U+10FFFF.
    std::size_t length = 0;
    std::uint8_t second_min = 0x80;
    std::uint8_t second_max = 0xBF;
    if (lead >= 0xC2U && lead <= 0xDFU) {
        length = 2;
    } else if (lead >= 0xE0U && lead <= 0xEFU) {
        length = 3;
        second_min = lead == 0xE0U ? 0xA0 : 0x80;
        second_max = lead == 0xEDU ? 0x9F : 0xBF;
    } else if (lead >= 0xF0U && lead <= 0xF4U) {
        length = 4;
        second_min = lead == 0xF0U ? 0x90 : 0x80;
        second_max = lead == 0xF4U ? 0x8F : 0xBF;
    } else {
        return 0;
    }
    if (text.size() < length || byte(1) < second_min || byte(1) > second_max) {
        return 0;
    }
    for (std::size_t i = 2; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) {
            return 0;
        }
    }
    return length;
}

std::size_t ascii_length(std::string_view text) {
    constexpr std::uint64_t high_bits = 0x8080808080808080U;
    std::size_t length = 0;
    for (std::uint64_t word = 0; length + sizeof word <= text.size(); length += sizeof word) {
        std::memcpy(&word, text.data() + length, sizeof word);
        if ((word & high_bits) != 0) {
            break;
        }
    }
    while (length < text.size() && static_cast<std::uint8_t>(text[length]) < 0x80U) {
        ++length;
    }
    return length;
}

bool is_utf8(std::string_view text) {
    for (text.remove_prefix(ascii_length(text)); !text.empty(); text.remove_prefix(ascii_length(text))) {
        const std::size_t length = utf8_character_length(text);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

}  // namespace headroom
