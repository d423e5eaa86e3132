#pragma once

#include <string_view>

namespace headroom::grid {

/// Armed for what an outlook shows, days ahead: an envelope allows it only where it names it.
inline constexpr std::string_view week_ahead_product = "week_ahead";

/// What an envelope may name as its product. Empty: armed and spot.
[[nodiscard]] constexpr bool is_envelope_product(std::string_view product) {
    return product.empty() || product == "armed" || product == "spot" || product == week_ahead_product;
}

}  // namespace headroom::grid
