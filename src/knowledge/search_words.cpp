#include "knowledge/search_words.hpp"

#include "core/small_letters.hpp"

#include <algorithm>
#include <array>

namespace headroom::knowledge {
namespace {

constexpr std::array<std::string_view, 58> everywhere{
    "a",    "an",   "and", "any",  "are",  "as",   "at",    "be",   "been",  "but",  "by",    "can",
    "do",   "does", "did", "for",  "from", "had",  "has",   "have", "how",   "i",    "if",    "in",
    "into", "is",   "it",  "its",  "may",  "me",   "must",  "my",   "no",    "not",  "of",    "on",
    "or",   "our",  "say", "says", "so",   "than", "that",  "the",  "their", "then", "there", "they",
    "this", "to",   "was", "we",   "what", "when", "which", "who",  "why",   "will"};

bool is_word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80;
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
    std::string out;
    for (const std::string& word : words) {
        out += (out.empty() ? "" : std::string(between)) + "\"" + word + "\"";
    }
    return out;
}

/// Whether both are forms of one word, as the index's stemming would have it: "rating" and "ratings".
bool are_alike(std::string_view a, std::string_view b) {
    const auto [left, right] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    const auto common = static_cast<std::size_t>(left - a.begin());
    const std::size_t shorter = std::min(a.size(), b.size());
    const std::size_t longer = std::max(a.size(), b.size());
    return common == longer || (common >= 3 && common + 3 >= shorter && common + 5 >= longer);
}

}  // namespace

std::vector<std::string> search_words(std::string_view question) {
    question = question.substr(0, question_bytes_max);
    std::vector<std::string> all;
    for (std::size_t at = 0; at < question.size();) {
        if (!is_word_byte(question[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < question.size() && is_word_byte(question[end])) {
            ++end;
        }
        std::string word = small_letters(question.substr(at, end - at));
        if (std::find(all.begin(), all.end(), word) == all.end()) {
            all.push_back(std::move(word));
        }
        at = end;
    }
    std::vector<std::string> telling;
    std::copy_if(all.begin(), all.end(), std::back_inserter(telling), [](const std::string& word) {
        return std::find(everywhere.begin(), everywhere.end(), word) == everywhere.end();
    });
    std::vector<std::string>& chosen = telling.empty() ? all : telling;
    chosen.resize(std::min(chosen.size(), question_words_max));
    return chosen;
}

std::string match_all(const std::vector<std::string>& words) {
    return joined(words, " AND ");
}

std::string match_any(const std::vector<std::string>& words) {
    return joined(words, " OR ");
}

std::string match_heading(const std::vector<std::string>& words) {
    return words.empty() ? "" : "section : (" + match_all(words) + ")";
}

std::string match_near(const std::vector<std::string>& words, int distance) {
    return words.empty() ? "" : "text : NEAR(" + joined(words, " ") + ", " + std::to_string(distance) + ")";
}

std::size_t words_covered(const std::vector<std::string>& words, const std::vector<std::string>& found) {
    return static_cast<std::size_t>(std::count_if(words.begin(), words.end(), [&](const std::string& word) {
        return std::any_of(found.begin(), found.end(),
                           [&](const std::string& each) { return are_alike(word, small_letters(each)); });
    }));
}

}  // namespace headroom::knowledge
