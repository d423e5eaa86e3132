#include "knowledge/html_entities.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace headroom::knowledge {
namespace {

constexpr std::size_t name_max = 10;

constexpr std::array<std::pair<std::string_view, std::string_view>, 36> named{
    {{"amp", "&"},   {"lt", "<"},     {"gt", ">"},     {"quot", "\""}, {"apos", "'"},   {"nbsp", " "},
     {"ndash", "–"}, {"mdash", "—"},  {"hellip", "…"}, {"pound", "£"}, {"euro", "€"},   {"deg", "°"},
     {"copy", "©"},  {"reg", "®"},    {"sect", "§"},   {"para", "¶"},  {"frac12", "½"}, {"frac14", "¼"},
     {"lsquo", "‘"}, {"rsquo", "’"},  {"ldquo", "“"},  {"rdquo", "”"}, {"times", "×"},  {"middot", "·"},
     {"bull", "•"},  {"plusmn", "±"}, {"micro", "µ"},  {"Omega", "Ω"}, {"ge", "≥"},     {"le", "≤"},
     {"minus", "−"}, {"sup2", "²"},   {"sup3", "³"},   {"rarr", "→"},  {"thinsp", " "}, {"ensp", " "}}};

void append_utf8(std::string& out, std::uint32_t code) {
    const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0U | (code >> 6U));
        put(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        put(0xE0U | (code >> 12U));
        put(0x80U | ((code >> 6U) & 0x3FU));
        put(0x80U | (code & 0x3FU));
    } else {
        put(0xF0U | (code >> 18U));
        put(0x80U | ((code >> 12U) & 0x3FU));
        put(0x80U | ((code >> 6U) & 0x3FU));
        put(0x80U | (code & 0x3FU));
    }
}

/// The code point of "#65" or "#x41"; nothing for none, a surrogate or one beyond Unicode.
std::optional<std::uint32_t> numbered(std::string_view reference) {
    const bool is_hex = reference.size() > 1 && (reference[1] == 'x' || reference[1] == 'X');
    const std::string_view digits = reference.substr(is_hex ? 2 : 1);
    std::uint32_t code = 0;
    const auto [end, fault] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, is_hex ? 16 : 10);
    const bool is_whole = fault == std::errc{} && end == digits.data() + digits.size() && !digits.empty();
    if (!is_whole || code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
        return std::nullopt;
    }
    return code;
}

}  // namespace

std::string resolve_entities(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end =
            text[at] == '&' ? text.substr(at, name_max + 2).find(';') : std::string_view::npos;
        if (end == std::string_view::npos) {
            out += text[at++];
            continue;
        }
        const std::string_view reference = text.substr(at + 1, end - 1);
        const auto* const known = std::find_if(named.begin(), named.end(),
                                               [&](const auto& each) { return each.first == reference; });
        if (const auto code = reference.starts_with('#') ? numbered(reference) : std::nullopt) {
            append_utf8(out, *code);
        } else if (known != named.end()) {
            out += known->second;
        } else {
            out += text.substr(at, end + 1);
        }
        at += end + 1;
    }
    return out;
}

}  // namespace headroom::knowledge
