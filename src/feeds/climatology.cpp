#include "feeds/climatology.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <numbers>

namespace headroom::feeds::climatology {
namespace {

constexpr double radians = std::numbers::pi / 180.0;

// Heathrow 1991-2020, January to December: means of the daily highest and lowest.
constexpr std::array<double, 12> highest_c{8.4,  9.0,  11.7, 15.0, 18.4, 21.6,
                                           23.9, 23.4, 20.2, 15.8, 11.5, 8.8};
constexpr std::array<double, 12> lowest_c{2.7, 2.8, 4.1, 6.0, 9.1, 12.0, 14.2, 14.1, 11.6, 8.8, 5.3, 3.1};
// Share of the clear sky's radiation that arrives: 0.25 + 0.5 n/N (Angstrom-Prescott) over its value for a
// cloudless sky, with the months' hours of sunshine n at Heathrow (61, 79, 125, 177, 208, 208, 218, 202, 157,
// 115, 71, 55) and hours of daylight N (259, 277, 366, 414, 482, 494, 496, 450, 379, 330, 267, 243).
constexpr std::array<double, 12> clearness{0.49, 0.52, 0.56, 0.62, 0.62, 0.61,
                                           0.63, 0.63, 0.61, 0.57, 0.51, 0.48};
constexpr double reference_lat = 51.5;
constexpr double kelvin_per_degree_north = 0.6;

/// Between the middles of two months.
double of_season(const std::array<double, 12>& months, UtcTime at) {
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(at)};
    const std::chrono::sys_days first{day.year() / day.month() / 1};
    const std::chrono::sys_days last{day.year() / day.month() / std::chrono::last};
    const double length = static_cast<double>((last - first).count() + 1);
    const double along = static_cast<double>((at - UtcTime{first}).count()) / 86.4e6 / length - 0.5;
    const auto month = static_cast<int>(static_cast<unsigned>(day.month())) - 1;
    const auto other = static_cast<std::size_t>((month + (along < 0.0 ? 11 : 1)) % 12);
    const double share = std::abs(along);
    return months[static_cast<std::size_t>(month)] * (1.0 - share) + months[other] * share;
}

struct Sun {
    double declination = 0.0;  // radians
    double solar_hour = 0.0;   // 12 at its highest
};

Sun sun_at(double lon, UtcTime at) {
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(at)};
    const UtcTime new_year{std::chrono::sys_days{day.year() / std::chrono::January / 1}};
    const double hour_of_year = static_cast<double>((at - new_year).count()) / 3.6e6;
    const double hour = std::fmod(hour_of_year, 24.0);
    const double gamma = 2.0 * std::numbers::pi / 365.0 * (hour_of_year / 24.0 - 0.5);
    const double declination = 0.006918 - 0.399912 * std::cos(gamma) + 0.070257 * std::sin(gamma) -
                               0.006758 * std::cos(2.0 * gamma) + 0.000907 * std::sin(2.0 * gamma) -
                               0.002697 * std::cos(3.0 * gamma) + 0.00148 * std::sin(3.0 * gamma);
    const double equation_min =
        229.18 * (0.000075 + 0.001868 * std::cos(gamma) - 0.032077 * std::sin(gamma) -
                  0.014615 * std::cos(2.0 * gamma) - 0.040849 * std::sin(2.0 * gamma));
    return {declination, hour + lon / 15.0 + equation_min / 60.0};
}

/// Temperature through the day: up from sunrise to three hours after noon, down from there to the next
/// sunrise.
double share_of_swing(double lat, const Sun& sun) {
    const double cosine = std::clamp(-std::tan(lat * radians) * std::tan(sun.declination), -1.0, 1.0);
    const double sunrise = 12.0 - std::acos(cosine) / radians / 15.0;
    constexpr double warmest = 15.0;
    const double since = std::fmod(sun.solar_hour - sunrise + 48.0, 24.0);
    const double rise = std::clamp(warmest - sunrise, 1.0, 23.0);
    const double phase = since < rise ? since / rise : 1.0 - (since - rise) / (24.0 - rise);
    return 0.5 - 0.5 * std::cos(std::numbers::pi * phase);
}

}  // namespace

double sine_of_sun_height(double lat, double lon, UtcTime at) {
    const Sun sun = sun_at(lon, at);
    const double angle = (sun.solar_hour - 12.0) * 15.0 * radians;
    return std::sin(lat * radians) * std::sin(sun.declination) +
           std::cos(lat * radians) * std::cos(sun.declination) * std::cos(angle);
}

WeatherStep typical_hour(double lat, double lon, UtcTime at) {
    const Sun sun = sun_at(lon, at);
    const double low = of_season(lowest_c, at);
    const double high = of_season(highest_c, at);
    const double north = kelvin_per_degree_north * (lat - reference_lat);
    // The mean of the hour before, as weather services give it.
    const double sine = std::max(0.0, sine_of_sun_height(lat, lon, at - minutes{30}));
    const double clear_sky = sine > 0.0 ? 1098.0 * sine * std::exp(-0.057 / sine) : 0.0;
    return {.at = at,
            .temperature_c = low + (high - low) * share_of_swing(lat, sun) - north,
            .apparent_temperature_c = {},
            .wind_m_per_s = {},
            .cloud_share = {},
            .radiation_w_per_m2 = clear_sky * of_season(clearness, at),
            .precipitation_mm = {},
            .snowfall_mm = {}};
}

std::vector<WeatherStep> typical_hours(double lat, double lon, UtcTime from, UtcTime until) {
    std::vector<WeatherStep> out;
    for (UtcTime at = from; at < until; at += hours{1}) {
        out.push_back(typical_hour(lat, lon, at));
    }
    return out;
}

}  // namespace headroom::feeds::climatology
