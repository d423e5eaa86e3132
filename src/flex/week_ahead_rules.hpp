#pragma once

#include "core/reflect.hpp"

#include <cstdint>
#include <tuple>

namespace headroom::flex {

/// Whether overloads are looked for beyond the live forecasts, to be armed for days ahead.
struct WeekAheadRules {
    bool is_on = false;
    std::int64_t days = 7;           ///< how far ahead
    double review_minutes = 1440.0;  ///< how often one is weighed again until the live forecasts reach it
};

}  // namespace headroom::flex

namespace headroom {

template <>
struct Fields<flex::WeekAheadRules> {
    using T = flex::WeekAheadRules;
    static constexpr std::string_view name = "WeekAheadRules";
    static constexpr auto table =
        field_table(field("is_on", &T::is_on,
                          "Whether overloads are looked for from two days to a week ahead, to be armed for.",
                          {.required = false}),
                    field("days", &T::days, "How far ahead they are looked for.",
                          {.unit = "days", .minimum = 3, .maximum = 8, .required = false}),
                    field("review_minutes", &T::review_minutes,
                          "How often one is weighed again until the live forecasts reach it.",
                          {.unit = "min", .minimum = 1, .maximum = 10'080, .required = false}));
};

}  // namespace headroom
