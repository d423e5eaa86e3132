#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace headroom::json {

/// Appends `text` in quotes, escaped as RFC 8785 says. False when `text` is no UTF-8; each bad byte is then
/// written as U+FFFD.
bool append_string(std::string& out, std::string_view text);
void append_integer(std::string& out, std::int64_t value);

}  // namespace headroom::json
