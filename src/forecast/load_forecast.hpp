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

enum class Method : std::uint8_t { ridge, seasonal_naive, persistence, none };
[[nodiscard]] std::string_view to_string(Method method);

/// The load expected at a point over half-hours to come. Whole watts, so that decisions made from it replay
/// bit for bit.
struct LoadForecast {
    telemetry::PointRef point = telemetry::no_point;
    UtcTime origin{};  ///< nothing later than this was known
    UtcTime start{};   ///< first half-hour, on the period grid
    Method method = Method::none;
    std::string reason;  ///< why a fallback was used; empty for the first choice
    /// shape [periods][quantile_count], import-positive, not crossing; empty when method is none
    std::vector<std::array<std::int32_t, quantile_count>> load_w;
};

}  // namespace headroom::forecast
