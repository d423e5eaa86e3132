#include "knowledge/passage_writer.hpp"

#include "core/utf8.hpp"

#include <algorithm>

namespace headroom::knowledge {
namespace {

constexpr std::size_t enough_bytes = 700;  // a passage ends with the paragraph that reaches it
constexpr std::size_t heading_bytes_max = 120;
constexpr std::size_t section_bytes_max = 300;
constexpr std::size_t heading_line_max = 90;
constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr std::string_view no_break_space = "\xC2\xA0";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Zero-width and direction characters: U+200B–U+200F, U+202A–U+202E, U+2060–U+206F, U+061C, U+00AD, U+FEFF;
/// and the tag block U+E0000–U+E007F, which shows nothing at all.
bool is_unseen(std::string_view character) {
    if (character == byte_order_mark || character == "\xC2\xAD" || character == "\xD8\x9C") {
        return true;
    }
    if (character.size() == 4 && character.starts_with("\xF3\xA0")) {
        return true;
    }
    if (character.size() != 3 || character[0] != '\xE2') {
        return false;
    }
    const auto second = static_cast<unsigned char>(character[1]);
    const auto third = static_cast<unsigned char>(character[2]);
    return (second == 0x80 && ((third >= 0x8B && third <= 0x8F) || (third >= 0xAA && third <= 0xAE))) ||
           (second == 0x81 && third >= 0xA0 && third <= 0xAF);
}

/// The length of as much of `text` as fits into `bytes`, ending between characters.
std::size_t whole_characters(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) {
        return text.size();
    }
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) {
        --bytes;
    }
    return bytes;
}

}  // namespace

std::string clean_line(std::string_view line) {
    std::string out;
    out.reserve(line.size());
    bool blank = false;
    const auto put = [&](std::string_view bytes) {
        if (blank && !out.empty()) {
            out += ' ';
        }
        blank = false;
        out += bytes;
    };
    for (std::size_t at = 0; at < line.size();) {
        const std::size_t length = utf8_character_length(line.substr(at));
        const std::string_view character = line.substr(at, std::max<std::size_t>(length, 1));
        const auto first = static_cast<unsigned char>(character.front());
        at += character.size();
        if (length == 0) {
            put(replacement);
        } else if (first == ' ' || first == '\t' || character == no_break_space) {
            blank = true;
        } else if (first < 0x20 || first == 0x7F || is_unseen(character) ||
                   (length == 2 && first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0)) {
            continue;
        } else {
            put(character);
        }
    }
    return out;
}

bool is_numbered_heading(std::string_view line) {
    if (line.size() > heading_line_max || line.find("...") != std::string_view::npos ||
        line.find(". . .") != std::string_view::npos) {
        return false;
    }
    std::size_t at = 0;
    std::size_t digits = 0;
    while (at < line.size() && ((line[at] >= '0' && line[at] <= '9') || (line[at] == '.' && at > 0))) {
        digits += line[at] != '.' ? 1U : 0U;
        ++at;
    }
    if (digits == 0 || digits > 6 || at >= line.size() || line[at] != ' ') {
        return false;
    }
    const char begins = at + 1 < line.size() ? line[at + 1] : ' ';
    const char last = line.back();
    return begins >= 'A' && begins <= 'Z' && last != '.' && last != ',' && last != ';' && last != ':';
}

void PassageWriter::heading(int level, std::string_view text) {
    flush();
    while (!headings_.empty() && headings_.back().first >= level) {
        headings_.pop_back();
    }
    std::string words = clean_line(text);
    words.resize(whole_characters(words, heading_bytes_max));
    if (!words.empty()) {
        headings_.emplace_back(level, std::move(words));
    }
}

void PassageWriter::line(std::int64_t number, std::string_view text) {
    std::string words = clean_line(text);
    if (words.empty()) {
        paragraph();
        return;
    }
    std::string_view rest = words;
    while (!rest.empty()) {
        std::size_t length = whole_characters(rest, passage_bytes_max);
        if (length < rest.size()) {
            const std::size_t blank = rest.substr(0, length).rfind(' ');
            length = blank != std::string_view::npos && blank > length / 2 ? blank : length;
        }
        append(number, rest.substr(0, length));
        rest.remove_prefix(length);
        while (rest.starts_with(' ')) {
            rest.remove_prefix(1);
        }
    }
}

void PassageWriter::append(std::int64_t number, std::string_view text) {
    const bool is_full = open_.text.size() + text.size() + 2 > passage_bytes_max;
    if (is_full || (is_between_ && open_.text.size() >= enough_bytes)) {
        flush();
    }
    if (open_.text.empty()) {
        open_.line = number;
    } else {
        open_.text += is_between_ ? "\n\n" : "\n";
    }
    is_between_ = false;
    open_.text += text;
}

void PassageWriter::paragraph() {
    is_between_ = true;
}

void PassageWriter::page(std::int64_t number) {
    flush();
    open_.page = number;
}

void PassageWriter::flush() {
    is_between_ = false;
    if (open_.text.empty()) {
        return;
    }
    open_.section.clear();
    for (const auto& [level, words] : headings_) {
        if (open_.section.size() + words.size() > section_bytes_max) {
            break;
        }
        open_.section += open_.section.empty() ? words : " › " + words;
    }
    passages_.push_back(open_);
    open_.text.clear();
}

std::vector<Passage> PassageWriter::take() {
    flush();
    headings_.clear();
    open_ = {};
    return std::exchange(passages_, {});
}

}  // namespace headroom::knowledge
