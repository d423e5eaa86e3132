#include "copilot/pseudonyms.hpp"

namespace headroom::copilot {
namespace {

bool is_name_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

/// Ids may hold dots, slashes, colons and more; a word ends with them only at the end of a sentence.
bool joins(char c) {
    return c == '.' || c == '/' || c == ':' || c == '@' || c == '+';
}

}  // namespace

std::string Pseudonyms::name_of(std::string_view kind, std::string_view id) {
    if (const auto known = names_.find(id); known != names_.end()) {
        return known->second;
    }
    int& count = counts_.try_emplace(std::string(kind), 0).first->second;
    std::string name = std::string(kind) + "-" + std::to_string(++count);
    names_.emplace(std::string(id), name);
    ids_.emplace(name, std::string(id));
    return name;
}

std::string Pseudonyms::id_of(std::string_view name) const {
    const auto found = ids_.find(name);
    return found == ids_.end() ? std::string() : found->second;
}

std::string Pseudonyms::hidden(std::string_view text) const {
    return replaced(text, names_);
}

std::string Pseudonyms::shown(std::string_view text) const {
    return replaced(text, ids_);
}

std::string Pseudonyms::replaced(std::string_view text,
                                 const std::map<std::string, std::string, std::less<>>& words) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (!is_name_byte(text[at])) {
            out += text[at++];
            continue;
        }
        std::size_t end = at;
        while (end < text.size() && (is_name_byte(text[end]) || (joins(text[end]) && end + 1 < text.size() &&
                                                                 is_name_byte(text[end + 1])))) {
            ++end;
        }
        // The longest beginning of the word that is known: "LV-017/L2" holds LV-017.
        std::size_t length = end - at;
        auto found = words.find(text.substr(at, length));
        while (found == words.end() && length > 0) {
            do {
                --length;
            } while (length > 0 && !joins(text[at + length]));
            found = length > 0 ? words.find(text.substr(at, length)) : found;
        }
        out += found == words.end() ? text.substr(at, end - at) : std::string_view(found->second);
        at += found == words.end() ? end - at : length;
    }
    return out;
}

}  // namespace headroom::copilot
