#pragma once

#include "rehearsal/rehearsal.hpp"

#include <string>
#include <string_view>

namespace headroom::rehearsal {

/// Text in HTML: & < > " escaped, control characters as blanks.
[[nodiscard]] std::string escape_html(std::string_view text);

// Pictures as inline SVG; colours are those of the report's style sheet. Empty when there is nothing to draw.

/// A bar per feeder, the worst first: overloads seen in time, late, missed, and needless purchases.
[[nodiscard]] std::string chart_of_feeders(const Rehearsal& rehearsal);
/// The share of readings below each quantile against what the quantile promises.
[[nodiscard]] std::string chart_of_coverage(const Rehearsal& rehearsal);
/// Two days about the overload that carried most energy: the load, the forecasts' band, the alarm, the limit.
[[nodiscard]] std::string chart_of_worst(const Rehearsal& rehearsal);
/// Estimated peaks of feeders without readings against their rating, hatched.
[[nodiscard]] std::string chart_of_unmonitored(const Rehearsal& rehearsal);

}  // namespace headroom::rehearsal
