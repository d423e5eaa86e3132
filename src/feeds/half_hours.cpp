#include "feeds/half_hours.hpp"

#include <algorithm>

namespace headroom::feeds {
namespace {

constexpr milliseconds apart_max = hours{3};

std::optional<double> between(const std::optional<double>& a, const std::optional<double>& b, double share) {
    return share == 0.0 ? a : a && b ? std::optional(*a + (*b - *a) * share) : std::nullopt;
}

}  // namespace

std::vector<WeatherStep> half_hourly(std::vector<WeatherStep> steps) {
    std::stable_sort(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    std::vector<WeatherStep> out;
    for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
        const WeatherStep& before = steps[i];
        const WeatherStep& after = steps[i + 1];
        const milliseconds apart = after.at - before.at;
        if (apart <= milliseconds{0} || apart > apart_max) {
            continue;
        }
        const UtcTime whole = floor_period(before.at);
        for (UtcTime at = whole == before.at ? whole : whole + period_length; at < after.at;
             at += period_length) {
            const double share =
                static_cast<double>((at - before.at).count()) / static_cast<double>(apart.count());
            out.push_back({.at = at,
                           .temperature_c = between(before.temperature_c, after.temperature_c, share),
                           .wind_m_per_s = between(before.wind_m_per_s, after.wind_m_per_s, share),
                           .cloud_share = between(before.cloud_share, after.cloud_share, share),
                           .radiation_w_per_m2 = after.radiation_w_per_m2});
        }
    }
    return out;
}

}  // namespace headroom::feeds
