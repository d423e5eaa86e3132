#pragma once

#include "core/result.hpp"
#include "knowledge/passage.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace headroom::knowledge {

enum class Format : std::uint8_t { plain, markdown, html, pdf };
/// "plain", "markdown", "html", "pdf".
[[nodiscard]] std::string_view to_string(Format format);
/// By the ending of a file's name: .md .markdown .html .htm .xhtml .pdf .txt .text; nothing for another.
[[nodiscard]] std::optional<Format> format_of(std::string_view file_name);

/// The largest document, in bytes of text. A passage costs more than its text: `passages_max` bounds them
/// too.
inline constexpr std::size_t document_bytes_max = 64UL << 20U;
inline constexpr std::size_t passages_max = 200'000;

// The readers are pure and take anything: what is no text of the format is read as far as it goes. Bytes that
// are no UTF-8 become U+FFFD; control characters, direction marks and zero-width characters go.
// Errors of each: `invalid` for a text longer than `document_bytes_max`, for more than `passages_max`
// passages, and for one that holds no words.

/// Paragraphs between blank lines; "4.2 Winter ratings" on a line of its own begins a section.
[[nodiscard]] Result<DocumentText> read_plain(std::string_view text);
/// Headings (# and underlined), paragraphs, lists, code. Comments go, links and images keep their words.
[[nodiscard]] Result<DocumentText> read_markdown(std::string_view text);
/// Headings and blocks. Scripts, styles, comments and what is marked `hidden` go.
[[nodiscard]] Result<DocumentText> read_html(std::string_view text);
/// What `pdftotext` wrote: as `read_plain`, with a form feed at the end of each page. Lines count per page.
[[nodiscard]] Result<DocumentText> read_pages(std::string_view text);

}  // namespace headroom::knowledge
