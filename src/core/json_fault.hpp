#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace headroom::json {

/// Where a text first breaks RFC 8259, and how.
struct TextFault {
    std::size_t offset = 0;  ///< bytes from the beginning
    std::string reason;
};

/// A slow second reading of a text that the fast reader refused, for the message; nothing when the text is
/// well-formed JSON. Numbers beyond the range of a double and depths over `depth_max` are faults too.
[[nodiscard]] std::optional<TextFault> find_fault(std::string_view text, std::size_t depth_max);

}  // namespace headroom::json
