#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace headroom::knowledge {

/// The longest passage, in bytes of UTF-8.
inline constexpr std::size_t passage_bytes_max = 2'400;

/// A few paragraphs of a document, as they stand there: blanks and line breaks drawn together, control and
/// direction characters gone.
struct Passage {
    std::int64_t id = 0;    ///< in the index; 0 before it is in one
    std::string document;   ///< name of the document
    std::string section;    ///< headings above it, "4 Ratings › 4.2 Winter"; empty when there are none
    std::int64_t page = 0;  ///< from 1; 0 where the document has no pages
    std::int64_t line = 0;  ///< first line, from 1: on the page, or in the file where there are no pages
    std::string text;

    bool operator==(const Passage&) const = default;
};

/// A document as a reader made it.
struct DocumentText {
    std::string title;       ///< empty when it has none
    std::int64_t pages = 0;  ///< 0 where it has no pages
    std::vector<Passage> passages;
};

}  // namespace headroom::knowledge
