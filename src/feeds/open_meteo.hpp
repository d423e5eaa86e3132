#pragma once

#include "feeds/feed_request.hpp"
#include "feeds/feed_rows.hpp"
#include "feeds/weather.hpp"

namespace headroom::feeds::open_meteo {

/// Hourly weather of a place for the days from `first` to `last`. Shape: Open-Meteo `/v1/forecast`.
[[nodiscard]] FeedRequest hourly(double lat, double lon, Date first, Date last);
/// Its answer; times are UTC because the request asks for GMT. Errors: `invalid` when it is no such answer.
[[nodiscard]] Result<FeedValues<WeatherStep>> decode_hourly(std::string_view body);

}  // namespace headroom::feeds::open_meteo
