#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace headroom::knowledge {

/// What a PDF may cost. A file from outside can be made to loop, to swell or to crash whoever reads it.
struct PdfLimits {
    milliseconds time{seconds{60}};                        ///< by the clock on the wall
    std::uint64_t memory_bytes = 1'024UL << 20U;           ///< of address space
    std::uint64_t file_bytes = 256UL << 20U;               ///< of the PDF
    std::size_t text_bytes = 64UL << 20U;                  ///< of what comes out
    std::filesystem::path program = "/usr/bin/pdftotext";  ///< of poppler-utils
};

/// The text of a PDF, a form feed at the end of each page. Poppler reads it in a process of its own that may
/// write no file, gets no more time and memory than `limits`, has no environment, and is killed with all it
/// holds when it takes more: what a hostile file breaks is that process. Blocking.
///
/// Errors: `unsupported` when the program is not there, naming the package; `not_found` and `denied` for the
/// file; `invalid` for a file that is too large or no PDF, one that is locked, and one that takes too long,
/// too much, or ends the reader.
[[nodiscard]] Result<std::string> pdf_to_text(const std::filesystem::path& file,
                                              const PdfLimits& limits = {});

}  // namespace headroom::knowledge
