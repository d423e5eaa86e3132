#pragma once

#include "feeds/weather.hpp"

#include <vector>

namespace headroom::feeds::climatology {

/// The name under which its values are shown: nothing was measured or forecast.
inline constexpr const char* source = "climatology";

/// A typical hour of the season in the lowlands of southern Great Britain, for where no weather service
/// answers: the daily mean and swing of air temperature from the averages of 1991 to 2020 at Heathrow (Met
/// Office, UK climate averages), read between the middles of the months; the lowest at sunrise, the highest
/// three hours after solar noon. Sunshine is what comes through an average sky: the clear sky of the sun's
/// height (Haurwitz 1945) times the month's clearness. Other latitudes are colder by 0.6 K for each degree
/// north of Heathrow's 51.5. No rain, no wind.
[[nodiscard]] WeatherStep typical_hour(double lat, double lon, UtcTime at);
/// Every hour of [from, until).
[[nodiscard]] std::vector<WeatherStep> typical_hours(double lat, double lon, UtcTime from, UtcTime until);

/// Sine of the sun's height over the horizon, below 0 at night. Source: NOAA solar equations, to about half a
/// degree.
[[nodiscard]] double sine_of_sun_height(double lat, double lon, UtcTime at);

}  // namespace headroom::feeds::climatology
