#include "agents/event_rules.hpp"

namespace headroom::agents {

LimitForecast limit_forecast(const telemetry::PointRegistry& registry, const monitor::Monitor& monitor,
                             const risk::Overload& overload) {
    constexpr std::size_t median = 3;  // of forecast::quantiles
    constexpr std::size_t upper = 5;
    static_assert(forecast::quantiles[median] == 0.5 && forecast::quantiles[upper] == 0.9);
    LimitForecast out;
    const telemetry::PointRef point =
        registry.find(overload.feeder, overload.limit.quantity, overload.limit.phase);
    const std::optional<forecast::LoadForecast> newest =
        point == telemetry::no_point ? std::nullopt : monitor.forecast(point);
    bool is_whole = true;
    for (std::size_t slot = 0; newest && slot < overload.need.w.size(); ++slot) {
        const UtcTime at = overload.need.start + period_length * static_cast<std::int64_t>(slot);
        const std::int64_t row = (at - newest->start) / period_length;
        const bool is_gone = row == -1 && slot == 0;
        if ((row < 0 && !is_gone) || row >= static_cast<std::int64_t>(newest->load_w.size())) {
            return {};
        }
        is_whole = is_whole && !is_gone;
        const auto& load_w = newest->load_w[static_cast<std::size_t>(is_gone ? 0 : row)];
        out.median_w.push_back(load_w[median]);
        out.upper_w.push_back(load_w[upper]);
        out.rows_w.emplace_back(load_w.begin(), load_w.end());
    }
    if (!is_whole) {
        out.median_w.clear();
        out.upper_w.clear();
    }
    return out;
}

}  // namespace headroom::agents
