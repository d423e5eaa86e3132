#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace headroom::beckn {

/// The dialects that exist. "2.0.0" names two of them, which only the style of their keys tells apart.
enum class WireVersion : std::uint8_t { v09, v11, v2_rc1, v2_lts };
/// "0.9", "1.1", "2.0-rc1", "2.0"
[[nodiscard]] std::string_view to_string(WireVersion version);
/// Takes those and the full versions of 0.9 and 1.1 ("0.9.3", "1.1.0"); nothing for "2.0.0".
[[nodiscard]] std::optional<WireVersion> parse_wire_version(std::string_view text);

[[nodiscard]] constexpr bool is_v2(WireVersion version) {
    return version == WireVersion::v2_rc1 || version == WireVersion::v2_lts;
}

}  // namespace headroom::beckn
