#pragma once

#include "agents/grid_monitoring.hpp"
#include "core/metrics.hpp"
#include "desk/quality.hpp"

namespace headroom::app {

/// Lets `quality` hear of verdicts and of what doors refuse; batches are handed on by `on_used`.
void watch_quality(agents::GridMonitoring& monitoring, desk::Quality& quality);

/// Takes over counters and ages by source, findings by kind and coverage, for `/metrics`.
void refresh_quality_metrics(Metrics& metrics, const desk::Quality& quality);

}  // namespace headroom::app
