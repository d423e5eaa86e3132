#include "sim/profiles/weather.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace headroom::sim {
namespace {

constexpr Minute reference_hour = 18;
constexpr std::uint64_t weather_entity = 1;
constexpr std::uint64_t weather_stream = 11;
constexpr double noise_c = 0.5;
constexpr Minute noise_span = 360;
constexpr double daily_swing_c = 1.6;
constexpr Minute warmest_minute = 14 * 60;

/// Degrees above the cold evening, so many days before it.
constexpr std::array<double, 17> warmer_before_c{0.0, 2.4, 4.2, 5.4, 6.2, 6.8, 7.2, 7.0, 7.6,
                                                 7.9, 7.5, 8.1, 8.4, 8.0, 8.6, 8.9, 8.5};
/// The same for the days after it.
constexpr std::array<double, 8> warmer_after_c{0.0, -0.4, 0.3, 1.5, 3.0, 4.5, 6.0, 7.0};

template <std::size_t count>
double along(const std::array<double, count>& steps, double days) {
    const double clamped = std::clamp(days, 0.0, static_cast<double>(count - 1));
    const auto below = static_cast<std::size_t>(clamped);
    const std::size_t above = std::min(below + 1, count - 1);
    return steps[below] + (steps[above] - steps[below]) * (clamped - static_cast<double>(below));
}

double daily_swing(Minute minute) {
    const auto since_warmest = static_cast<double>((minute - warmest_minute) % day_minutes);
    return daily_swing_c * std::cos(2.0 * std::numbers::pi * since_warmest / day_minutes);
}

}  // namespace

double lattice_noise(const Random& random, std::uint64_t entity, Minute minute, Minute span,
                     std::uint64_t stream) {
    // Four 16-bit uniforms added up: close to normal, cheap, and the same on every machine.
    const auto value = [&](Minute point) {
        const std::uint64_t bits = random.bits(entity, static_cast<std::uint64_t>(point), stream);
        const double sum = static_cast<double>((bits & 0xffffU) + ((bits >> 16U) & 0xffffU) +
                                               ((bits >> 32U) & 0xffffU) + (bits >> 48U));
        constexpr double mean = 2.0 * 65535.0;
        constexpr double deviation = 65535.0 * 0.57735026918962576;  // sqrt(4/12)
        return (sum - mean) / deviation;
    };
    const Minute point = minute >= 0 ? minute / span : -((span - 1 - minute) / span);
    const double share = static_cast<double>(minute - point * span) / static_cast<double>(span);
    const double here = value(point);
    if (share == 0.0) {
        return here;
    }
    return here + (value(point + 1) - here) * share;
}

Weather::Weather(Random random, UtcTime start, double outdoor_c)
    : random_(random),
      reference_(to_minute(UtcTime{std::chrono::floor<std::chrono::days>(start)}) + reference_hour * 60),
      reference_c_(outdoor_c - daily_swing(reference_)),
      noise_at_reference_(lattice_noise(random_, weather_entity, reference_, noise_span, weather_stream)) {}

double Weather::outdoor_c(Minute minute) const {
    const double days = static_cast<double>(minute - reference_) / day_minutes;
    const double trend = days <= 0.0 ? along(warmer_before_c, -days) : along(warmer_after_c, days);
    const double noise =
        lattice_noise(random_, weather_entity, minute, noise_span, weather_stream) - noise_at_reference_;
    return reference_c_ + trend + daily_swing(minute) + noise_c * noise;
}

}  // namespace headroom::sim
