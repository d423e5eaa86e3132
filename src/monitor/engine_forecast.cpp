#include "monitor/engine.hpp"

#include <algorithm>
#include <utility>

namespace headroom::monitor {

Result<void> Monitor::Engine::serve(std::shared_ptr<const forecast::LiveModel> model) {
    if (model && context_.options.half_hours < forecast::live_past_periods) {
        return Error{Errc::unsupported, "model " + model->id() + " looks at " +
                                            std::to_string(forecast::live_past_periods) +
                                            " half-hours, of which only " +
                                            std::to_string(context_.options.half_hours) + " are kept"};
    }
    context_.live = std::move(model);
    context_.live_generation += 1;
    context_.tracking = {};
    for (const std::unique_ptr<Shard>& shard : shards_) {
        shard->serve_anew();
    }
    return {};
}

/// What the shards counted of the half-hour that is over moves the quantiles of the next ones.
void Monitor::Engine::follow_errors() {
    if (!context_.live) {
        return;
    }
    for (const std::unique_ptr<Shard>& shard : shards_) {
        context_.counts.add(shard->take_tracking_counts());
    }
    context_.tracking.follow(std::exchange(context_.counts, {}));
}

std::optional<forecast::LoadForecast> Monitor::Engine::forecast_ahead(telemetry::PointRef ref, UtcTime now,
                                                                      std::int64_t periods) const {
    const Place place = place_of(ref);
    if (place.is_none()) {
        return std::nullopt;
    }
    const std::int64_t reach = context_.live ? forecast::live_periods_max : forecast::periods_max;
    return shard_of(place).forecast_ahead(place.local(), features::period_index(now),
                                          std::clamp<std::int64_t>(periods, 1, reach));
}

std::uint64_t Monitor::Engine::forecasts_made() const {
    std::uint64_t made = 0;
    for (const std::unique_ptr<Shard>& shard : shards_) {
        made += shard->forecasts_made();
    }
    return made;
}

}  // namespace headroom::monitor
