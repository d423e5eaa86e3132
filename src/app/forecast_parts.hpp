#pragma once

#include "agents/retraining.hpp"
#include "core/settings_forecast.hpp"
#include "grid/network.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>

namespace headroom::app {

[[nodiscard]] agents::RetrainingOptions retraining_options(const ForecastSettings& settings);

/// Half-hours that the monitor keeps of a point: as many as the ensemble looks at where nobody has asked for
/// another number and the network is not so large that memory is short.
[[nodiscard]] std::size_t half_hours_for(const grid::Network& network, std::size_t asked);

/// What the retraining works with, but for its store.
struct RetrainingParts {
    asio::any_io_executor executor;
    DomainClock& clock;
    agents::Journal& journal;
    agents::SeriesStore& series;
    const grid::Network& network;
    monitor::Monitor& monitor;
    const telemetry::PointRegistry& registry;
};
/// Opens the models' folder and puts the champion, or the file that was named, in force. Errors: those of
/// `ModelStore::open` and `Retraining::start`.
[[nodiscard]] Result<std::unique_ptr<agents::Retraining>> open_retraining(const std::filesystem::path& folder,
                                                                          agents::RetrainingOptions options,
                                                                          const RetrainingParts& parts);

}  // namespace headroom::app
