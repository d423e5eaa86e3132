#pragma once

#include "grid/quantity.hpp"

#include <string_view>

namespace headroom::grid {

/// The unit of a quantity's values: "kW", "kvar", "kVA", "A", "V", "Hz", "°C", "%".
[[nodiscard]] std::string_view unit_of(Quantity quantity);

}  // namespace headroom::grid
