#pragma once

#include "knowledge/passage_writer.hpp"
#include "knowledge/readers.hpp"

#include <string>
#include <string_view>

namespace headroom::knowledge {

// What the readers share.

/// Errors: `invalid` for a text that is too long.
[[nodiscard]] Result<void> check_length(std::string_view text);
/// The document of what was written. Errors: `invalid` for none, or too much.
[[nodiscard]] Result<DocumentText> finished(PassageWriter& writer, std::string title, std::int64_t pages);

}  // namespace headroom::knowledge
