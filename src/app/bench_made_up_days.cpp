#include "app/bench_made_up_days.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace headroom::app {
namespace {

constexpr int made_up_days = 16;
constexpr milliseconds tick_step = seconds{5};

}  // namespace

void warm_with_made_up_days(monitor::Monitor& monitor, const telemetry::PointRegistry& registry,
                            const grid::Network& network, UtcTime now) {
    store::SeriesBlock block{.key = {},
                             .start = floor_period(now) - hours{24 * made_up_days},
                             .step = period_length,
                             .values = {}};
    for (std::size_t point = 0; point < registry.size(); ++point) {
        const telemetry::PointKey key = registry.key(static_cast<telemetry::PointRef>(point));
        if (key.phase != grid::Phase::sum || network.feeder(key.point_id) == nullptr) {
            continue;
        }
        block.values.clear();
        const auto base = static_cast<float>(80 + point % 60);
        for (int i = 0; i < made_up_days * 48; ++i) {
            const float hour = static_cast<float>(i % 48) / 2.0F;
            const float peak = std::max(0.0F, 1.0F - std::abs(hour - 18.0F) / 4.0F);
            const auto wobble = static_cast<float>((static_cast<std::size_t>(i) * 7 + point * 13) % 17);
            block.values.push_back(base * (1.0F + 0.6F * peak) + wobble);
        }
        monitor.warm(static_cast<telemetry::PointRef>(point), block);
    }
    monitor.train(now);
}

void make_first_forecasts(monitor::Monitor& monitor, UtcTime until) {
    for (UtcTime now = until - first_forecasts_for; now <= until; now += tick_step) {
        monitor.tick(now);
    }
}

}  // namespace headroom::app
