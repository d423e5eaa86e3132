#include "core/json_size.hpp"

#include <algorithm>

namespace headroom::json {
namespace {

constexpr std::size_t number_bytes_max = 24;  // -1.7976931348623157e+308
constexpr std::size_t escape_bytes_max = 6;   // \u001f

/// Between quotes. Bytes that are no UTF-8 become U+FFFD, three for one.
std::size_t text_bytes_max(std::string_view text) {
    const auto grows = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\\' ||
               static_cast<unsigned char>(c) >= 0x80;
    }));
    return text.size() + 2 + grows * (escape_bytes_max - 1);
}

}  // namespace

std::size_t text_bytes_max(const Object& object) {
    std::size_t bytes = 2;
    for (const auto& [key, value] : object.members()) {
        bytes += text_bytes_max(std::string_view(key)) + 2 + text_bytes_max(value);
    }
    return bytes;
}

std::size_t text_bytes_max(const Value& value) {
    if (const std::string* text = value.as_string()) {
        return text_bytes_max(std::string_view(*text));
    }
    if (const Object* object = value.as_object()) {
        return text_bytes_max(*object);
    }
    if (const Array* array = value.as_array()) {
        std::size_t bytes = 2;
        for (const Value& each : *array) {
            bytes += text_bytes_max(each) + 1;
        }
        return bytes;
    }
    return number_bytes_max;
}

}  // namespace headroom::json
