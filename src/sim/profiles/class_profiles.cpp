#include "sim/profiles/class_profiles.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace headroom::sim {
namespace {

constexpr std::size_t half_hours = 48;
constexpr int half_hour_minutes = 30;
using Shape = std::array<double, half_hours>;

// Our own shapes: a home's two peaks, an office's and a shop's plateau. kW per customer.
constexpr Shape domestic_working{0.38, 0.33, 0.30, 0.28, 0.27, 0.26, 0.26, 0.26, 0.27, 0.29, 0.33, 0.40,
                                 0.52, 0.66, 0.80, 0.86, 0.80, 0.70, 0.62, 0.58, 0.56, 0.55, 0.55, 0.56,
                                 0.58, 0.59, 0.57, 0.55, 0.54, 0.55, 0.58, 0.68, 0.84, 1.00, 1.15, 1.27,
                                 1.32, 1.30, 1.22, 1.13, 1.04, 0.97, 0.91, 0.85, 0.77, 0.67, 0.56, 0.46};
constexpr Shape domestic_free{0.42, 0.37, 0.33, 0.30, 0.28, 0.27, 0.26, 0.26, 0.26, 0.27, 0.29, 0.33,
                              0.39, 0.48, 0.60, 0.71, 0.80, 0.86, 0.89, 0.89, 0.87, 0.86, 0.87, 0.89,
                              0.91, 0.90, 0.86, 0.82, 0.79, 0.78, 0.79, 0.85, 0.96, 1.07, 1.16, 1.22,
                              1.24, 1.21, 1.15, 1.08, 1.01, 0.96, 0.91, 0.86, 0.79, 0.70, 0.60, 0.50};
constexpr Shape commercial_working{0.90, 0.88, 0.87, 0.87, 0.87, 0.87, 0.88, 0.88, 0.89, 0.91, 0.95, 1.00,
                                   1.15, 1.50, 2.20, 2.90, 3.50, 3.90, 4.10, 4.20, 4.22, 4.25, 4.30, 4.30,
                                   4.22, 4.20, 4.25, 4.30, 4.32, 4.30, 4.25, 4.20, 4.20, 4.10, 3.90, 3.50,
                                   3.00, 2.60, 2.20, 1.90, 1.70, 1.50, 1.32, 1.20, 1.10, 1.02, 0.96, 0.92};
constexpr Shape commercial_free{0.85, 0.84, 0.84, 0.84, 0.84, 0.84, 0.84, 0.84, 0.85, 0.86, 0.88, 0.90,
                                0.95, 1.05, 1.20, 1.40, 1.60, 1.75, 1.85, 1.90, 1.95, 1.98, 2.00, 2.00,
                                1.98, 1.96, 1.95, 1.95, 1.92, 1.90, 1.85, 1.80, 1.72, 1.62, 1.50, 1.38,
                                1.28, 1.20, 1.14, 1.09, 1.05, 1.02, 0.99, 0.96, 0.93, 0.90, 0.88, 0.86};

constexpr double reference_c = 5.0;
/// Above this no customer heats.
constexpr double heating_ends_c = 15.0;

const Shape& shape_of(CustomerClass customer_class, bool is_working_day) {
    if (customer_class == CustomerClass::domestic) {
        return is_working_day ? domestic_working : domestic_free;
    }
    return is_working_day ? commercial_working : commercial_free;
}

}  // namespace

std::string_view to_string(CustomerClass customer_class) {
    return customer_class == CustomerClass::domestic ? "domestic" : "commercial";
}

double class_load_kw(CustomerClass customer_class, bool is_working_day, int local_minute) {
    const Shape& shape = shape_of(customer_class, is_working_day);
    const auto slot = static_cast<std::size_t>(local_minute / half_hour_minutes);
    const double share = static_cast<double>(local_minute % half_hour_minutes) / half_hour_minutes;
    const double here = shape[slot];
    const double next = shape[(slot + 1) % half_hours];
    return here + (next - here) * share;
}

double temperature_factor(CustomerClass customer_class, double outdoor_c) {
    const double per_degree = customer_class == CustomerClass::domestic ? 0.022 : 0.012;
    return 1.0 + per_degree * (reference_c - std::min(outdoor_c, heating_ends_c));
}

}  // namespace headroom::sim
