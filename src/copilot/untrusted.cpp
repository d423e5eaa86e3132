#include "copilot/untrusted.hpp"

#include "knowledge/passage_writer.hpp"

#include <algorithm>
#include <array>

namespace headroom::copilot {
namespace {

constexpr std::size_t input_bytes_max = 64UL << 10U;
constexpr std::size_t tag_bytes_max = 512;
constexpr std::string_view address_gone = "[address]";

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

char small(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool begins_with(std::string_view text, std::string_view word) {
    return text.size() >= word.size() &&
           std::equal(word.begin(), word.end(), text.begin(), [](char a, char b) { return a == small(b); });
}

/// Whether an address of the web or of mail begins here: what could be followed, or carry figures away.
bool begins_address(std::string_view text) {
    constexpr std::array<std::string_view, 10> schemes{
        "http:", "https:", "ftp:", "file:", "ws:", "wss:", "data:", "javascript:", "mailto:", "www."};
    return std::any_of(schemes.begin(), schemes.end(),
                       [text](std::string_view scheme) { return begins_with(text, scheme); });
}

/// Tags and addresses go; a lone '<' stays as "less than" needs it.
std::string without_markup(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at);
        const bool is_word_start = at == 0 || is_blank(text[at - 1]) || text[at - 1] == '(' ||
                                   text[at - 1] == '"' || text[at - 1] == '<' || text[at - 1] == '[' ||
                                   text[at - 1] == '\'' || text[at - 1] == '=' || text[at - 1] == ':' ||
                                   text[at - 1] == ',';
        if (is_word_start && begins_address(rest)) {
            out += address_gone;
            while (at < text.size() && !is_blank(text[at])) {
                ++at;
            }
            continue;
        }
        const bool is_tag =
            rest.size() > 1 && rest[0] == '<' &&
            (rest[1] == '/' || rest[1] == '!' || (small(rest[1]) >= 'a' && small(rest[1]) <= 'z'));
        if (is_tag) {
            const std::size_t end = rest.substr(0, tag_bytes_max).find('>');
            at += end == std::string_view::npos ? 1 : end + 1;
            out += ' ';
            continue;
        }
        if (rest.starts_with("![") || rest.starts_with("](")) {
            out += ' ';
            at += 2;
            continue;
        }
        out += text[at] == '`' ? '\'' : text[at];
        ++at;
    }
    return out;
}

/// At most `bytes`, never half a character.
std::string cut(std::string text, std::size_t bytes) {
    if (text.size() <= bytes) {
        return text;
    }
    std::size_t end = bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    text.resize(end);
    return text;
}

}  // namespace

std::string as_data(std::string_view text, std::size_t bytes_max) {
    std::string line(text.substr(0, input_bytes_max));
    std::replace_if(line.begin(), line.end(), is_blank, ' ');
    // Cleaned first, so that no unseen character hides an address from what looks for it.
    return cut(knowledge::clean_line(without_markup(knowledge::clean_line(line))), bytes_max);
}

std::string as_shown(std::string_view text, std::size_t bytes_max) {
    text = text.substr(0, input_bytes_max);
    std::string out;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string line =
            knowledge::clean_line(without_markup(knowledge::clean_line(text.substr(0, end))));
        out += line;
        if (end == std::string_view::npos) {
            break;
        }
        out += '\n';
        text.remove_prefix(end + 1);
    }
    while (out.ends_with('\n')) {
        out.pop_back();
    }
    return cut(std::move(out), bytes_max);
}

}  // namespace headroom::copilot
