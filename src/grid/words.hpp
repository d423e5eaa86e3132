#pragma once

#include "core/result.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace headroom::grid {

/// The values of an enumeration with their wire words.
template <class E, std::size_t N>
using Words = std::array<std::pair<E, std::string_view>, N>;

/// The word; a value outside the table is our own bug.
template <class E, std::size_t N>
[[nodiscard]] std::string_view word_of(const Words<E, N>& words, E value) {
    for (const auto& [candidate, word] : words) {
        if (candidate == value) {
            return word;
        }
    }
    HEADROOM_ASSERT(false && "a value without a word");
    return {};
}

/// The value whose word this is, exactly.
template <class E, std::size_t N>
[[nodiscard]] constexpr std::optional<E> value_of(const Words<E, N>& words, std::string_view text) {
    for (const auto& [value, word] : words) {
        if (word == text) {
            return value;
        }
    }
    return std::nullopt;
}

/// "a, b or c", for messages.
template <class E, std::size_t N>
[[nodiscard]] std::string listed(const Words<E, N>& words) {
    std::string text;
    for (std::size_t i = 0; i < N; ++i) {
        text += i == 0 ? "" : i + 1 == N ? " or " : ", ";
        text += words[i].second;
    }
    return text;
}

}  // namespace headroom::grid
