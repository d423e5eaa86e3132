#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace headroom {

/// `text` with its ASCII capitals made small, whatever the locale: as names, schemes and headers are compared
/// and searched. Other letters stay as they are.
[[nodiscard]] inline std::string small_letters(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return out;
}

}  // namespace headroom
