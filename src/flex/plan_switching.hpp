#pragma once

#include "core/reflect.hpp"

#include <string>
#include <tuple>

namespace headroom::flex {

/// A way to move load by switching, as whoever knows the network says it.
struct PlanSwitching {
    std::string id = {};       ///< of the tie or the switch
    std::string detail = {};   ///< "close T-12, open S-3"
    double minutes = 0.0;      ///< from the decision until the load has moved
    double relief_kw = 0.0;    ///< in the slot where it is least
    std::string refused = {};  ///< why it may not be done; empty: it may
};

}  // namespace headroom::flex

namespace headroom {

template <>
struct Fields<flex::PlanSwitching> {
    using T = flex::PlanSwitching;
    static constexpr std::string_view name = "PlanSwitching";
    static constexpr auto table =
        field_table(field("id", &T::id, "Of the tie or the switch.", {.minimum = 1, .maximum = 128}),
                    field("detail", &T::detail, "What is done.", {.maximum = 500, .required = false}),
                    field("minutes", &T::minutes, "From the decision until the load has moved.",
                          {.unit = "min", .minimum = 0, .maximum = 100'000, .required = false}),
                    field("relief_kw", &T::relief_kw, "In the slot where it is least.",
                          {.unit = "kW", .minimum = 0, .maximum = 1e9}),
                    field("refused", &T::refused, "Why it may not be done; empty: it may.",
                          {.maximum = 500, .required = false}));
};

}  // namespace headroom
