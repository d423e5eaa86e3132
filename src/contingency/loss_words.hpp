#pragma once

#include "contingency/shelf_plan.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace headroom::contingency {

/// "12 kW": to the nearest kilowatt.
[[nodiscard]] std::string in_kw(std::int64_t watts);
/// Why there is no plan: nothing is known of the load, or it is out of service.
[[nodiscard]] std::string no_plan_words(const ShelfPlan& plan);
/// Why the loss is covered, partly covered or not.
[[nodiscard]] std::string cover_words(const ShelfPlan& plan, std::int64_t short_w);
/// How far a load is outside its forecast's band: above for a positive number, below for a negative one.
[[nodiscard]] std::string residual_words(std::string_view element, std::int64_t over_w);

}  // namespace headroom::contingency
