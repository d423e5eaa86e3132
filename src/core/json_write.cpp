#include "core/json_write.hpp"

#include "core/json.hpp"
#include "core/utf8.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

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

constexpr std::size_t first_reserve = 1024;

/// Whether eight bytes are all ASCII that stands for itself: no control, quote, backslash or high bit.
bool is_plain(const char* bytes) {
    constexpr std::uint64_t ones = 0x0101010101010101U;
    constexpr std::uint64_t highs = 0x8080808080808080U;
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    // A byte below the subtrahend borrows into its high bit; for bytes below 0x80 that is exact where it
    // matters: the lowest byte that is not plain always shows, so a word without any shows nothing.
    const std::uint64_t controls = word - ones * 0x20;
    const std::uint64_t quotes = (word ^ (ones * '"')) - ones;
    const std::uint64_t backslashes = (word ^ (ones * '\\')) - ones;
    return ((controls | quotes | backslashes | word) & highs) == 0;
}

std::size_t plain_length(std::string_view text) {
    std::size_t length = 0;
    while (length + 8 <= text.size() && is_plain(text.data() + length)) {
        length += 8;
    }
    while (length < text.size() && static_cast<std::uint8_t>(text[length]) >= 0x20 &&
           static_cast<std::uint8_t>(text[length]) < 0x80 && text[length] != '"' && text[length] != '\\') {
        ++length;
    }
    return length;
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
        const std::size_t plain = plain_length(text);
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
    out.reserve(first_reserve);
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
