#pragma once

#include "agents/flex_orchestration.hpp"
#include "agents/grid_monitoring.hpp"
#include "agents/sources/iec104_source.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/settings_iec104.hpp"
#include "desk/quality.hpp"
#include "grid/network.hpp"
#include "telemetry/reading.hpp"

#include <memory>
#include <vector>

namespace headroom::app {

/// The stations of the settings with their mapping table; its points are made in `registry`. Reads the
/// mapping file, at most 64 MiB. None when no station is named.
///
/// Errors: as reading the file and `read_iec104_mapping`; `invalid` for a station without objects and for
/// objects of a station that the settings do not name.
[[nodiscard]] Result<std::vector<agents::Iec104Station>> iec104_stations(const Iec104SourceSettings& settings,
                                                                         const grid::Network& network,
                                                                         telemetry::PointRegistry& registry);

/// A source of these stations' readings that hands on to `monitoring` and shows itself in `quality`. What
/// their switches say becomes the operational state of their elements, on `executor`.
[[nodiscard]] std::unique_ptr<agents::Iec104Source> open_iec104(const asio::any_io_executor& executor,
                                                                agents::FlexOrchestration& orchestration,
                                                                agents::GridMonitoring& monitoring,
                                                                telemetry::PointRegistry& registry,
                                                                DomainClock& clock, desk::Quality& quality,
                                                                std::vector<agents::Iec104Station> stations);

}  // namespace headroom::app
