#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
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

/// The place of something in a list that runs from the newest to the oldest.
struct TimePlace {
    UtcTime at{};
    std::string id;
    auto operator<=>(const TimePlace&) const = default;

    /// "<ms>.<id>"
    [[nodiscard]] std::string cursor() const {
        return std::to_string(at.time_since_epoch().count()) + "." + id;
    }
    [[nodiscard]] static std::optional<TimePlace> read(std::string_view cursor) {
        const std::size_t dot = cursor.find('.');
        std::int64_t ms = 0;
        const char* const end = cursor.data() + std::min(dot, cursor.size());
        const auto [read, fault] = std::from_chars(cursor.data(), end, ms);
        if (dot == std::string_view::npos || fault != std::errc{} || read != end) {
            return std::nullopt;
        }
        return TimePlace{UtcTime{milliseconds{ms}}, std::string(cursor.substr(dot + 1))};
    }
};

/// The part of a short list that is asked for; the cursor is a position. Errors: `invalid`.
template <class T>
[[nodiscard]] Result<Page<T>> page_of_list(std::vector<T> all, const PageRequest& request) {
    std::size_t begin = 0;
    if (!request.cursor.empty()) {
        const char* const end = request.cursor.data() + request.cursor.size();
        const auto [read, fault] = std::from_chars(request.cursor.data(), end, begin);
        if (fault != std::errc{} || read != end || begin > all.size()) {
            return bad_cursor();
        }
    }
    const std::size_t count = std::min(request.limit, all.size() - begin);
    Page<T> page;
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(begin);
    page.items.assign(first, first + static_cast<std::ptrdiff_t>(count));
    if (begin + count < all.size()) {
        page.next = std::to_string(begin + count);
    }
    return page;
}

}  // namespace headroom::desk
