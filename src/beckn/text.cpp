#include "beckn/text.hpp"

#include "core/utf8.hpp"

namespace headroom::beckn {

std::string cut_text(std::string_view text, std::size_t max) {
    std::size_t length = 0;
    while (length < text.size()) {
        const std::size_t character = utf8_character_length(text.substr(length));
        if (character == 0 || length + character > max) {
            break;
        }
        length += character;
    }
    return std::string(text.substr(0, length));
}

}  // namespace headroom::beckn
