#pragma once

#include "core/time.hpp"
#include "grid/network.hpp"
#include "monitor/monitor.hpp"
#include "telemetry/point_registry.hpp"

namespace headroom::app {

/// Gives every feeder's sum of the network sixteen days of made-up half-hours before `now`, and fits the
/// forecasters to them.
void warm_with_made_up_days(monitor::Monitor& monitor, const telemetry::PointRegistry& registry,
                            const grid::Network& network, UtcTime now);

/// How long it takes, of the monitor's time, until every forecast has been made a first time.
inline constexpr milliseconds first_forecasts_for = minutes{5} + seconds{5};

/// Ticks every five seconds up to and with `until`, until every forecast has been made, all horizons of it.
/// From then on each such tick makes one horizon of a sixtieth of the points.
void make_first_forecasts(monitor::Monitor& monitor, UtcTime until);

}  // namespace headroom::app
