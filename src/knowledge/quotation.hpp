#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headroom::knowledge {

/// Marks around each word found, as the index is told to set them; no text holds them.
inline constexpr char mark_begin = '\x01';
inline constexpr char mark_end = '\x02';

/// What a passage is quoted with.
struct Quotation {
    std::string text;                ///< the passage without marks
    std::string quote;               ///< a part of `text`: around as many of the words as fit
    std::vector<std::string> words;  ///< those that were marked, each once, as they stand there
};

/// Reads a passage in which words are marked. The quotation holds at most `bytes_max` bytes and begins and
/// ends between words where it can.
[[nodiscard]] Quotation quote_of(std::string_view marked, std::size_t bytes_max);

}  // namespace headroom::knowledge
