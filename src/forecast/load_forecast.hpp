#pragma once

#include "core/time.hpp"
#include "telemetry/reading.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace headroom::forecast {

/// The quantiles every forecast carries, ascending.
inline constexpr std::array<double, 7> quantiles{0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95};
inline constexpr std::size_t quantile_count = quantiles.size();
/// Where the median stands among `quantiles`.
inline constexpr std::size_t median_index = quantile_count / 2;

enum class Method : std::uint8_t { ensemble, ridge, seasonal_naive, persistence, none };
[[nodiscard]] std::string_view to_string(Method method);

/// Why a forecast is not of the first choice: flags, so that a million forecasts carry no text.
enum class Fallback : std::uint8_t {
    none = 0,
    no_model = 1,       ///< no model has been trained yet
    other_schema = 2,   ///< the model was made for other features
    no_day_before = 4,  ///< a half-hour has no known day before it
    no_full_day = 8,    ///< the past has no full day
    no_newest = 16,     ///< the newest half-hours are unknown
    no_ensemble = 32,   ///< no ensemble has been trained or loaded yet
    short_past = 64,    ///< too little is known of the point for the ensemble
    old_past = 128,     ///< nothing new is known of the point
};
[[nodiscard]] constexpr Fallback operator|(Fallback a, Fallback b) {
    return static_cast<Fallback>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
/// The flags as a sentence; empty for none.
[[nodiscard]] std::string to_text(Fallback why);

/// One half-hour's load at each of `quantiles`, whole watts, ascending.
using QuantileRow = std::array<std::int32_t, quantile_count>;

/// The load expected at a point over half-hours to come. Whole watts, so that decisions made from it replay
/// bit for bit.
struct LoadForecast {
    telemetry::PointRef point = telemetry::no_point;
    UtcTime origin{};  ///< nothing later than this was known
    UtcTime start{};   ///< first half-hour, on the period grid
    Method method = Method::none;
    std::string reason;  ///< why a fallback was used; empty for the first choice
    std::string model;   ///< id of the ensemble that made it; empty for any other method
    /// shape [periods][quantile_count], import-positive, not crossing; empty when method is none
    std::vector<QuantileRow> load_w;
};

}  // namespace headroom::forecast
