#pragma once

#include "knowledge/passage.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::knowledge {

/// One line of a document without what a reader cannot see or must not be led by: bytes that are no UTF-8
/// become U+FFFD; control characters, direction marks and zero-width characters go; runs of blanks become
/// one.
[[nodiscard]] std::string clean_line(std::string_view line);

/// "4.2 Winter ratings": a heading as plain documents number them. Not a line of a table of contents.
[[nodiscard]] bool is_numbered_heading(std::string_view line);

/// Draws lines together into passages, which end with a paragraph once they are long enough, and with every
/// section and page.
class PassageWriter {
  public:
    /// A heading of `level` 1 to 6 on `line`; it ends the passage and stands above what follows.
    void heading(int level, std::string_view text);
    /// The next line of text.
    void line(std::int64_t number, std::string_view text);
    /// The end of a paragraph.
    void paragraph();
    /// What follows is on page `number`.
    void page(std::int64_t number);

    /// Everything so far; the writer is empty again.
    [[nodiscard]] std::vector<Passage> take();
    [[nodiscard]] std::size_t size() const { return passages_.size(); }

  private:
    void flush();
    void append(std::int64_t number, std::string_view text);

    std::vector<Passage> passages_;
    std::vector<std::pair<int, std::string>> headings_;
    Passage open_;
    bool is_between_ = false;  ///< a paragraph has ended, and none has begun since
};

}  // namespace headroom::knowledge
