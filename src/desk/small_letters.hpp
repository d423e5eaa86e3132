#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace headroom::desk {

/// `text` in small letters, as ids and names are searched.
[[nodiscard]] inline std::string small_letters(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

}  // namespace headroom::desk
