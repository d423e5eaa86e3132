#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::desk {

inline constexpr std::size_t page_default = 100;
inline constexpr std::size_t page_max = 1000;

/// Which part of a list is asked for.
struct PageRequest {
    std::size_t limit = page_default;
    std::string cursor = {};  ///< empty: from the beginning; otherwise as an earlier page gave it, decoded
};

/// A part of a list and where the next one begins.
template <class T>
struct Page {
    std::vector<T> items = {};
    std::optional<std::string> next = {};  ///< nothing at the end
};

/// What a cursor that is none of ours is answered with.
[[nodiscard]] inline Error bad_cursor() {
    return {Errc::invalid, "the cursor is not one that this list gave out; begin again without it",
            "/cursor"};
}

}  // namespace headroom::desk
