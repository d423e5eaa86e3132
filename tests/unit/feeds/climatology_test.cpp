#include "feeds/climatology.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace headroom::feeds::climatology {
namespace {

constexpr double lat = 51.48;
constexpr double lon = -0.45;

UtcTime at(const char* text) {
    return parse_utc(text).value();
}

struct Range {
    double low = 99.0;
    double high = -99.0;
};
Range day_of(const char* midnight) {
    Range range;
    for (const WeatherStep& step : typical_hours(lat, lon, at(midnight), at(midnight) + hours{24})) {
        range.low = std::min(range.low, step.temperature_c.value());
        range.high = std::max(range.high, step.temperature_c.value());
    }
    return range;
}

TEST(Climatology, TheMiddleOfAMonthHasItsAverages) {
    const Range july = day_of("2026-07-16T00:00:00Z");
    EXPECT_NEAR(july.low, 14.2, 0.4);
    EXPECT_NEAR(july.high, 23.9, 0.4);
    const Range january = day_of("2026-01-16T00:00:00Z");
    EXPECT_NEAR(january.low, 2.7, 0.4);
    EXPECT_NEAR(january.high, 8.4, 0.4);
}

TEST(Climatology, NoDayJumpsIntoTheNext) {
    double before = typical_hour(lat, lon, at("2025-12-31T00:00:00Z")).temperature_c.value();
    for (UtcTime hour = at("2025-12-31T01:00:00Z"); hour < at("2027-01-02T00:00:00Z"); hour += hours{1}) {
        const double now = typical_hour(lat, lon, hour).temperature_c.value();
        EXPECT_LT(std::abs(now - before), 2.0) << format_utc(hour);
        before = now;
    }
}

TEST(Climatology, TheSunStandsWhereItShould) {
    // At Greenwich, noon of the solstices: 90 - 51.48 ± 23.44 degrees.
    EXPECT_NEAR(sine_of_sun_height(51.48, 0.0, at("2026-06-21T12:02:00Z")), 0.8829, 0.005);
    EXPECT_NEAR(sine_of_sun_height(51.48, 0.0, at("2026-12-21T11:58:00Z")), 0.2602, 0.005);
    // Sunrise in London on 20 March 2026 is about 06:03 UTC; without refraction a few minutes later.
    EXPECT_NEAR(sine_of_sun_height(51.5, -0.12, at("2026-03-20T06:08:00Z")), 0.0, 0.01);
    EXPECT_EQ(typical_hour(lat, lon, at("2026-06-21T00:00:00Z")).radiation_w_per_m2, 0.0);
    EXPECT_GT(typical_hour(lat, lon, at("2026-06-21T12:30:00Z")).radiation_w_per_m2.value(), 450.0);
}

TEST(Climatology, TheNorthIsColder) {
    EXPECT_LT(typical_hour(57.0, -4.0, at("2026-01-16T15:00:00Z")).temperature_c.value(),
              typical_hour(lat, lon, at("2026-01-16T15:00:00Z")).temperature_c.value() - 2.0);
}

TEST(Climatology, ItsValuesAreBelievable) {
    for (UtcTime hour = at("2026-01-01T00:00:00Z"); hour < at("2027-01-01T00:00:00Z"); hour += hours{5}) {
        const auto [low, high] = believable_temperature_c(hour);
        const double c = typical_hour(58.0, -4.0, hour).temperature_c.value();
        EXPECT_TRUE(c > low && c < high) << format_utc(hour);
    }
}

}  // namespace
}  // namespace headroom::feeds::climatology
