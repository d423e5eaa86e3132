#pragma once

#include "agents/journal.hpp"
#include "agents/series_store.hpp"
#include "core/clock.hpp"
#include "core/metrics.hpp"
#include "core/settings.hpp"
#include "desk/recent_minutes.hpp"
#include "monitor/monitor.hpp"
#include "store/influx.hpp"
#include "telemetry/reading.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>

namespace headroom::app {

/// The series store of a control room.
struct SeriesOptions {
    agents::SeriesStoreOptions store;
    std::size_t minute_points = 5'000;
    std::optional<store::InfluxOptions> influx = std::nullopt;  ///< gets a copy of everything
};
[[nodiscard]] SeriesOptions series_options(const Settings& settings);

/// Errors: as `store::open_sqlite_series` and `store::make_influx_sink`.
[[nodiscard]] Result<std::unique_ptr<agents::SeriesStore>> open_series(const std::filesystem::path& file,
                                                                       const SeriesOptions& options);
/// What the store is filled from, besides the half-hours that the monitor hands on. All of it outlives the
/// store's use.
struct SeriesFeeds {
    asio::any_io_executor executor;
    DomainClock& clock;
    agents::Journal& journal;
    const monitor::Monitor& monitor;
    const telemetry::PointRegistry& registry;
    desk::RecentMinutes& minutes;
};
/// Minutes, predictions, overloads, actions and trades go to the store from now on; that it is away becomes
/// an alarm.
void feed_series(agents::SeriesStore& store, const SeriesOptions& options, const SeriesFeeds& feeds);
/// Takes over what the store has counted, and what never came to it.
void add_series_metrics(Metrics& metrics, const agents::SeriesStore& store,
                        const desk::RecentMinutes& minutes);
/// What waits is written and made durable; what cannot be is told. Blocking.
void finish_series(agents::SeriesStore& store);

}  // namespace headroom::app
