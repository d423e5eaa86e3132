#include "core/json_write.hpp"

#include "core/json.hpp"
#include "core/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace headroom::json {
namespace {

bool is_plain(char c) {
    return static_cast<std::uint8_t>(c) >= 0x20 && static_cast<std::uint8_t>(c) < 0x80 && c != '"' &&
           c != '\\';
}

char* write_escape(char* to, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr std::array letters{'b', 't', 'n', 'v', 'f', 'r'};  // \b to \r; JSON has no \v
    *to++ = '\\';
    if (c == '"' || c == '\\') {
        *to++ = c;
    } else if (c >= '\b' && c <= '\r' && c != '\v') {
        *to++ = letters[static_cast<std::size_t>(c - '\b')];
    } else {
        *to++ = 'u';
        *to++ = '0';
        *to++ = '0';
        *to++ = digits[static_cast<std::uint8_t>(c) >> 4U];
        *to++ = digits[static_cast<std::uint8_t>(c) & 15U];
    }
    return to;
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

/// So much of a text is written to a buffer on the stack at once: most texts of ours are shorter.
constexpr std::size_t piece_max = 256;
constexpr std::size_t block = 16;
/// A character needs at most six ("\u001f"); whole blocks are stored, of which the end may not count.
constexpr std::size_t piece_room = piece_max * 6 + block;

/// Sixteen bytes as they are to be written.
struct Block {
    bool is_plain = true;  ///< each is ASCII that stands for itself: no control, quote or backslash
    bool is_usual = true;  ///< or a quote or a backslash, which stand behind one more
};

/// Copies sixteen bytes and says what they are.
Block copy_block(char* to, const char* from) {
#if defined(__SSE2__)
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
    // Compared as signed numbers, what has its high bit set is below 0x20 too.
    const __m128i low = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
    const __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i backslashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    const __m128i marks = _mm_or_si128(quotes, backslashes);
    return {.is_plain = _mm_movemask_epi8(_mm_or_si128(low, marks)) == 0,
            .is_usual = _mm_movemask_epi8(low) == 0};
#else
    std::memcpy(to, from, block);
    Block found;
    for (std::size_t i = 0; i < block; ++i) {
        const bool is_mark = from[i] == '"' || from[i] == '\\';
        found.is_plain = found.is_plain && is_plain(from[i]);
        found.is_usual = found.is_usual && (is_mark || is_plain(from[i]));
    }
    return found;
#endif
}

/// Sixteen usual bytes. A JSON text inside a text has a quote at every other word, where nobody could guess a
/// branch: so there is none.
char* write_usual_block(char* to, const char* from) {
    for (std::size_t i = 0; i < block; ++i) {
        const char c = from[i];
        *to = '\\';
        to += static_cast<std::ptrdiff_t>(c == '"') + static_cast<std::ptrdiff_t>(c == '\\');
        *to++ = c;
    }
    return to;
}

/// Writes the plain bytes and escapes of `text` from `to` on, up to the first byte that is no ASCII; takes
/// off `text` what was written. Answers the new end.
char* write_ascii(char* to, std::string_view& text) {
    while (!text.empty()) {
        if (text.size() >= block) {
            const Block found = copy_block(to, text.data());
            if (found.is_usual) {
                to = found.is_plain ? to + block : write_usual_block(to, text.data());
                text.remove_prefix(block);
                continue;
            }
        }
        for (std::size_t left = std::min(block, text.size()); left > 0; --left) {
            const char c = text.front();
            if (is_plain(c)) {
                *to++ = c;
            } else if (static_cast<std::uint8_t>(c) < 0x80) {
                to = write_escape(to, c);
            } else {
                return to;
            }
            text.remove_prefix(1);
        }
    }
    return to;
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
    std::array<char, piece_room> piece;  // NOLINT: written before it is read
    out += '"';
    while (!text.empty()) {
        std::string_view now = text.substr(0, piece_max);
        const std::size_t offered = now.size();
        const char* const end = write_ascii(piece.data(), now);
        out.append(piece.data(), static_cast<std::size_t>(end - piece.data()));
        text.remove_prefix(offered - now.size());
        if (now.empty()) {
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
