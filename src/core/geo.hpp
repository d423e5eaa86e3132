#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

namespace headroom {

struct GeoPoint {
    double lat = 0.0;  ///< degrees north
    double lon = 0.0;  ///< degrees east
};

/// Along a sphere of the Earth's mean radius (haversine); within half a per cent of the ellipsoid.
[[nodiscard]] inline double kilometres_between(GeoPoint a, GeoPoint b) {
    constexpr double earth_radius_km = 6371.0;
    constexpr double radians = std::numbers::pi / 180.0;
    const double up = std::sin((b.lat - a.lat) * radians / 2.0);
    const double along = std::sin((b.lon - a.lon) * radians / 2.0);
    const double h = up * up + std::cos(a.lat * radians) * std::cos(b.lat * radians) * along * along;
    return 2.0 * earth_radius_km * std::asin(std::min(1.0, std::sqrt(h)));
}

}  // namespace headroom
