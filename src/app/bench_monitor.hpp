#pragma once

#include "core/json.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace headroom::app {

struct BenchMonitorOptions {
    std::filesystem::path dir;       ///< for the snapshot
    int runs = 5;                    ///< measured rounds of each figure, at least five
    std::size_t points = 1'000'000;  ///< feeders that send, each with its own limit
    std::size_t threads = 2;
    std::string only;  ///< growth, each or restart; empty: all of them
};

/// Measures the hot path in this process from JSON bytes on: `threads` threads decode arrays of a hundred
/// readings in random order of feeders, then as many shards take them in; forecasts are refreshed one horizon
/// at a time at a tick per round; a feeder sends every five seconds of event time. Every reading is
/// validated, judged, placed in its ring and half-hour and held against its limit.
///
/// `monitor.readings_per_s`; `monitor.cpu_ns_per_reading` (processor time of all threads);
/// `monitor.bare_readings_per_s`, `monitor.bare_cpu_ns_per_reading`: a bare parse of the same bytes and a
/// minimal update of a record by the same number of threads, as the limit beside them;
/// `monitor.readings_per_s_inference_each`: with a hundred trees over the streaming features asked at every
/// reading; `monitor.forecasts_per_s`: forecasts of one point and horizon; `monitor.bytes_per_feeder`: by the
/// allocator's books, registry and everything included, with a ring of sixteen days, and
/// `monitor.bytes_per_feeder_day_ring` with one of 54 half-hours; `monitor.ns_per_reading_1k|1m`: wall time;
/// `monitor.state_bytes_per_point`: by the monitor's own books; `monitor.warm_restart_1m_s`: a snapshot with
/// sixteen days of every feeder read back; `monitor.save_s`, `monitor.save_pause_ms`: how long readings
/// waited meanwhile. Answers `{"results":[…]}`, value = median. Errors: as those of the parts, `invalid` when
/// a reading is not taken.
[[nodiscard]] Result<json::Object> bench_monitor(const BenchMonitorOptions& options);

}  // namespace headroom::app
