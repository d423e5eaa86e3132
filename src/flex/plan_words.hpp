#pragma once

#include "flex/flex_plan.hpp"

#include <string>
#include <vector>

namespace headroom::flex::words {

/// "42 kW", "42.5 kW", "800 W".
[[nodiscard]] std::string power(Watts power);
/// "38.5 kWh"
[[nodiscard]] std::string energy(WattHours energy);
/// "12.34 GBP"
[[nodiscard]] std::string pounds(MicroPounds amount);
/// "17:00–18:30 UTC"
[[nodiscard]] std::string span(UtcTime start, UtcTime end);

/// Why this plan, in sentences for the operator, most important first. `plan` is complete but for these.
[[nodiscard]] std::vector<std::string> reasons(const PlanInput& input, const FlexPlan& plan);

}  // namespace headroom::flex::words
