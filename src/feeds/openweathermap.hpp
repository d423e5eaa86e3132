#pragma once

#include "feeds/feed_request.hpp"
#include "feeds/feed_rows.hpp"
#include "feeds/weather.hpp"

namespace headroom::feeds::openweathermap {

/// Five days in steps of three hours. Shape: OpenWeatherMap `/data/2.5/forecast`, metric units.
[[nodiscard]] FeedRequest forecast(double lat, double lon);
/// Errors: `invalid` when it is no such answer.
[[nodiscard]] Result<FeedValues<WeatherStep>> decode_forecast(std::string_view body);

}  // namespace headroom::feeds::openweathermap
