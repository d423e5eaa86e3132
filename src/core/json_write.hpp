#pragma once

#include "core/json.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace headroom::json {

/// Appends `text` in quotes, escaped as RFC 8785 says. False when `text` is no UTF-8; each bad byte is then
/// written as U+FFFD.
bool append_string(std::string& out, std::string_view text);
void append_integer(std::string& out, std::int64_t value);
/// Appends what `write_canonical` gives for an object, which is not copied for it. Errors: as
/// `write_canonical`; `out` then ends anywhere.
[[nodiscard]] Result<void> append_canonical(std::string& out, const Object& object);

}  // namespace headroom::json
