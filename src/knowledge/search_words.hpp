#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::knowledge {

/// The longest question, in bytes; what is beyond is not looked at.
inline constexpr std::size_t question_bytes_max = 1'000;
inline constexpr std::size_t question_words_max = 16;

/// Words to look for: in small ASCII letters, each once, without those that stand everywhere ("the", "what",
/// "is" …) as long as others are left.
[[nodiscard]] std::vector<std::string> search_words(std::string_view question);

/// An expression of FTS5 for these words: each in quotes, so that none is read as an operator. "" for none.
[[nodiscard]] std::string match_all(const std::vector<std::string>& words);
[[nodiscard]] std::string match_any(const std::vector<std::string>& words);
/// In the heading, all of them.
[[nodiscard]] std::string match_heading(const std::vector<std::string>& words);
/// In the text, with at most `distance` other words among them.
[[nodiscard]] std::string match_near(const std::vector<std::string>& words, int distance);

/// How many of `words` stand in `found`, words of a passage in whatever case and ending.
[[nodiscard]] std::size_t words_covered(const std::vector<std::string>& words,
                                        const std::vector<std::string>& found);

}  // namespace headroom::knowledge
