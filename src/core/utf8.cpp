#include "core/utf8.hpp"

#include <cstdint>

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

}  // namespace headroom
