#pragma once

// Shared by the files of FeederDesk.

#include "grid/quantity.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace headroom::desk {

/// In the order in which a feeder's phases are shown.
inline constexpr std::array<grid::Phase, 4> shown_phases{grid::Phase::l1, grid::Phase::l2, grid::Phase::l3,
                                                         grid::Phase::sum};

/// A rating or an energy that somebody stated; 0 stands for not stated.
inline std::optional<double> positive(double value) {
    return value > 0.0 ? std::optional(value) : std::nullopt;
}

/// A cursor that is a position. Nothing when it is none.
inline std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    return fault == std::errc{} && end == text.data() + text.size() && !text.empty() ? std::optional(value)
                                                                                     : std::nullopt;
}

}  // namespace headroom::desk
