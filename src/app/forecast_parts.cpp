#include "app/forecast_parts.hpp"

#include <utility>

namespace headroom::app {
namespace {

/// Beyond so many limits two weeks of half-hours are kept instead of four: 6 KB a point add up.
constexpr std::size_t limits_with_long_past_max = 100'000;

}  // namespace

agents::RetrainingOptions retraining_options(const ForecastSettings& settings) {
    agents::RetrainingOptions options;
    options.is_on = settings.train;
    options.hour = static_cast<int>(settings.retrain_hour);
    options.model = settings.model;
    options.history_days = static_cast<int>(settings.history_days);
    options.points_max = static_cast<std::size_t>(settings.train_points_max);
    options.train.region = settings.region == ForecastRegion::nl ? forecast::Region::netherlands
                                                                 : forecast::Region::england_and_wales;
    // Models of their own for every feeder would take hours; the night has other work.
    options.train.learn.own_series_max = 100;
    return options;
}

std::size_t half_hours_for(const grid::Network& network, std::size_t asked) {
    const bool is_usual = asked == features::half_hours_kept;
    return is_usual && network.limits().size() <= limits_with_long_past_max ? forecast::live_past_periods
                                                                            : asked;
}

Result<std::unique_ptr<agents::Retraining>> open_retraining(const std::filesystem::path& folder,
                                                            agents::RetrainingOptions options,
                                                            const RetrainingParts& parts) {
    Result<agents::ModelStore> store = agents::ModelStore::open(folder);
    if (!store) {
        return store.error();
    }
    auto retraining = std::make_unique<agents::Retraining>(
        agents::Retraining::Parts{parts.executor, parts.clock, parts.journal, parts.series, parts.network,
                                  parts.monitor, parts.registry, std::move(*store)},
        std::move(options));
    if (Result<void> started = retraining->start(); !started) {
        return Error{started.error().code, "forecast.model: " + started.error().message};
    }
    return retraining;
}

}  // namespace headroom::app
