#include "core/json_write.hpp"

#include "core/json.hpp"
#include "core/utf8.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace headroom::json {
namespace {

void append_escape(std::string& out, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\b':
            out += "\\b";
            break;
        case '\t':
            out += "\\t";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\f':
            out += "\\f";
            break;
        case '\r':
            out += "\\r";
            break;
        default:
            out += "\\u00";
            out += digits[static_cast<std::uint8_t>(c) >> 4U];
            out += digits[static_cast<std::uint8_t>(c) & 15U];
    }
}

void append_double(std::string& out, double value) {
    if (!std::isfinite(value)) {
        out += "null";
        return;
    }
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
    out += text;
    if (text.find_first_of(".e") == std::string_view::npos) {
        out += ".0";  // so that it reads back as a double
    }
}

struct Layout {
    bool pretty = false;
    std::size_t level = 0;
};

void append_break(std::string& out, Layout layout) {
    if (layout.pretty) {
        out += '\n';
        out.append(layout.level * 2, ' ');
    }
}

void append_value(std::string& out, const Value& value, Layout layout) {
    const Layout inner{layout.pretty, layout.level + 1};
    if (const std::string* text = value.as_string()) {
        append_string(out, *text);
    } else if (value.is_int()) {
        append_integer(out, *value.as_int());
    } else if (const Object* object = value.as_object()) {
        out += '{';
        bool first = true;
        for (const auto& [key, member] : object->members()) {
            if (!first) {
                out += ',';
            }
            first = false;
            append_break(out, inner);
            append_string(out, key);
            out += layout.pretty ? ": " : ":";
            append_value(out, member, inner);
        }
        if (!first) {
            append_break(out, layout);
        }
        out += '}';
    } else if (const Array* array = value.as_array()) {
        out += '[';
        bool first = true;
        for (const Value& element : *array) {
            if (!first) {
                out += ',';
            }
            first = false;
            append_break(out, inner);
            append_value(out, element, inner);
        }
        if (!first) {
            append_break(out, layout);
        }
        out += ']';
    } else if (value.is_number()) {
        append_double(out, *value.as_double());
    } else if (value.is_bool()) {
        out += *value.as_bool() ? "true" : "false";
    } else {
        out += "null";
    }
}

}  // namespace

bool append_string(std::string& out, std::string_view text) {
    bool valid = true;
    out += '"';
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && static_cast<std::uint8_t>(text[plain]) >= 0x20 &&
               static_cast<std::uint8_t>(text[plain]) < 0x80 && text[plain] != '"' && text[plain] != '\\') {
            ++plain;
        }
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) {
            break;
        }
        if (static_cast<std::uint8_t>(text.front()) < 0x80) {
            append_escape(out, text.front());
            text.remove_prefix(1);
            continue;
        }
        const std::size_t length = utf8_character_length(text);
        if (length == 0) {
            valid = false;
            out += "\xEF\xBF\xBD";
            text.remove_prefix(1);
        } else {
            out += text.substr(0, length);
            text.remove_prefix(length);
        }
    }
    out += '"';
    return valid;
}

void append_integer(std::string& out, std::int64_t value) {
    std::array<char, 24> digits{};
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

std::string write(const Value& value) {
    std::string out;
    append_value(out, value, {});
    return out;
}

std::string write_pretty(const Value& value) {
    std::string out;
    append_value(out, value, {.pretty = true});
    out += '\n';
    return out;
}

}  // namespace headroom::json
