#include "scenario/hazard.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace headroom::scenario {
namespace {

/// Logarithm of the return period of a depth, by straight lines through (0, 1 year) and the three anchors.
double log_years(double depth_mm, const std::array<double, 3>& anchors_mm) {
    constexpr double decade = 2.302585092994046;  // ln 10
    double from_mm = 0.0;
    double from = 0.0;
    double slope = 0.0;
    for (const double anchor_mm : anchors_mm) {
        slope = decade / (anchor_mm - from_mm);
        if (depth_mm <= anchor_mm) {
            break;
        }
        if (anchor_mm == anchors_mm.back()) {
            break;
        }
        from_mm = anchor_mm;
        from += decade;
    }
    return from + (depth_mm - from_mm) * slope;
}

double logistic(double x) {
    return 1.0 / (1.0 + std::exp(-x));
}

}  // namespace

double return_period_years(double day_mm, double hour_mm) {
    const double by_day = log_years(day_mm, {50.0, 80.0, 130.0});
    const double by_hour = log_years(hour_mm, {25.0, 45.0, 75.0});
    return std::exp(std::min(std::max(by_day, by_hour), 25.0));
}

double flood_probability(int flood_zone, double day_mm, double hour_mm) {
    // By zone 0 … 3: the return period at which the site is as likely wet as dry. Defences, drains and the
    // way water takes spread it.
    constexpr std::array<double, 4> even_years{900.0, 2000.0, 300.0, 60.0};
    constexpr double spread = 0.8;
    const double years = return_period_years(day_mm, hour_mm);
    const double even = even_years[static_cast<std::size_t>(std::clamp(flood_zone, 0, 3))];
    return logistic((std::log(years) - std::log(even)) / spread);
}

double storm_probability(ThermalKind kind, double wind_m_per_s) {
    // Faults on overhead lines multiply once gusts (about 1.6 times the hourly mean inland) pass some 30 m/s.
    constexpr double gust_factor = 1.6;
    const double gust = gust_factor * wind_m_per_s;
    const double line = std::max(0.0, logistic((gust - 42.0) / 4.5) - logistic(-42.0 / 4.5));
    return kind == ThermalKind::overhead_line ? line : 0.05 * line;
}

RiskLevel level_of_outage(double probability) {
    return probability >= 0.5    ? RiskLevel::critical
           : probability >= 0.25 ? RiskLevel::high
           : probability >= 0.1  ? RiskLevel::medium
                                 : RiskLevel::low;
}

}  // namespace headroom::scenario
