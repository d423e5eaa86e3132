#pragma once

#include <cstddef>
#include <string_view>

namespace headroom {

/// The length of the well-formed UTF-8 character (RFC 3629: no surrogates, no overlong forms) at the front of
/// `text`; 0 when there is none.
[[nodiscard]] std::size_t utf8_character_length(std::string_view text);

/// How many bytes at the front of `text` are ASCII.
[[nodiscard]] std::size_t ascii_length(std::string_view text);
/// Whether all of `text` is well-formed UTF-8.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace headroom
