#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <filesystem>

namespace headroom::app {

/// Rulebooks of made-up text, 1,000 pages each, in `dir`.
///
/// `knowledge.index_1000_pages_pdf_s`: a PDF of 1,000 pages, read and indexed.
/// `knowledge.index_1000_pages_markdown_s`: the same text as Markdown. `knowledge.query_ms`: a question over
/// both (2,000 pages), median of 400 questions; its max is the slowest. `knowledge.quotes_checked`:
/// quotations found in the passage that they name, of as many. Errors: as those of the parts; `unsupported`
/// where PDFs cannot be read.
[[nodiscard]] Result<json::Object> bench_knowledge(const std::filesystem::path& dir);

}  // namespace headroom::app
