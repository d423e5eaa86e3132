#pragma once

#include <cstdint>
#include <string_view>

namespace headroom::sim {

/// Kinds of customers that a feeder's load is summed from.
enum class CustomerClass : std::uint8_t { domestic, commercial };
inline constexpr int customer_classes = 2;
[[nodiscard]] std::string_view to_string(CustomerClass customer_class);

/// Mean load in kW of one customer of the class after diversity, at 5 °C outdoors, on a winter's day.
/// `local_minute` is minutes after local midnight (0…1439). Straight lines between half-hourly values.
[[nodiscard]] double class_load_kw(CustomerClass customer_class, bool is_working_day, int local_minute);

/// What the load of the class is multiplied by at this outdoor temperature: 1 at 5 °C, more when it is
/// colder.
[[nodiscard]] double temperature_factor(CustomerClass customer_class, double outdoor_c);

}  // namespace headroom::sim
