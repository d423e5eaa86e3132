#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace headroom::copilot {

inline constexpr std::size_t untrusted_bytes_max = 200;

/// A text that others wrote (names of resources, catalogue notes, weather text, passages), fit to stand as a
/// JSON string in a prompt's data block: one line of at most `bytes_max` bytes without control, direction,
/// zero-width and tag characters, markup, code fences and addresses. It is data all the same: no rule of a
/// prompt depends on what this leaves.
[[nodiscard]] std::string as_data(std::string_view text, std::size_t bytes_max = untrusted_bytes_max);

/// What a model wrote, fit to be shown: plain text without control and direction characters, tags, images,
/// links and addresses, at most `bytes_max` bytes; line breaks stay.
[[nodiscard]] std::string as_shown(std::string_view text, std::size_t bytes_max);

}  // namespace headroom::copilot
